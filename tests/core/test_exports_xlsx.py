"""Workbooks, read back."""

import io
import zipfile
from datetime import date, datetime, time

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from core.exports.table import Column, Kind, Table
from core.exports.xlsx import CELL_CHARACTERS, TextTooLong, write_workbook

COLUMNS = [
    Column("名称", width=20),
    Column("数", Kind.NUMBER),
    Column("率", Kind.PERCENT),
    Column("日", Kind.DATE),
]
DANGEROUS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", '=cmd|"/c calc"!A1', '=HYPERLINK("http://x")']


def written(*tables: Table, footnote: str = "") -> tuple[io.BytesIO, list[Worksheet]]:
    target = io.BytesIO()
    write_workbook(tables, target, footnote=footnote)
    return target, list(load_workbook(target))


def rows_table(*rows: tuple[object, ...], **more: object) -> Table:
    return Table("清单", COLUMNS, rows, **more)


def test_values_keep_their_types_and_formats() -> None:
    at = datetime(2026, 1, 5, 9, 30, tzinfo=timezone.get_current_timezone())
    day, minute = date(2026, 1, 5), at.replace(tzinfo=None)
    _, (sheet,) = written(rows_table(("007", 1234, 0.461, date(2026, 1, 5)), ("乙", 0, None, at)))
    first, second = sheet[3], sheet[4]
    assert [cell.value for cell in first] == ["007", 1234, 0.461, datetime.combine(day, time.min)]
    assert [cell.number_format for cell in first][1:] == ["#,##0", "0.0%", "yyyy-mm-dd"]
    assert first[0].data_type == "s"
    assert [cell.value for cell in second] == ["乙", 0, None, minute]


def test_headings_are_frozen_and_repeat_on_paper() -> None:
    _, (sheet,) = written(rows_table(("甲", 1, 1, None)))
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A3", "$1:$2")
    assert sheet.column_dimensions["A"].width == 20
    assert [cell.value for cell in sheet[2]] == ["名称", "数", "率", "日"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula(text: str) -> None:
    """In cells, title, headings, notes and footnote alike."""
    table = Table(text, [Column(text)], [(text,)], note=text, total=(text,))
    target, (sheet,) = written(table, footnote=text)
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value]
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in cells] == [
        (text, "s", True)
    ] * 6
    with zipfile.ZipFile(target) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


def test_the_writer_alone_would_make_a_formula() -> None:
    """So the test above would see one: openpyxl takes a leading "=" for a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.active["A1"] = "=1+1"
    assert book.active["A1"].data_type == "f"


def test_characters_that_excel_refuses_are_left_out() -> None:
    _, (sheet,) = written(rows_table(("甲\x00\x0b乙\ufffe\uffff昇", 1, 1, None)))
    assert sheet["A3"].value == "甲乙昇"


def test_a_text_is_never_cut() -> None:
    longest = "长" * CELL_CHARACTERS
    _, (sheet,) = written(rows_table((longest, 1, 1, None)))
    assert sheet["A3"].value == longest
    with pytest.raises(TextTooLong):
        written(rows_table((longest + "了", 1, 1, None)))


def test_total_note_and_footnote_follow_the_rows() -> None:
    table = rows_table(("甲", 1, 1, None), total=("合计", 1, 1, None), note="说明")
    _, (sheet,) = written(table, footnote="张三 导出")
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == [
        "甲",
        "合计",
        "说明",
        "张三 导出",
    ]
    assert sheet["A4"].font.bold


def test_each_table_has_a_sheet_with_a_legal_name() -> None:
    _, sheets = written(
        Table("[甲]:*?/\\'", COLUMNS, []), Table("乙" * 40, COLUMNS, []), Table("'", COLUMNS, [])
    )
    assert [sheet.title for sheet in sheets] == ["甲", "乙" * 31, "Sheet"]


def test_a_row_of_the_wrong_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        written(rows_table(("甲", 1)))
