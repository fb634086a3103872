"""A list as data: what Excel, PDF and the screen all show."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """How a column's values are shown."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PERCENT = "percent"


@dataclass(frozen=True)
class Column:
    """One column: heading, kind, and width in characters."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 12


@dataclass(frozen=True)
class Table:
    """A titled list; ``rows`` may be an iterator and each row has a value per column."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    note: str = ""
