"""A year's notice as a workbook or as CSV: written to be filled in, and read back."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO

from django.conf import settings
from django.db.models import TextChoices
from openpyxl import Workbook

from core.calendar_year import YearDay, days_in, faults_of
from core.columns import Field, RowError, RowReader, in_order
from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.workbook import MAX_COLUMNS, Row, WorkbookError, clean_text, read_rows
from core.workdays import Calendar

DAY = Field("日期", "写成 2027-01-01 的样子；全年每一天一行，一天不能少，一天不能重。", width=14)
WEEKDAY = Field("星期", "只为看着方便，导入时不读。", optional=True, width=8)
WORKS = Field("是否工作日", "上班填「是」，放假填「否」；周末补班填「是」。", width=12)
NOTE = Field("说明", "如「春节」「春节调休」，可以不填。", optional=True, width=30)
FIELDS = (DAY, WEEKDAY, WORKS, NOTE)
MAX_ROWS = 400
MAX_LINES = 1_000  # of a CSV, the empty ones included
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
            content = _as_workbook(content)
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


### CSV


def _as_workbook(content: bytes) -> bytes:
    """The same cells as text in a workbook, which is then read like any other."""
    lines = list(_lines(content))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("CSV")
    for cells in lines:
        sheet.append([f"'{cell}" if cell.startswith("=") else cell for cell in cells])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _lines(content: bytes) -> Iterator[list[str]]:
    """Its lines as clean cells. Raises WorkbookError for what is no CSV, or too large."""
    if len(content) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise WorkbookError(f"文件超过 {limit} MB，请检查是不是选错了文件。")
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(_decoded(content)), strict=True), 1):
            if number > MAX_LINES or len(cells) > MAX_COLUMNS:
                raise WorkbookError(f"第 {number} 行起内容过多：一年最多 {MAX_ROWS} 行。")
            yield [clean_text(cell)[:200] for cell in cells]
    except csv.Error as error:
        raise WorkbookError(
            "CSV 文件格式有误，请用 Excel 或 WPS 另存为 .xlsx 后再上传。"
        ) from error


def _decoded(content: bytes) -> str:
    """UTF-8, or what Excel writes on a Chinese Windows."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise WorkbookError("CSV 文件读不出文字，请用 Excel 或 WPS 另存为 .xlsx 后再上传。")
