"""Writes tables as an Excel workbook, safely: text stays text whatever it begins with."""

from collections.abc import Iterator, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from core.exports.table import Column, Kind, Table

NUMBER_FORMATS = {Kind.NUMBER: "#,##0", Kind.DATE: "yyyy-mm-dd", Kind.PERCENT: "0.0%"}
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_FILL = PatternFill("solid", fgColor="F3E3E1")
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)


def write_workbook(tables: Sequence[Table], target: IO[bytes]) -> None:
    """Write each table to a sheet of its own, row by row, headings frozen."""
    book = Workbook(write_only=True)
    for table in tables:
        _write_sheet(book.create_sheet(_sheet_title(table.title)), table)
    book.save(target)


def _write_sheet(sheet: WriteOnlyWorksheet, table: Table) -> None:
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = "A3"
    sheet.append([_title_cell(sheet, table.title)])
    sheet.append([_head_cell(sheet, column) for column in table.columns])
    for row in table.rows:
        sheet.append(list(_cells(sheet, table.columns, row)))
    if table.note:
        sheet.append([_text_cell(sheet, table.note)])


def _cells(
    sheet: WriteOnlyWorksheet, columns: Sequence[Column], row: Sequence[object]
) -> Iterator[WriteOnlyCell]:
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, str):
            cell = _text_cell(sheet, value)
        else:
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = NUMBER_FORMATS.get(column.kind, "General")
        cell.border = _BORDER
        cell.alignment = _WRAPPED
        yield cell


def _text_cell(sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
    """A cell of type text: openpyxl would otherwise make a live formula of a leading "="."""
    cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"
    return cell


def _title_cell(sheet: WriteOnlyWorksheet, title: str) -> WriteOnlyCell:
    cell = _text_cell(sheet, title)
    cell.font = Font(bold=True, size=14)
    return cell


def _head_cell(sheet: WriteOnlyWorksheet, column: Column) -> WriteOnlyCell:
    cell = _text_cell(sheet, column.title)
    cell.font = Font(bold=True)
    cell.fill = _HEAD_FILL
    cell.border = _BORDER
    cell.alignment = _CENTRED
    return cell


def _sheet_title(title: str) -> str:
    return "".join(c for c in title if c not in r"[]:*?/\\")[:31] or "Sheet"
