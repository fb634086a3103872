"""The workbook of what goes to 12345: numbers there come back in it, and later results.

What waits to be assigned goes out without a number; a row that comes back with one hands it over
(domain §4.5).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.db.models import TextChoices

from core.columns import Field, Rejected, RowError, RowReader
from core.workbook import Row
from visits.choices import Matter

Key = TypeVar("Key", int, str)
MAX_ROWS = 1_000  # each is a step with its message, all in one transaction
NUMBER = Field("编号", "系统编的诉求编号", "12", width=8)
OUTSIDE = Field(
    "12345工单号", "待分派的填上就是转交，转过的不要改动", "LC20260001", True, 18, longest=40
)
CATEGORY = Field("类别", "转交时没有类别的要填", "水电气暖", True, 12, tuple(Matter.labels))
RESULT = Field("办理结果", "12345 反馈的结果，最多 1,000 字", "", True, 40, longest=1000)
BACK = Field("退回理由", "12345 不办、退回来的，写明理由", "", True, 30, longest=1000)
SHOWN = (  # of ours, for whoever reads the sheet; not read back
    Field("诉求", "", optional=True, width=48),
    Field("区域", "", optional=True, width=24),
    Field("转交日期", "", optional=True, width=12),
    Field("答复期限", "", optional=True, width=12),
)
FIELDS = (NUMBER, OUTSIDE, CATEGORY, *SHOWN, RESULT, BACK)
STEPS = {RESULT: "hotline_result", BACK: "hotline_back"}
HAND_OVER = "hotline"
_MATTERS = {matter.label: matter for matter in Matter}


class Fault(TextChoices):
    """What kind of mistake a row holds."""

    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    REPEATED = "repeated", "文件内重复"
    UNKNOWN = "unknown", "找不到这件诉求"
    MOVED = "moved", "已不在 12345"
    BOTH = "both", "结果和退回都填了"
    OUTSIDE = "outside", "工单号不一致"
    TAKEN = "taken", "工单号已有别的诉求"
    NOT_YET = "not_yet", "还没有转交"


@dataclass(frozen=True)
class Present:
    """An appeal as it stands: with 12345, or waiting to be assigned, or neither.

    ``outside``: the number it has there, or had; ``told``: what 12345 has said of it before.
    """

    key: int
    outside: str
    is_there: bool
    waits: bool = False
    has_category: bool = False
    told: frozenset[tuple[str, str]] = frozenset()  # step and text


@dataclass(frozen=True)
class Line:
    """One step that a row asks for."""

    key: int
    step: str
    note: str = ""
    number: str = ""
    category: str = ""


@dataclass
class Reading:
    """``known``: rows whose step has been taken; ``blank``: those without an answer so far."""

    lines: list[Line] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    known: int = 0
    blank: int = 0


def says_something(row: Row) -> bool:
    """Whether the row is one of an appeal, and not the remark under the list."""
    filled = {heading for heading, value in row.values.items() if value} | set(row.unreadable)
    return bool(filled - {NUMBER.heading}) or number_of(row) > 0


def number_of(row: Row) -> int:
    """The appeal's number; 0 where there is none."""
    text = str(row.values.get(NUMBER.heading, "")).removeprefix("诉求").removesuffix("号")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def outside_of(row: Row) -> str:
    """The number that the row gives it with 12345."""
    return str(row.values.get(OUTSIDE.heading, ""))


def read_lines(
    rows: Iterable[Row], present: Mapping[int, Present], taken: Mapping[str, int]
) -> Reading:
    """The steps of the rows without fault, and every fault of the others.

    ``taken``: by number with 12345, the key of the appeal that has it.
    """
    found = Reading()
    numbers: dict[int, int] = {}
    outside: dict[str, int] = {}
    for row in rows:
        reader = _LineReader(row, taken)
        reader.read(present, numbers, outside)
        found.errors += reader.errors
        if reader.errors:
            continue
        found.known += reader.is_known
        found.blank += not (reader.line or reader.is_known)
        if reader.line:
            found.lines.append(reader.line)
    return found


class _LineReader(RowReader):
    faults = Fault

    line: Line | None = None
    is_known = False

    def __init__(self, row: Row, taken: Mapping[str, int]) -> None:
        super().__init__(row)
        self.taken = taken

    def read(
        self, present: Mapping[int, Present], numbers: dict[int, int], outside: dict[str, int]
    ) -> None:
        appeal = self._appeal(present, numbers)
        given = self._outside(outside)
        notes = {STEPS[column]: text for column in STEPS if (text := self.text(column))}
        if len(notes) == len(STEPS):
            self._fault(BACK, Fault.BOTH, "办理结果和退回理由只能填一个")
        if appeal is None or self.errors:
            return
        for step, note in notes.items():
            self._tell(appeal, given, step, note)
        if given and not notes:
            self._hand_over(appeal, given)

    def _tell(self, appeal: Present, given: str, step: str, note: str) -> None:
        """What 12345 says of one that is there."""
        if appeal.is_there:
            self._check_outside(appeal, given)
            self.line = None if self.errors else Line(appeal.key, step, note)
        elif (step, note) in appeal.told:
            self.is_known = True
        elif appeal.outside:
            self._fault(NUMBER, Fault.MOVED, "已不在 12345，不能再登记结果。请打开这件诉求查看")
        else:
            why = "还没有转交 12345。请先只填工单号转交，有了结果再登记"
            self._fault(NUMBER, Fault.NOT_YET, why)

    def _hand_over(self, appeal: Present, given: str) -> None:
        """A number and nothing else: it goes there, unless it went under this very number."""
        if given == appeal.outside:
            self.is_known = appeal.waits  # it came back: 12345 gives it a new number
        elif appeal.is_there:
            self._check_outside(appeal, given)
        elif not appeal.waits:
            self._fault(NUMBER, Fault.MOVED, "已不在待分派，不能转 12345。请打开这件诉求查看")
        elif self.taken.get(given, appeal.key) != appeal.key:
            self._fault(OUTSIDE, Fault.TAKEN, "这个工单号已经登记在另一件诉求上，请核对")
        else:
            self._go(appeal, given)

    def _go(self, appeal: Present, given: str) -> None:
        category = self.meaning(CATEGORY, _MATTERS) or ""
        if not (category or appeal.has_category or self.errors):
            self._fault(CATEGORY, Fault.MISSING, "还没有类别，转交前要填；拿不准的填「其他」")
        if not self.errors:
            self.line = Line(appeal.key, HAND_OVER, number=given, category=category)

    def _appeal(self, present: Mapping[int, Present], numbers: dict[int, int]) -> Present | None:
        text = self.text(NUMBER)
        number = number_of(self.row)
        if not text:
            return None
        if number not in present:
            why = "这个编号的诉求不在待分派，也没有转交过 12345，或不在您的辖区"
            self._fault(NUMBER, Fault.UNKNOWN, why)
            return None
        self._once(NUMBER, number, numbers)
        return present[number]

    def _outside(self, outside: dict[str, int]) -> str:
        given = self.text(OUTSIDE)
        if given:
            self._once(OUTSIDE, given, outside)
        return given

    def _check_outside(self, appeal: Present, given: str) -> None:
        if given and given != appeal.outside:
            self._fault(OUTSIDE, Fault.OUTSIDE, f"转交时登记的工单号是「{appeal.outside}」")

    def _once(self, column: Field, value: Key, seen: dict[Key, int]) -> None:
        if value in seen:
            self._fault(column, Fault.REPEATED, f"和第 {seen[value]} 行相同，请只留一行")
        seen.setdefault(value, self.row.number)

    def _fault(self, column: Field, kind: Fault, text: str) -> None:
        self.reject(column.heading, Rejected(kind, text))
