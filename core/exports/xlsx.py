"""Writes tables as an Excel workbook, safely: text stays text whatever it begins with."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import IO, Any

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from core.exports.table import Column, Kind, Table

NUMBER_FORMATS = {Kind.NUMBER: "#,##0", Kind.DATE: "yyyy-mm-dd", Kind.PERCENT: "0.0%"}
HEAD_ROWS = 2  # the title and the headings
A4 = 9  # paper size in Excel's list
CELL_CHARACTERS = 32_767  # Excel's own limit
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# openpyxl lets these two pass; Excel then calls the file damaged.
_NONCHARACTERS = re.compile("[\ufffe\uffff\ud800-\udfff]")
_LINE = Side(style="thin", color="BFBFBF")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD_FILL = PatternFill("solid", fgColor="F3E3E1")
_WRAPPED = Alignment(vertical="center", wrap_text=True)
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)

Sheet = Any  # a write-only worksheet; its type stub lacks most of what it has


class TextTooLong(ValueError):
    """A text that Excel cannot hold in one cell; it would be cut."""


def write_workbook(tables: Sequence[Table], target: IO[bytes], *, footnote: str = "") -> None:
    """Write each table to a sheet of its own, row by row, headings frozen.

    ``footnote`` stands under every table: who took the list out, and when. Raises
    TextTooLong rather than cut a text.
    """
    book = Workbook(write_only=True)
    book.properties.creator = "遍访"
    try:
        for table in tables:
            _write_sheet(book.create_sheet(_sheet_title(table.title)), table, footnote)
        book.save(target)
    finally:  # a failure must not leave the sheets' temporary files open
        for sheet in book.worksheets:
            if not sheet.closed:
                sheet.close()


def _write_sheet(sheet: Sheet, table: Table, footnote: str) -> None:
    for number, column in enumerate(table.columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.freeze_panes = f"A{HEAD_ROWS + 1}"
    _set_up_print(sheet, wide=len(table.columns) > 7)
    sheet.append([_title_cell(sheet, table.title)])
    sheet.append([_head_cell(sheet, column) for column in table.columns])
    for row in table.rows:
        sheet.append(list(_cells(sheet, table.columns, row)))
    if table.total:
        sheet.append(list(_cells(sheet, table.columns, table.total, bold=True)))
    for line in filter(None, (table.note, footnote)):
        sheet.append([_text_cell(sheet, line)])


def _set_up_print(sheet: Sheet, *, wide: bool) -> None:
    sheet.print_title_rows = f"1:{HEAD_ROWS}"
    sheet.page_setup.paperSize = A4
    sheet.page_setup.orientation = "landscape" if wide else "portrait"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _cells(
    sheet: Sheet,
    columns: Sequence[Column],
    row: Sequence[object],
    *,
    bold: bool = False,
) -> Iterator[Cell]:
    for column, value in zip(columns, row, strict=True):
        if isinstance(value, str):
            cell = _text_cell(sheet, value)
        else:
            cell = WriteOnlyCell(sheet, _local(value))
            cell.number_format = NUMBER_FORMATS.get(column.kind, "General")
        cell.border = _BORDER
        cell.alignment = _WRAPPED
        if bold:
            cell.font = Font(bold=True)
        yield cell


def _local(value: Any) -> Any:
    """Excel knows no time zones: the wall clock of this installation."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.make_naive(value)
    return value


def _text_cell(sheet: Sheet, text: str) -> Cell:
    """A cell of type text: openpyxl would otherwise make a live formula of a leading "=".

    The quote prefix keeps it text when a person edits the cell.
    """
    if len(text) > CELL_CHARACTERS:
        raise TextTooLong(f"{len(text)} characters")
    clean = _NONCHARACTERS.sub("", ILLEGAL_CHARACTERS_RE.sub("", text))
    cell = WriteOnlyCell(sheet, clean)
    cell.data_type = "s"
    cell.quotePrefix = clean.startswith(FORMULA_STARTS)
    return cell


def _title_cell(sheet: Sheet, title: str) -> Cell:
    cell = _text_cell(sheet, title)
    cell.font = Font(bold=True, size=14)
    return cell


def _head_cell(sheet: Sheet, column: Column) -> Cell:
    cell = _text_cell(sheet, column.full_title)
    cell.font = Font(bold=True)
    cell.fill = _HEAD_FILL
    cell.border = _BORDER
    cell.alignment = _CENTRED
    return cell


def _sheet_title(title: str) -> str:
    return "".join(c for c in title if c not in r"[]:*?/\\")[:31].strip("'") or "Sheet"
