"""A draw that anybody can repeat. Pure: no Django, no database."""

from collections.abc import Iterable
from hashlib import sha256


def draw(seed: str, population: Iterable[int], percent: int) -> list[int]:
    """``percent`` of the keys, rounded up, in ascending order; always the same for a seed.

    The keys whose SHA-256 of "seed:key" is smallest are taken: a method that needs no
    particular programming language to be checked.
    """
    keys = sorted(set(population))
    number = -(-len(keys) * percent // 100)
    ranked = sorted(keys, key=lambda key: sha256(f"{seed}:{key}".encode()).digest())
    return sorted(ranked[:number])
