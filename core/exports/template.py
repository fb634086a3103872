"""Writes a workbook for people to fill in: headings, a line of hints, an example."""

from collections.abc import Iterable, Sequence
from typing import IO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from core.columns import Field
from core.workbook import EXAMPLE_MARK, HINT_MARK

TEXT_FORMAT = "@"  # Excel then leaves the digits of a code alone
FIRST_ROW = 4  # below headings, hints and example
_HEAD_FILL = PatternFill("solid", fgColor="F3E3E1")
_NOTE_FONT = Font(italic=True, color="6A665D")
_WRAPPED = Alignment(vertical="center", wrap_text=True)


def write_template(
    title: str,
    columns: Sequence[Field],
    target: IO[bytes],
    *,
    rows: int,
    filled: Iterable[Sequence[str]] = (),
) -> None:
    """Write the form; ``core.workbook`` passes over its hints and its example.

    ``filled`` are rows that are begun: the texts of the first columns.
    """
    book = Workbook()
    book.properties.creator = "遍访"
    sheet = book.worksheets[0]
    sheet.title = title
    for number, column in enumerate(columns, start=1):
        _write_column(sheet, get_column_letter(number), column, FIRST_ROW + rows)
    sheet["A2"].value = f"{HINT_MARK}：{columns[0].hint}"
    sheet["A3"].value = f"{EXAMPLE_MARK}：{columns[0].example}"
    for number, texts in enumerate(filled, start=FIRST_ROW):
        for place, text in enumerate(texts, start=1):
            cell = sheet.cell(number, place, text)
            cell.data_type = "s"  # a name that begins with "=" is no formula
            cell.number_format = TEXT_FORMAT
    sheet.row_dimensions[2].height = 36
    sheet.freeze_panes = f"A{FIRST_ROW}"
    book.save(target)


def _write_column(sheet: Worksheet, letter: str, column: Field, last_row: int) -> None:
    dimension = sheet.column_dimensions[letter]
    dimension.width = column.width
    dimension.number_format = TEXT_FORMAT
    for number, text in enumerate((column.heading, column.hint, column.example), start=1):
        cell = sheet[f"{letter}{number}"]
        cell.value = text
        cell.number_format = TEXT_FORMAT
        cell.alignment = _WRAPPED
        cell.font = Font(bold=True) if number == 1 else _NOTE_FONT
    sheet[f"{letter}1"].fill = _HEAD_FILL
    if column.options:
        _add_options(sheet, f"{letter}{FIRST_ROW}:{letter}{last_row}", column.options)


def _add_options(sheet: Worksheet, cells: str, options: Sequence[str]) -> None:
    choice = DataValidation(type="list", formula1=f'"{",".join(options)}"', allow_blank=True)
    choice.error = f"请从下拉列表中选择：{'、'.join(options)}"
    choice.showErrorMessage = True
    choice.add(cells)
    sheet.add_data_validation(choice)
