"""Reads CSV row by row: UTF-8 with or without a mark, or what Excel writes on Chinese Windows."""

import codecs
import csv
import io
from collections.abc import Iterator
from typing import IO

from core.sheets import values
from core.sheets.values import LAST_ROW, Line, Raw, Sheet, WorkbookError, column_name, is_filled

PIECE = 1024 * 1024
LONGEST_LINE = 256 * 1024  # characters; a register's row has a few hundred
csv.field_size_limit(LONGEST_LINE)  # of the whole process: the lines are cut before
DELIMITERS = ",\t;"
_OTHERS = (
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_SAVE = "请用 Excel 或 WPS 另存为「CSV UTF-8」或 .xlsx 后再上传。"


class TextBook:
    """A CSV file; its one sheet is called CSV. Raises WorkbookError."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.size = max(1, file.seek(0, 2))
        self.encoding = _encoding_of(file)
        self.sheets: list[Sheet] = [_TextSheet(self)]

    @property
    def share(self) -> float:
        return min(1.0, self.file.tell() / self.size)

    def close(self) -> None:
        """Nothing to close: the file belongs to who opened it."""


class _TextSheet:
    name = "CSV"
    is_hidden = False

    def __init__(self, book: TextBook) -> None:
        self.book = book

    def lines(self) -> Iterator[Line]:
        """Rows that hold anything, numbered as lines. Raises WorkbookError."""
        self.book.file.seek(0)
        text = io.TextIOWrapper(self.book.file, self.book.encoding, newline="")
        try:
            yield from self._rows(text)
        finally:
            text.detach()

    def _rows(self, text: io.TextIOWrapper) -> Iterator[Line]:
        lines = _Lines(text)
        reader = csv.reader(lines, delimiter=_delimiter(text), strict=True)
        begin, blank = 1, 0
        try:
            for cells in reader:
                found = _cells(cells, begin)
                blank += max(0, len(cells) - values.MAX_COLUMNS) + (not found)
                if blank > LAST_ROW:
                    raise WorkbookError(
                        f"CSV 到第 {begin} 行空行、空格子过多，请删除后再上传，没有读取。"
                    )
                if found:
                    yield Line(begin, found)
                begin = reader.line_num + 1
        except csv.Error as error:
            raise WorkbookError(
                f"CSV 第 {begin} 行起的引号没有成对，或有一格过长，没有读取。{_SAVE}"
            ) from error


class _Lines:
    """Lines of bearable length."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self.text, self.number = text, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self.text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if len(line) == LONGEST_LINE:
            raise WorkbookError(f"CSV 第 {self.number} 行过长，没有读取。{_SAVE}")
        return line


def _cells(cells: list[str], number: int) -> list[Raw]:
    found: list[Raw] = [cell or None for cell in cells]
    while found and not is_filled(found[-1]):
        found.pop()
    if len(found) > values.MAX_COLUMNS:
        column = column_name(values.MAX_COLUMNS)
        raise WorkbookError(f"CSV 第 {number} 行 {column} 列起有多余内容，请删除后再上传。")
    return found


def _delimiter(text: io.TextIOWrapper) -> str:
    """What stands most often in the first line."""
    first = text.readline(LONGEST_LINE)
    text.seek(0)
    return max(DELIMITERS, key=first.count)


def _encoding_of(file: IO[bytes]) -> str:
    """The encoding in which the whole file reads as text. Raises WorkbookError."""
    file.seek(0)
    head = file.read(4)
    if any(head.startswith(mark) for mark, _ in _OTHERS):
        raise WorkbookError(f"CSV 是 UTF-16 编码（Unicode 文本），没有读取。{_SAVE}")
    fault = _fault(file, "utf-8-sig")
    if not fault:
        return "utf-8-sig"
    if _fault(file, "gb18030"):
        raise WorkbookError(f"CSV {fault}读不出文字：既不是 UTF-8 也不是 GB18030。{_SAVE}")
    return "gb18030"


def _fault(file: IO[bytes], encoding: str) -> str:
    """The place of the first byte that is none of the encoding's; empty if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    file.seek(0)
    lines = 1
    while True:
        piece = file.read(PIECE)
        if b"\0" in piece:
            line = lines + piece[: piece.index(b"\0")].count(b"\n")
            raise WorkbookError(f"CSV 第 {line} 行里有空字节，文件已损坏或不是文本。{_SAVE}")
        try:
            decoder.decode(piece, final=not piece)
        except UnicodeDecodeError as error:
            line = lines + piece[: error.start].count(b"\n")
            return f"第 {line} 行"
        if not piece:
            return ""
        lines += piece.count(b"\n")
