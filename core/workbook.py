"""Reads an uploaded .xlsx into rows of clean values.

The container is judged before any parser sees it: size, signature, zip directory. What
comes out is text or dates; what cannot be read is told by row and column, in Chinese.
"""

import io
import re
import zipfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook

Value = str | date

MAX_ENTRIES = 500  # parts of the zip; an ordinary workbook has a dozen
MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # 20,000 rows of twenty columns unpack to about 25 MB
MAX_RATIO = 150  # spreadsheets shrink to a tenth, repetitive ones to a fiftieth
RATIO_MATTERS_BYTES = 4 * 1024 * 1024
MAX_COLUMNS = 60
MAX_CELLS = 4_000_000  # laid out by the parser, the empty ones included
LAST_ROW = 1_048_576  # of any worksheet; a higher number in the file is a lie
HEADING_ROWS = 10  # titles and notes may stand above the headings
EXACT_NUMBER = 10**15  # Excel keeps fifteen digits
HINT_MARK = "填写说明"
EXAMPLE_MARK = "示例"

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED_PART = "EncryptedPackage".encode("utf-16-le")
_REQUIRED_PARTS = ("[Content_Types].xml", "xl/workbook.xml")
_HALF_WIDTH: dict[int, int | str] = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()
}
_HALF_WIDTH |= {ord("（"): "(", ord("）"): ")", ord("－"): "-"}
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]"
)
_SPACES = re.compile(r"\s+")


class WorkbookError(ValueError):
    """Why a file cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Row:
    """One row: values by heading (blank cells are ""), and what could not be read."""

    number: int
    values: Mapping[str, Value]
    unreadable: Mapping[str, str]


@dataclass(frozen=True)
class _Headings:
    sheet: str
    row: int
    columns: Mapping[int, str]  # place in the row -> heading


class _Unreadable(ValueError):
    """One cell that holds no plain value."""


def read_rows(
    content: bytes, *, headings: Sequence[str], optional: Collection[str] = (), max_rows: int
) -> list[Row]:
    """The data rows below the row of headings, on the first sheet to be seen that has one.

    Hint and example rows of our own templates are passed over. Raises WorkbookError when
    the file, the headings or the number of rows is not acceptable.
    """
    check_container(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            return _read_book(book, headings, optional, max_rows)
        finally:
            book.close()
    except WorkbookError:
        raise
    except Exception as error:  # a parser on a stranger's bytes may raise anything
        raise WorkbookError(
            "文件打不开，内容已损坏。请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后再上传。"
        ) from error


def check_container(content: bytes) -> None:
    """Refuse what is no plain .xlsx, or would unpack beyond all measure."""
    limit = settings.UPLOAD_MAX_BYTES
    if len(content) > limit:
        raise WorkbookError(f"文件超过 {limit // 1024 // 1024} MB，请拆分成几个文件后再上传。")
    if not content.strip(b"\0"):
        raise WorkbookError("文件里没有内容（全是空字节），可能没有传完。请重新选择文件上传。")
    if content.startswith(_OLE):
        raise WorkbookError(_ole_text(content))
    if not content.startswith(_ZIP):
        raise WorkbookError("这不是 Excel 工作簿。请用 Excel 或 WPS 另存为 .xlsx 后再上传。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _check_parts(archive.infolist(), len(content))
    except (zipfile.BadZipFile, UnicodeDecodeError, NotImplementedError) as error:
        raise WorkbookError("文件不完整或已损坏，请重新保存后再上传。") from error


def _ole_text(content: bytes) -> str:
    if _ENCRYPTED_PART in content:
        return "文件设有打开密码。请在 Excel 里取消密码（文件→信息→保护工作簿）后再上传。"
    return "这是旧版 .xls 工作簿（或别的旧版文档），请另存为 .xlsx 后再上传。"


def _check_parts(parts: Sequence[zipfile.ZipInfo], packed: int) -> None:
    names = {part.filename for part in parts}
    unpacked = sum(part.file_size for part in parts)
    if any(part.flag_bits & 1 for part in parts):
        raise WorkbookError("文件加了密码，请取消密码后再上传。")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise WorkbookError("文件带有宏。请另存为不含宏的「Excel 工作簿（.xlsx）」后再上传。")
    if any(part not in names for part in _REQUIRED_PARTS):
        raise WorkbookError("文件不是 .xlsx 工作簿（可能只是改了后缀），请另存为 .xlsx 后再上传。")
    too_dense = unpacked > RATIO_MATTERS_BYTES and unpacked > packed * MAX_RATIO
    if len(parts) > MAX_ENTRIES or unpacked > MAX_UNPACKED_BYTES or too_dense:
        raise WorkbookError(
            "文件解开后过大，没有读取。请把要导入的数据复制到新建的工作簿里，再上传。"
        )


def _read_book(
    book: Workbook, headings: Sequence[str], optional: Collection[str], max_rows: int
) -> list[Row]:
    wanted = {_heading_key(heading): heading for heading in headings}
    seen = ""
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if book.worksheets and not shown:
        raise WorkbookError("工作簿里的工作表都被隐藏了。请取消隐藏要导入的那一张，再上传。")
    for sheet in shown:
        lines = _lines(sheet)
        found, empty = _find_headings(sheet.title, lines, wanted, optional)
        if found:
            return _data_rows(lines, found, headings[0], max_rows)
        seen = seen or ("" if empty else sheet.title)
    if not seen:
        raise WorkbookError("工作簿是空的，没有任何内容。请按模板填写后再上传。")
    raise WorkbookError(
        f"工作表「{seen}」的前 {HEADING_ROWS} 行里没有找到表头。"
        f"表头应有：{'、'.join(headings)}。请按模板填写后再上传。"
    )


def _lines(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    """Rows that hold anything, with their numbers; each cell is openpyxl's or None."""
    sheet.reset_dimensions()  # the file's own word about its size is not to be trusted
    laid_out = 0
    for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=LAST_ROW), start=1):
        if not cells:
            continue
        laid_out += len(cells)
        if laid_out > MAX_CELLS:
            raise WorkbookError(
                f"工作表「{sheet.title}」到第 {number} 行已占用过多单元格（多为空白格式）。"
                "请把要导入的数据复制到新建的工作簿里，再上传。"
            )
        if any(_is_filled(cell.value) for cell in cells):
            _refuse_far_columns(sheet.title, number, cells)
            yield number, cells[:MAX_COLUMNS]


def _refuse_far_columns(sheet: str, number: int, cells: Sequence[Any]) -> None:
    for place, cell in enumerate(cells[MAX_COLUMNS:], start=MAX_COLUMNS + 1):
        if _is_filled(cell.value):
            raise WorkbookError(
                f"工作表「{sheet}」第 {number} 行 {get_column_letter(place)} 列有多余内容，"
                "请删除后再上传。"
            )


def _is_filled(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or bool(value.strip()))


def _find_headings(
    sheet: str,
    lines: Iterator[tuple[int, Sequence[Any]]],
    wanted: Mapping[str, str],
    optional: Collection[str],
) -> tuple[_Headings | None, bool]:
    """The first row that holds at least two wanted headings; and whether there was no row."""
    empty = True
    for count, (number, cells) in enumerate(lines, start=1):
        empty = False
        texts = {place: _heading_text(cell) for place, cell in enumerate(cells)}
        hits = {p: wanted[_heading_key(t)] for p, t in texts.items() if _heading_key(t) in wanted}
        if len(set(hits.values())) >= min(2, len(wanted)):
            unknown = {p: t for p, t in texts.items() if t and p not in hits}
            _check_headings(f"工作表「{sheet}」第 {number} 行", hits, unknown, wanted, optional)
            return _Headings(sheet, number, hits), False
        if count == HEADING_ROWS:
            break
    return None, empty


def _check_headings(
    where: str,
    hits: Mapping[int, str],
    unknown: Mapping[int, str],
    wanted: Mapping[str, str],
    optional: Collection[str],
) -> None:
    present = list(hits.values())
    missing = [h for h in wanted.values() if h not in present and h not in optional]
    twice = sorted({heading for heading in present if present.count(heading) > 1})
    faults = []
    if missing:
        faults.append("缺少" + "".join(f"「{heading}」" for heading in missing))
    if unknown:
        named = (f"「{text}」（{get_column_letter(p + 1)} 列）" for p, text in unknown.items())
        faults.append("多出" + "".join(named))
    if twice:
        faults.append("重复" + "".join(f"「{heading}」" for heading in twice))
    if faults:
        found = "；".join(faults)
        raise WorkbookError(f"{where}的表头与模板不一致：{found}。请按模板改正后再上传。")


def _heading_text(cell: object) -> str:
    return clean_text(str(getattr(cell, "value", None) or "")).rstrip("*").strip()


def _heading_key(text: str) -> str:
    return _SPACES.sub("", clean_text(text))


def _data_rows(
    lines: Iterator[tuple[int, Sequence[Any]]], found: _Headings, marked: str, max_rows: int
) -> list[Row]:
    rows: list[Row] = []
    for number, cells in lines:
        row = _row(number, cells, found.columns)
        if str(row.values.get(marked, "")).startswith((HINT_MARK, EXAMPLE_MARK)):
            continue
        if len(rows) == max_rows or number > found.row + max_rows * 2:
            raise WorkbookError(
                f"工作表「{found.sheet}」第 {number} 行还有内容：一次最多导入 {max_rows:,} 行。"
                "请删除下方多余的内容，或拆分成几个文件后再上传。"
            )
        rows.append(row)
    if not rows:
        raise WorkbookError(
            f"工作表「{found.sheet}」第 {found.row} 行表头下面没有数据。请填写后再上传。"
        )
    return rows


def _row(number: int, cells: Sequence[Any], columns: Mapping[int, str]) -> Row:
    values: dict[str, Value] = dict.fromkeys(columns.values(), "")
    unreadable: dict[str, str] = {}
    for place, cell in enumerate(cells):
        raw = cell.value
        if not _is_filled(raw):
            continue
        heading = columns.get(place)
        if heading is None:
            unreadable[f"{get_column_letter(place + 1)} 列"] = "这一列没有表头，请删除其中的内容"
            continue
        try:
            values[heading] = _clean(raw, cell.data_type)
        except _Unreadable as reason:
            unreadable[heading] = str(reason)
    return Row(number, values, unreadable)


def _clean(raw: object, data_type: str) -> Value:
    if data_type == "f":
        raise _Unreadable("是公式。请选中整列复制，再「选择性粘贴→数值」后上传")
    if data_type == "e":
        raise _Unreadable(f"是错误值 {raw}，请改成正确的内容")
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, int | float):
        return _number_text(raw)
    if isinstance(raw, datetime):
        return raw.date()
    if isinstance(raw, time | timedelta):
        raise _Unreadable("被 Excel 当成了时间。请把该列设为文本格式后重新填写")
    return clean_text(str(raw))


def _number_text(number: float) -> str:
    """Digits as a person typed them: Excel turns codes into floats."""
    if not abs(number) < EXACT_NUMBER:
        raise _Unreadable("是长数字，Excel 已丢掉末尾几位。请把该列设为文本格式后重新填写")
    return str(int(number)) if number == int(number) else repr(number)


def clean_text(text: str) -> str:
    """Full-width letters and digits made half-width, spaces trimmed, invisible marks gone."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text.translate(_HALF_WIDTH))).strip()
