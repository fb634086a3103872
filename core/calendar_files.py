"""A year's notice as a workbook or as CSV: written to be filled in, and read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.db.models import TextChoices

from core.calendar_year import YearDay, days_in, faults_of
from core.columns import Field, RowError, RowReader, in_order
from core.csv_files import as_workbook
from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.workbook import Row, WorkbookError, read_rows
from core.workdays import Calendar

DAY = Field("日期", "写成 2027-01-01 的样子；全年每一天一行，一天不能少，一天不能重。", width=14)
WEEKDAY = Field("星期", "只为看着方便，导入时不读。", optional=True, width=8)
WORKS = Field("是否工作日", "上班填「是」，放假填「否」；周末补班填「是」。", width=12)
NOTE = Field("说明", "如「春节」「春节调休」，可以不填。", optional=True, width=30)
FIELDS = (DAY, WEEKDAY, WORKS, NOTE)
MAX_ROWS = 400
WEEKDAYS = "一二三四五六日"


class Fault(TextChoices):
    """What may be wrong with a file."""

    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    TWICE = "twice", "日期重复"
    FOREIGN = "foreign", "不是这一年的日期"


class CalendarReader(RowReader):
    faults = Fault

    def read(self) -> YearDay | None:
        """The day; whether it is worked means nothing when there are errors."""
        day, works, note = self.day(DAY), self.yes(WORKS), self.text(NOTE)
        return YearDay(day, works, note) if day else None


@dataclass(frozen=True)
class Reading:
    """What a file says; ``days`` is the whole year when there are no ``faults``."""

    days: tuple[YearDay, ...] = ()
    faults: tuple[str, ...] = ()


def write_year(year: int, calendar: Calendar, notes: Mapping[date, str], target: IO[bytes]) -> None:
    """A workbook with every day of the year as the calendar has it now."""
    rows = (
        (
            day,
            WEEKDAYS[day.weekday()],
            "是" if calendar.is_workday(day) else "否",
            notes.get(day, ""),
        )
        for day in days_in(year)
    )
    columns = [
        Column(field.heading, Kind.DATE if field is DAY else Kind.TEXT, width=field.width)
        for field in FIELDS
    ]
    write_workbook([Table(f"{year}年工作日历", columns, rows)], target)


def read_year(year: int, *, name: str, content: bytes) -> Reading:
    """All days of the year, or all faults of the file, each with its row or its day."""
    try:
        if name.lower().endswith(".csv"):
            content = as_workbook(content, too_much=f"一年最多 {MAX_ROWS} 行")
        headings = [field.heading for field in FIELDS]
        optional = [field.heading for field in FIELDS if field.optional]
        rows = read_rows(content, headings=headings, optional=optional, max_rows=MAX_ROWS)
    except WorkbookError as problem:
        return Reading(faults=(str(problem),))
    return _read(year, rows)


def _read(year: int, rows: Sequence[Row]) -> Reading:
    days: dict[date, YearDay] = {}
    places: dict[date, int] = {}
    errors: list[RowError] = []
    for row in rows:
        reader = CalendarReader(row)
        found = reader.read()
        errors += reader.errors
        if found is None:
            continue
        if found.day.year != year:
            text = f"{found.day} 不在 {year} 年"
            errors.append(RowError(row.number, DAY.heading, Fault.FOREIGN, text))
        elif found.day in days:
            text = f"{found.day} 在第 {places[found.day]} 行已经有了"
            errors.append(RowError(row.number, DAY.heading, Fault.TWICE, text))
        else:
            days[found.day], places[found.day] = found, row.number
    faults = [f"第 {e.row} 行「{e.column}」：{e.text}。" for e in in_order(errors, FIELDS)]
    faults += faults_of(year, list(days.values()))
    return Reading(() if faults else tuple(days.values()), tuple(faults))
