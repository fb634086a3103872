"""Sharing work out: as even as it can be, and what lies side by side stays with one. Pure."""

from collections.abc import Sequence
from typing import TypeVar

Key = TypeVar("Key")
Person = TypeVar("Person")


def shares(keys: Sequence[Key], people: Sequence[Person]) -> list[tuple[Person, Sequence[Key]]]:
    """The keys cut into pieces in their order, one for each person, none longer by two.

    Where the keys come in the order of the villages, a village is cut at most between two
    people whose pieces meet in it.
    """
    size, longer = divmod(len(keys), len(people))
    found, start = [], 0
    for number, person in enumerate(people):
        end = start + size + (number < longer)
        found.append((person, keys[start:end]))
        start = end
    return found
