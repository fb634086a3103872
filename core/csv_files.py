"""CSV on its way in: made a workbook, so that one reader judges every file."""

import csv
import io
from collections.abc import Iterator

from django.conf import settings
from openpyxl import Workbook

from core.workbook import MAX_COLUMNS, WorkbookError, clean_text

MAX_LINES = 1_000  # the empty ones included


def as_workbook(content: bytes, *, too_much: str) -> bytes:
    """The same cells as text in a workbook, which is then read like any other.

    ``too_much``: told of a file with more than anybody fills in. Raises WorkbookError.
    """
    lines = list(_lines(content, too_much))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("CSV")
    for cells in lines:
        sheet.append([f"'{cell}" if cell.startswith("=") else cell for cell in cells])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _lines(content: bytes, too_much: str) -> Iterator[list[str]]:
    """Its lines as clean cells. Raises WorkbookError for what is no CSV, or too large."""
    if len(content) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
        raise WorkbookError(f"文件超过 {limit} MB，请检查是不是选错了文件。")
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(_decoded(content)), strict=True), 1):
            if number > MAX_LINES or len(cells) > MAX_COLUMNS:
                raise WorkbookError(f"第 {number} 行起内容过多：{too_much}。")
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
