"""What a check found, counted as the rows go by: a report stays small however long the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.columns import RowError
from core.masking import mask_name
from core.sheets.values import column_name, is_filled
from visits.choices import TargetKind
from visits.register.fields import KEY_OF, NAME_OF

if TYPE_CHECKING:
    from core.workbook import Read, Row

LISTED_PER_KIND = 500  # kept with the upload and shown; the marked copy has all


class Tally:
    """The figures of one upload and the first faults of every kind."""

    def __init__(self, kind: TargetKind) -> None:
        self.kind = kind
        self.rows = self.new = self.wrong = self.phones = self.hidden = 0
        self.sheets: list[str] = []
        self._columns: dict[str, object] = {}
        self.kinds: Counter[str] = Counter()
        self.likenesses: Counter[str] = Counter()
        self._errors: list[list[object]] = []
        self._warnings: list[list[object]] = []

    def note_columns(self, read: Read, *, by_hand: bool) -> None:
        """As what the columns of the first sheet are read; no text of the file is kept."""
        if not self._columns:
            named = [[column_name(place), name] for place, name in sorted(read.columns.items())]
            filled = (place for place, raw in enumerate(read.line.cells) if is_filled(raw))
            passed = [column_name(place) for place in filled if place not in read.columns]
            self._columns = {"by_hand": by_hand, "named": named, "passed": passed}

    def faults(self, row: Row, errors: Iterable[RowError]) -> None:
        """What is wrong with one row."""
        for error in errors:
            self.kinds[error.kind.value] += 1
            if self.kinds[error.kind.value] <= LISTED_PER_KIND:
                self._errors.append(self._listed(row, error))

    def warn(self, row: Row, error: RowError) -> None:
        """What one row resembles; nothing is refused for it."""
        self.likenesses[error.kind.value] += 1
        if self.likenesses[error.kind.value] <= LISTED_PER_KIND:
            self._warnings.append(self._listed(row, error))

    def report(self, problem: str = "") -> dict[str, object]:
        """The figures as JSON; what there is nothing of is left out."""
        further = {
            "phones": self.phones,
            "likenesses": dict(self.likenesses),
            "warnings": self._warnings,
            "hidden": self.hidden,
            "columns": self._columns,
            "sheets": self.sheets if len(self.sheets) > 1 else [],
        }
        return {
            "problem": problem,
            "rows": self.rows,
            "new": self.new,
            "known": self.rows - self.wrong - self.new,
            "wrong": self.wrong,
            "kinds": dict(self.kinds),
            "errors": self._errors,
        } | {name: value for name, value in further.items() if value}

    def _listed(self, row: Row, error: RowError) -> list[object]:
        """Row, column, kind, text, and what the row is known by: its code and masked name."""
        code, name = (str(row.values.get(h, "")) for h in (KEY_OF[self.kind], self._name))
        shown = mask_name(name) if self.kind == TargetKind.HOUSEHOLD else name
        sheet = row.sheet if self.sheets and row.sheet != self.sheets[0] else ""
        return [
            row.number,
            error.column,
            error.kind.value,
            error.text,
            code[:24],
            shown[:40],
            sheet,
        ]

    @property
    def _name(self) -> str:
        return NAME_OF.get(self.kind, "")
