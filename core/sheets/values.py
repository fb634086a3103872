"""What the readers give: rows of raw cells, and why a file cannot be read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

LAST_ROW = 1_048_576  # of any worksheet; a higher number in the file is a lie
LAST_COLUMN = 16_384
MAX_COLUMNS = 60
MAX_CELLS = 4_000_000  # that hold nothing but a format


class WorkbookError(ValueError):
    """Why a file cannot be read; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A cell that computes; ``shown`` is what it showed when it was saved."""

    shown: str


@dataclass(frozen=True, slots=True)
class ErrorValue:
    """A cell that shows #N/A or the like."""

    text: str


Raw = str | int | float | bool | date | datetime | time | timedelta | Formula | ErrorValue | None


class Line(NamedTuple):
    """One row that holds anything; ``cells`` ends with its last cell, blanks between are None."""

    number: int
    cells: list[Raw]
    hidden: bool = False


class Sheet(Protocol):
    """A table of a file. ``share`` tells how much of the file has been read, from 0 to 1."""

    name: str
    is_hidden: bool

    def lines(self) -> Iterator[Line]: ...


class Book(Protocol):
    sheets: list[Sheet]

    @property
    def share(self) -> float: ...

    def close(self) -> None: ...


def column_name(place: int) -> str:
    """A, B, …, XFD of a place that counts from 0."""
    name, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        name = chr(65 + letter) + name
    return name


def is_filled(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
