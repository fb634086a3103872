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


def falls_on(seed: str, key: str, one_in: int) -> bool:
    """Whether one key is among about every ``one_in``-th; always the same for a seed.

    For what has to be decided one by one, where nobody yet knows the others: the SHA-256 of
    "seed:key", read as a number, is divisible by ``one_in``. Who knows the key alone cannot tell.
    """
    return int.from_bytes(sha256(f"{seed}:{key}".encode()).digest()) % one_in == 0
