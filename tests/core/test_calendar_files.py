"""core.calendar_files: a year's notice as a workbook or CSV, and everything wrong with one."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from openpyxl import load_workbook

from core.calendar_files import FIELDS, read_year, write_year
from core.calendar_year import YearDay, days_in
from tests.core.workbooks import workbook
from tests.known_years import calendar

HEADINGS = [field.heading for field in FIELDS]
Rows = list[list[object]]


def rows(year: int = 2026) -> Rows:
    """The lines of a file that is as it should be."""
    known = calendar()
    return [[day, "", "是" if known.is_workday(day) else "否", ""] for day in days_in(year)]


def as_csv(lines: Rows, encoding: str = "utf-8-sig") -> bytes:
    text = "".join(",".join(map(str, line)) + "\r\n" for line in [HEADINGS, *lines])
    return text.encode(encoding)


def as_xlsx(lines: Rows) -> bytes:
    return workbook([HEADINGS, *lines])


WAYS: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "xlsx": ("2026.xlsx", as_xlsx),
    "csv": ("2026.CSV", as_csv),
    "csv of Excel": ("2026.csv", lambda lines: as_csv(lines, "gb18030")),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_whole_year_is_read(way: str) -> None:
    name, made = WAYS[way]
    found = read_year(2026, name=name, content=made(rows()))
    assert found.faults == ()
    assert [row.day for row in found.days] == days_in(2026)
    assert all(row.is_workday == calendar().is_workday(row.day) for row in found.days)


def test_what_is_downloaded_is_read_back() -> None:
    target = io.BytesIO()
    write_year(2026, calendar(), {date(2026, 10, 1): "国庆节"}, target)
    found = read_year(2026, name="a.xlsx", content=target.getvalue())
    assert found.faults == ()
    assert [row for row in found.days if row.note] == [YearDay(date(2026, 10, 1), False, "国庆节")]
    sheet = load_workbook(target).worksheets[0]
    assert [cell.value for cell in sheet[3]][1:3] == ["四", "否"]


@pytest.mark.parametrize("way", WAYS)
def test_every_fault_is_told_at_once_with_its_row_or_day(way: str) -> None:
    name, made = WAYS[way]
    lines = rows()
    lines[1][2] = "上班"  # row 3: no word that we know
    lines[2][2] = ""
    lines[3][0] = "1月4日"
    lines[4] = lines[5]
    lines[10][0] = date(2027, 1, 11)
    del lines[31 : 31 + 28]  # the whole of February
    lines[-1][3] = "长" * 81
    found = read_year(2026, name=name, content=made(lines))
    assert found.days == ()
    assert found.faults == (
        "第 3 行「是否工作日」：「上班」应为「是」或「否」。",
        "第 4 行「是否工作日」：必填，不能为空。合并过的单元格请取消合并后逐行填写。",
        "第 5 行「日期」：「1月4日」不是日期，请写成 2026-03-01 的样子。",
        "第 7 行「日期」：2026-01-06 在第 6 行已经有了。",
        "第 12 行「日期」：2027-01-11 不在 2026 年。",
        "第 338 行「说明」：有 81 个字，不能超过 80 个字。",
        "缺少1月4日至1月5日。",
        "缺少1月11日。",
        "缺少2月1日至2月28日。",
    )


def test_a_doubled_day_alone_is_refused() -> None:
    """Even when both lines say the same, and the second comes last."""
    found = read_year(2026, name="a.xlsx", content=as_xlsx([*rows(), rows()[0]]))
    assert found.faults == ("第 367 行「日期」：2026-01-01 在第 2 行已经有了。",)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.xlsx", b"", "没有内容"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 99, "不完整或已损坏"),
        ("a.pdf", b"%PDF-1.7", "不是 Excel 工作簿"),
        ("a.csv", b"", "没有任何内容"),
        ("a.csv", b"\x00\x01\xff\xfe", "读不出文字"),
        ("a.csv", "一,二\r\n".encode() * 2_000, "第 1001 行起内容过多"),
        ("a.csv", b"," * 70, "第 1 行起内容过多"),
        ("a.csv", "日期,别的\r\n2026-01-01,是".encode(), "没有找到表头"),
        ("a.csv", '日期,是否工作日\r\n"2026'.encode(), "CSV 文件格式有误"),
        ("a.csv", b"a" * (10 * 1024 * 1024 + 1), "超过 10 MB"),
        ("a.csv", ("日期,是否工作日\r\n" + "x" * 200_000).encode(), "不是日期"),
        ("a.csv", "日期,是否工作日\r\n=1+1,是\r\n".encode(), "不是日期"),
        ("a.csv", "日期,是否工作日\r\n2026-3-13800138000,是\r\n".encode(), "不是日期"),
        ("a.csv", "日期,是否工作日,姓名\r\n".encode(), "多出「姓名」"),
    ],
    ids=[
        *("empty", "broken", "pdf", "empty csv", "no text", "lines", "columns", "headings"),
        *("open quote", "size", "long cell", "formula", "long day", "a further column"),
    ],
)
def test_what_is_no_calendar_is_told(name: str, content: bytes, said: str) -> None:
    found = read_year(2026, name=name, content=content)
    assert found.days == ()
    assert said in found.faults[0]
