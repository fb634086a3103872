"""A copy of an uploaded table in which the faulty cells are marked, written row by row."""

import tempfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import IO, Any

import xlsxwriter
from xlsxwriter.exceptions import XlsxWriterException

from core.columns import RowError
from core.exports.xlsx import CELL_CHARACTERS, FORMULA_STARTS
from core.sheets.values import ErrorValue, Formula, Raw
from core.workbook import Read

PROBLEM = "问题"
COMMENTS = 2_000  # Excel grows slow with more; the last column tells every problem
_WRONG, _ALIKE = "#F8CECC", "#FFF2CC"


class MarkedCopy:
    """The rows and columns of the file in their places, cells with a fault in red, those of
    a warning in yellow, and what is the matter in a last column of its own.

    Whatever a cell held, text stays text: nothing is computed when the copy is opened. As a
    context manager: the workbook is in ``target`` when the block has ended well.
    """

    def __init__(self, target: IO[bytes], width: int) -> None:
        self.target, self.width = target, width
        self._sheets: dict[str, Any] = {}
        self._comments = 0

    def __enter__(self) -> "MarkedCopy":
        self._folder = tempfile.TemporaryDirectory()
        options = {"constant_memory": True, "tmpdir": self._folder.name}
        self._book = xlsxwriter.Workbook(self.target, options)
        self._formats = {
            (colour, kind): self._book.add_format(_look(colour, kind))
            for colour in ("", _WRONG, _ALIKE)
            for kind in ("", "text", "date", "moment")
        }
        self._head = self._book.add_format({"bold": True, "bg_color": _WRONG})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self._book.close()
            else:
                for sheet in self._book.worksheets():
                    sheet.row_data_fh.close()
                self._book.fileclosed = True
        finally:
            self._folder.cleanup()

    def line(self, read: Read, errors: Sequence[RowError], warnings: Sequence[RowError]) -> None:
        """One line, after the one before it."""
        sheet = self._sheet(read.sheet)
        number = read.line.number - 1
        told: dict[str, list[str]] = {}
        for each in (*errors, *warnings):
            told.setdefault(each.column, []).append(each.text)
        wrong = {error.column for error in errors}
        cells = [*read.line.cells, *[None] * (self.width - len(read.line.cells))]
        for place, raw in enumerate(cells):
            heading = read.columns.get(place, "")
            texts = told.get(heading) if read.row else None
            colour = "" if not texts else _WRONG if heading in wrong else _ALIKE
            self._cell(sheet, number, place, raw, colour)
            if texts and self._comments < COMMENTS:
                self._comments += 1
                sheet.write_comment(number, place, "；".join(texts)[:1000])
        if told:
            problem = "；".join(f"{column}：{'；'.join(texts)}" for column, texts in told.items())
            sheet.write_string(number, self.width, problem[:CELL_CHARACTERS])
        elif read.is_heading:
            sheet.write_string(number, self.width, PROBLEM, self._head)

    def _cell(self, sheet: Any, row: int, place: int, raw: Raw, colour: str) -> None:
        if raw is None:
            if colour:
                sheet.write_blank(row, place, None, self._formats[colour, ""])
        elif isinstance(raw, bool):
            sheet.write_boolean(row, place, raw, self._formats[colour, ""])
        elif isinstance(raw, int | float):
            sheet.write_number(row, place, raw, self._formats[colour, ""])
        elif isinstance(raw, datetime | date):
            timed = isinstance(raw, datetime) and bool(raw.hour or raw.minute or raw.second)
            form = self._formats[colour, "moment" if timed else "date"]
            sheet.write_datetime(row, place, raw, form)
        else:
            text = _text(raw)
            kind = "text" if text.startswith(FORMULA_STARTS) else ""
            sheet.write_string(row, place, text[:CELL_CHARACTERS], self._formats[colour, kind])

    def _sheet(self, name: str) -> Any:
        if name not in self._sheets:
            try:
                self._sheets[name] = self._book.add_worksheet(name)
            except XlsxWriterException:  # a name that Excel would not take
                self._sheets[name] = self._book.add_worksheet()
            self._sheets[name].set_column(self.width, self.width, 60)
        return self._sheets[name]


def _text(raw: str | Formula | ErrorValue | time | timedelta) -> str:
    """As it stands in the file; half a character, which no file holds, as a question mark."""
    if isinstance(raw, Formula):
        text = raw.shown
    else:
        text = raw.text if isinstance(raw, ErrorValue) else str(raw)
    return text.encode("utf-8", "replace").decode()


def _look(colour: str, kind: str) -> Mapping[str, object]:
    look: dict[str, object] = {"bg_color": colour} if colour else {}
    if kind == "text":
        look["quote_prefix"] = True
    if kind in {"date", "moment"}:
        look["num_format"] = "yyyy-mm-dd" if kind == "date" else "yyyy-mm-dd hh:mm"
    return look
