"""A year as twelve small tables, each day with a letter where it is not as its weekday says."""

from calendar import MONDAY
from calendar import Calendar as Weeks
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from core.workdays import is_weekday


class Row(Protocol):
    """A day of the table."""

    day: date
    is_workday: bool
    note: str
    source: str


@dataclass(frozen=True)
class Mark:
    """Why a day is as it is: the letter that stands beside its number, and the whole sentence."""

    letter: str
    kind: str
    text: str


@dataclass(frozen=True)
class Cell:
    """One day of a month."""

    day: date
    works: bool
    mark: Mark | None


@dataclass(frozen=True)
class Month:
    """One month by weeks from Monday; None stands for days of its neighbours."""

    number: int
    weeks: list[list[Cell | None]]

    @property
    def workdays(self) -> int:
        return sum(cell.works for week in self.weeks for cell in week if cell)


def marks_of(rows: Iterable[Row], statutory: Mapping[date, str]) -> dict[date, Mark]:
    """The marks of a year; of several rows of a day the last counts.

    ``statutory`` are the holidays of a year without a notice.
    """
    found = {day: Mark("休", "off", name) for day, name in statutory.items() if is_weekday(day)}
    return found | {row.day: _mark(row) for row in rows}


def _mark(row: Row) -> Mark:
    if row.source == "closure":
        return Mark("停", "closed", f"停工：{row.note}")
    letter, kind, word = ("班", "on", "补班") if row.is_workday else ("休", "off", "放假")
    return Mark(letter, kind, row.note or word)


def months_of(year: int, marks: Mapping[date, Mark]) -> list[Month]:
    weeks = Weeks(MONDAY)
    return [
        Month(
            month,
            [
                [_cell(day, marks.get(day)) if day.month == month else None for day in week]
                for week in weeks.monthdatescalendar(year, month)
            ],
        )
        for month in range(1, 13)
    ]


def _cell(day: date, mark: Mark | None) -> Cell:
    return Cell(day, mark.kind == "on" if mark else is_weekday(day), mark)
