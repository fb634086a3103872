"""Computed deadlines that follow the calendar: the kinds of them, and how many move."""

from collections.abc import Callable
from dataclasses import dataclass

from core.workdays import Calendar

Recompute = Callable[[Calendar], int]


@dataclass(frozen=True)
class Kind:
    """What an app computes, named and counted as in 「阶段任务 3 项」, and how it follows."""

    name: str
    measure: str
    recompute: Recompute


@dataclass(frozen=True)
class Moves:
    """How many deadlines moved, of each kind; as text 「阶段任务 3 项、诉求 2 件」."""

    counts: tuple[tuple[Kind, int], ...] = ()

    @property
    def total(self) -> int:
        return sum(count for _, count in self.counts)

    def __bool__(self) -> bool:
        return self.total > 0

    def __str__(self) -> str:
        return "、".join(
            f"{kind.name} {count} {kind.measure}" for kind, count in self.counts if count
        )


_kinds: list[Kind] = []


def recompute_with(recompute: Recompute, *, name: str, measure: str) -> None:
    """Say how an app's open deadlines follow the calendar; said once, when the app starts.

    The function gets the new calendar (``calendars.current()`` still is the old one), moves
    what is to be moved in the transaction under way, and returns how many deadlines it moved.
    """
    kind = Kind(name, measure, recompute)
    if kind not in _kinds:
        _kinds.append(kind)


def move(calendar: Calendar) -> Moves:
    """Let every kind of deadline follow the calendar, in the transaction under way."""
    return Moves(tuple((kind, kind.recompute(calendar)) for kind in _kinds))
