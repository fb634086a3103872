"""What a check found, as a page shows it: by kind, some rows at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from visits.choices import Fault, Likeness

PER_PAGE = 50
_LABELS = dict(Fault.choices) | dict(Likeness.choices)


@dataclass(frozen=True)
class Finding:
    """One line: where it is, what the row is known by, and what is the matter."""

    row: int
    column: str
    kind: str
    text: str
    code: str = ""
    name: str = ""
    sheet: str = ""

    @property
    def label(self) -> str:
        return _LABELS[self.kind]

    @property
    def place(self) -> str:
        """Where in its row, for a screen too narrow for columns."""
        return " ".join(filter(None, (self.code, self.name, self.column)))


@dataclass(frozen=True)
class FindingsPage:
    """A page of the findings of one kind, or of all. ``total`` counts all that there are,
    ``listed`` those that are kept with the upload."""

    kinds: Sequence[tuple[str, str, int]]  # value, label, number
    kind: str
    rows: Sequence[Finding]
    page: int
    pages: int
    listed: int
    total: int
    refuses: bool  # otherwise they are warnings

    @property
    def has_more(self) -> bool:
        return self.listed < self.total

    @property
    def before(self) -> int:
        return self.page - 1

    @property
    def after(self) -> int:
        return self.page + 1 if self.page < self.pages else 0


def findings_page(report: Mapping[str, Any], *, kind: str, page: str) -> FindingsPage:
    """The errors, or the warnings where nothing is refused; an unknown kind shows all."""
    refuses = bool(report.get("kinds"))
    numbers = report.get("kinds" if refuses else "likenesses", {})
    lines = [Finding(*line) for line in report.get("errors" if refuses else "warnings", [])]
    if kind in numbers:
        lines = [line for line in lines if line.kind == kind]
    else:
        kind = ""
    pages = max(1, -(-len(lines) // PER_PAGE))
    number = min(max(int(page), 1), pages) if page.isdecimal() and len(page) < 6 else 1
    return FindingsPage(
        kinds=[(each, _LABELS[each], count) for each, count in numbers.items()],
        kind=kind,
        rows=lines[(number - 1) * PER_PAGE : number * PER_PAGE],
        page=number,
        pages=pages,
        listed=len(lines),
        total=numbers[kind] if kind else sum(numbers.values()),
        refuses=refuses,
    )
