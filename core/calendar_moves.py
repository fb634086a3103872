"""Computed deadlines that follow the calendar: the kinds of them, and how many move."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.workdays import Calendar

Recompute = Callable[[Calendar], int]


@dataclass(frozen=True)
class Due:
    """A deadline as its readers know it: of what, of what part of it, and the day."""

    title: str
    note: str
    day: date


@dataclass(frozen=True)
class Shift:
    """A deadline that moves, and from which day."""

    due: Due
    before: date


Dues = Mapping[int, Due]
Show = Callable[[Any], Dues]


def _nothing(reader: Any) -> Dues:
    return {}


@dataclass(frozen=True)
class Kind:
    """What an app computes, named and counted as in 「阶段任务 3 项」, and how it follows.

    ``show``: the open deadlines that the reader may know, by their keys, if they are so few
    that each can be named.
    """

    name: str
    measure: str
    recompute: Recompute
    show: Show = _nothing


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


def recompute_with(recompute: Recompute, *, name: str, measure: str, show: Show = _nothing) -> None:
    """Say how an app's open deadlines follow the calendar; said once, when the app starts.

    The function gets the new calendar (``calendars.current()`` still is the old one), moves
    what is to be moved in the transaction under way, and returns how many deadlines it moved.
    """
    kind = Kind(name, measure, recompute, show)
    if kind not in _kinds:
        _kinds.append(kind)


def move(calendar: Calendar) -> Moves:
    """Let every kind of deadline follow the calendar, in the transaction under way."""
    return Moves(tuple((kind, kind.recompute(calendar)) for kind in _kinds))


def dues_shown_to(reader: Any) -> list[Dues]:
    """What can be named one by one, kind by kind, as it is in the transaction under way."""
    return [kind.show(reader) for kind in _kinds]


def shifts_between(before: list[Dues], after: list[Dues]) -> list[Shift]:
    """What moved from one such look to the next, by the new day."""
    found = [
        Shift(due, old[key].day)
        for old, new in zip(before, after, strict=True)
        for key, due in new.items()
        if key in old and old[key].day != due.day
    ]
    return sorted(found, key=lambda shift: (shift.due.day, shift.due.title))
