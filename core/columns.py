"""The columns of a workbook that people fill in, and the reading of one of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, ClassVar, TypeVar

if TYPE_CHECKING:
    from django.db.models import TextChoices

    from core.workbook import Row

Meaning = TypeVar("Meaning")


@dataclass(frozen=True)
class Field:
    """One column: its heading, and what the template says about it."""

    heading: str
    hint: str
    example: str = ""
    optional: bool = False
    width: int = 14
    options: tuple[str, ...] = ()
    longest: int = 80


@dataclass(frozen=True)
class RowError:
    """What is wrong with one cell."""

    row: int
    column: str
    kind: TextChoices
    text: str


def in_order(errors: Iterable[RowError], fields: Sequence[Field]) -> tuple[RowError, ...]:
    """The errors as somebody meets them who goes through the file."""
    places = {field.heading: place for place, field in enumerate(fields)}
    return tuple(
        sorted(errors, key=lambda error: (error.row, places.get(error.column, len(places))))
    )


class Rejected(ValueError):
    """One value that is not acceptable."""

    def __init__(self, kind: TextChoices, text: str) -> None:
        super().__init__(text)
        self.kind = kind
        self.text = text


class RowReader:
    """Reads one row, collecting the faults of all its cells.

    ``faults`` are the kinds of the file at hand; MISSING, FORMAT and UNREADABLE are among them.
    """

    faults: ClassVar[type[TextChoices]]

    def __init__(self, row: Row) -> None:
        self.row = row
        self.errors = [
            RowError(row.number, heading, self.faults["UNREADABLE"], reason)
            for heading, reason in row.unreadable.items()
        ]

    def reject(self, heading: str, why: Rejected) -> None:
        self.errors.append(RowError(self.row.number, heading, why.kind, why.text))

    def text(self, field: Field) -> str:
        """The cell as text; empty when it is refused."""
        value = self.row.values.get(field.heading, "")
        if not self.row.unreadable and isinstance(value, str) and 0 < len(value) <= field.longest:
            return value
        if self._is_blank(field):
            return ""
        if isinstance(value, date):
            shown = f"被 Excel 当成了日期（{value:%Y-%m-%d}）。请把该列设为文本格式后重新填写"
            return self._misfit(field, shown)
        if len(value) > field.longest:
            return self._misfit(field, f"有 {len(value)} 个字，不能超过 {field.longest} 个字")
        return value

    def day(self, field: Field) -> date | None:
        """The cell as a date, real or written as 2026-03-01, 2026/3/1 or 2026.3.1."""
        value = self.row.values.get(field.heading, "")
        if self._is_blank(field) or isinstance(value, date):
            return value or None  # type: ignore[return-value]
        parts = value.replace("/", "-").replace(".", "-").split("-")
        try:
            year, month, number = (int(part) for part in parts)
            return date(year, month, number)
        except (ValueError, OverflowError):
            self._misfit(field, f"「{value[:20]}」不是日期，请写成 2026-03-01 的样子")
            return None

    def meaning(self, field: Field, meanings: Mapping[str, Meaning]) -> Meaning | None:
        """What the text stands for; None when it is blank or refused."""
        text = self.text(field)
        if text and text not in meanings:
            options = "、".join(f"「{option}」" for option in field.options or meanings)
            self._misfit(field, f"「{text}」应为{options}之一")
        return meanings.get(text)

    def yes(self, field: Field) -> bool:
        text = self.text(field)
        if text not in {"", "是", "否"}:
            self._misfit(field, f"「{text}」应为「是」或「否」")
        return text == "是"

    def _is_blank(self, field: Field) -> bool:
        if field.heading in self.row.unreadable:
            return True
        blank = not self.row.values.get(field.heading, "")
        if blank and not field.optional:
            text = "必填，不能为空。合并过的单元格请取消合并后逐行填写"
            self.reject(field.heading, Rejected(self.faults["MISSING"], text))
        return blank

    def _misfit(self, field: Field, text: str) -> str:
        self.reject(field.heading, Rejected(self.faults["FORMAT"], text))
        return ""
