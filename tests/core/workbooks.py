"""Workbooks as a person, or an attacker, would send them."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

SHEET_PART = "xl/worksheets/sheet1.xml"


def workbook(
    rows: Iterable[Sequence[object]], change: Callable[[Worksheet], None] | None = None
) -> bytes:
    """A workbook of one sheet, 「Sheet」, with these rows from A1; text stays text."""
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    if change:
        change(sheet)
    return saved(book)


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def filled(template: bytes, rows: Iterable[Sequence[object]]) -> bytes:
    """A template as a person fills it in: rows appended below what it holds."""
    book = load_workbook(io.BytesIO(template))
    for row in rows:
        book.worksheets[0].append(list(row))
    return saved(book)


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """The same archive with one part replaced or added."""
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.infolist():
            if entry.filename != name:
                new.writestr(entry, old.read(entry.filename))
        new.writestr(name, part)
    return target.getvalue()
