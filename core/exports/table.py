"""A list as data: what Excel, PDF and the screen all show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum


class Kind(Enum):
    """How a column's values are shown."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    PERCENT = "percent"


@dataclass(frozen=True)
class Column:
    """One column: heading, kind, and width in characters.

    ``group`` is a heading over neighbouring columns; a column with a ``key`` can be
    sorted by on the screen.
    """

    title: str
    kind: Kind = Kind.TEXT
    width: int = 12
    group: str = ""
    key: str = ""

    @property
    def is_number(self) -> bool:
        return self.kind in {Kind.NUMBER, Kind.PERCENT}

    @property
    def full_title(self) -> str:
        """The heading where groups cannot be drawn."""
        return f"{self.group}{self.title}"


@dataclass(frozen=True)
class Cell:
    """One value as text, and whether it is aligned as a number."""

    text: str
    is_number: bool
    link: str = ""


@dataclass(frozen=True)
class Heading:
    """One heading as drawn: over how many columns and rows, and where a click sorts to."""

    title: str
    is_number: bool = False
    columns: int = 1
    rows: int = 1
    sort: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Table:
    """A titled list; ``rows`` may be an iterator and each row has a value per column.

    ``total`` is a last row that never moves; ``links`` are addresses for the first
    column, one per row, on the screen only; ``sort`` is the key it is sorted by, with a
    leading "-" when falling.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]
    note: str = ""
    total: Sequence[object] = ()
    links: Sequence[str] = ()
    sort: str = ""

    def sorted_by(self, sort: str) -> Table:
        """The rows in another order; a key that no column has changes nothing."""
        keys = [column.key for column in self.columns]
        key = sort.removeprefix("-")
        if not key or key not in keys:
            return self
        place = keys.index(key)
        rows = list(self.rows)
        pairs = list(zip(rows, self.links or [""] * len(rows), strict=True))
        known = [pair for pair in pairs if pair[0][place] is not None]
        known.sort(key=lambda pair: pair[0][place], reverse=sort.startswith("-"))  # type: ignore[arg-type, return-value]
        pairs = known + [pair for pair in pairs if pair[0][place] is None]
        return replace(
            self,
            rows=[row for row, _ in pairs],
            links=[link for _, link in pairs] if self.links else (),
            sort=sort,
        )

    def shown_rows(self) -> Iterator[list[Cell]]:
        """The rows as text, for the screen and the PDF."""
        for number, row in enumerate(self.rows):
            link = self.links[number] if self.links else ""
            cells = self._cells(row)
            yield [replace(cells[0], link=link), *cells[1:]]

    def shown_total(self) -> list[Cell]:
        return self._cells(self.total) if self.total else []

    def width_shares(self) -> list[str]:
        """Each column's part of the whole width, in percent, for a fixed layout."""
        whole = sum(column.width for column in self.columns)
        return [f"{column.width * 100 / whole:.2f}" for column in self.columns]

    def headings(self) -> list[list[Heading]]:
        """One row of headings, or two when some columns stand under a group."""
        if not any(column.group for column in self.columns):
            return [[self._heading(column) for column in self.columns]]
        upper: list[Heading] = []
        lower: list[Heading] = []
        before = ""
        for column in self.columns:
            if not column.group:
                upper.append(replace(self._heading(column), rows=2))
            elif column.group == before:
                upper[-1] = replace(upper[-1], columns=upper[-1].columns + 1)
            else:
                upper.append(Heading(column.group))
            if column.group:
                lower.append(self._heading(column))
            before = column.group
        return [upper, lower]

    def _heading(self, column: Column) -> Heading:
        now = self.sort if column.key and self.sort.removeprefix("-") == column.key else ""
        # Numbers are first wanted large to small, names in their order.
        first, second = column.key, f"-{column.key}"
        if column.is_number:
            first, second = second, first
        return Heading(
            column.title,
            is_number=column.is_number,
            sort=(second if now == first else first) if column.key else "",
            sorted=("descending" if now.startswith("-") else "ascending") if now else "",
        )

    def _cells(self, row: Sequence[object]) -> list[Cell]:
        return [
            Cell(text_of(value, column.kind), column.is_number)
            for column, value in zip(self.columns, row, strict=True)
        ]


def share(part: int, whole: int) -> float | None:
    """part/whole cut to a tenth of a percent, so that 100.0% means all of them.

    None when there is nothing to count.
    """
    return part * 1000 // whole / 1000 if whole else None


def text_of(value: object, kind: Kind) -> str:
    """A value as people read it; "—" where there is none."""
    if value is None or value == "":
        return "—"
    if kind is Kind.PERCENT and isinstance(value, int | float):
        return f"{value:.1%}"
    if kind is Kind.NUMBER and isinstance(value, int | float):
        return f"{value:,}"
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    return str(value)
