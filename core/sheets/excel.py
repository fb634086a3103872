"""Reads the worksheets of an .xlsx row by row.

A part is unpacked in pieces, cut behind the end of a row: nothing is ever laid out for more
than one piece, whatever the file says of its size. Cells in the shape that Excel and WPS
write are taken from a piece by one pattern; a piece that holds anything else is made a tree
by itself, at a fifth of the speed. A document type, and with it every entity, is refused
before the first row.
"""

import posixpath
import re
import zipfile
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import accumulate
from typing import IO, Any
from xml.etree import ElementTree as ET

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from core.sheets import values
from core.sheets.pieces import (
    DAMAGED,
    Piece,
    pieces,
    refuse_doctype,
    telling_damage,
    uncollected,
)
from core.sheets.values import (
    LAST_COLUMN,
    LAST_ROW,
    ErrorValue,
    Formula,
    Line,
    Raw,
    WorkbookError,
    column_name,
    is_filled,
)

LARGEST_TREE = 8 * 1024 * 1024  # bytes of a part that is read as a whole
LARGEST_TEXTS = 224 * 1024 * 1024  # bytes of all texts that cells share
MOST_TEXTS = 8_000_000  # six to each row of the largest register
LONG_TEXT = 4 * 1024  # bytes: no column takes as much
ROOMY_ROW = 16 * 1024  # bytes: sixty columns, all filled, take less
LARGEST_EXCESS = 12 * 1024 * 1024  # bytes beyond these two, in the whole book
LONGEST_FORMAT = 255  # Excel takes no longer number format

_TOO_LONG = (
    "文件里很多行过长（内容或空白格子过多），没有读取。"
    "请把要导入的数据复制到新建的工作簿里，再上传。"
)
_TOO_MANY_TEXTS = "文件里的文字过多，没有读取。请把要导入的数据复制到新建的工作簿里，再上传。"
_RELATION = re.compile(r"\{.*relationships\}id$")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DIGITS = "0123456789"
_TEXT = rb"<t(?: xml:space=\"preserve\")?>([^<&]*)</t>"
_PLAIN_STRING = re.compile(rb"<si>" + _TEXT + rb"</si>\s*|(.)", re.DOTALL)
_PLAIN_CELL = re.compile(  # a cell, or the beginning or the end of a row, or anything else
    rb"<c r=\"([A-Z]{1,3})\d+\"(?: s=\"(\d+)\")?(?: t=\"([a-zA-Z]+)\")?"
    rb"(?:/>|>(?:<v>([^<&]*)</v>|<is>" + _TEXT + rb"</is>)?</c>)"
    rb"|<row r=\"(\d+)\"([^<>]*)>|(</row>)|\s*(.)",
    re.DOTALL,
)
_PLACES = {column_name(place): place for place in range(LAST_COLUMN)}
_PLACES_RAW = {name.encode(): place for name, place in _PLACES.items()}
_Row = tuple[int, list[Raw], int, bool]  # number, cells, how many are laid out, hidden


class _Counted:
    """A part as it is unpacked; counts for all parts together."""

    def __init__(self, part: IO[bytes], book: "ExcelBook") -> None:
        self.part, self.book = part, book

    def read(self, size: int) -> bytes:
        piece = self.part.read(size)
        self.book.unpacked += len(piece)
        return piece


class _Strings:
    """The texts that cells share, packed: a city's register has millions.

    A text is there once and may be asked for by every cell, so what is given out is counted.
    """

    def __init__(self, book: "ExcelBook") -> None:
        self._text = bytearray()
        self._ends = array("Q", [0])
        self._book, self._given = book, 0

    def take(self, piece: "Piece") -> None:
        """Raises WorkbookError when they become too many."""
        with uncollected():
            texts = self._plain(piece) or [
                _text_of(item).encode("utf-8", "surrogatepass") for item in piece.tree()
            ]
        number, size = len(self._ends) + len(texts), len(self._text) + sum(map(len, texts))
        if number > MOST_TEXTS or size > LARGEST_TEXTS:
            raise WorkbookError(_TOO_MANY_TEXTS)
        begin = len(self._text)
        self._text += b"".join(texts)
        self._ends.extend(accumulate(map(len, texts), initial=begin))
        del self._ends[-len(texts) - 1]

    @staticmethod
    def _plain(piece: "Piece") -> list[bytes]:
        """None where anything is unusual."""
        if not piece.is_ordinary or b"_x" in piece.inner:
            return []
        found = _PLAIN_STRING.findall(piece.inner)
        return [] if any(other for _, other in found) else [text for text, _ in found]

    def __getitem__(self, place: int) -> str:
        """Raises WorkbookError when the cells make far more of the texts than the file holds."""
        ends = self._ends
        begin, end = ends[place], ends[place + 1]
        self._given += end - begin
        if self._given > self._book.most:
            raise WorkbookError(_TOO_LONG)
        if end - begin > LONG_TEXT:
            self._book.exceed(end - begin)
        return self._text[begin:end].decode("utf-8", "surrogatepass")


class ExcelBook:
    """An open workbook whose container has been checked. Raises WorkbookError.

    ``most``: how many bytes of shared texts its cells may show altogether.
    """

    def __init__(self, file: IO[bytes], most: int) -> None:
        self.unpacked, self.most = 0, most
        self._excess = self._blank_cells = self._blank_rows = 0
        self._total = 1
        self._strings: _Strings | None = None
        with telling_damage():
            self._archive = zipfile.ZipFile(file)
            tree = self._tree("xl/workbook.xml")
            relations = self._relations()
            properties = tree.find("{*}workbookPr")
            mac = properties is not None and properties.get("date1904") in {"1", "true"}
            self._dates = _Dates(self._styles(relations), mac)
            self._strings_part = self._named(relations, "sharedStrings")
            found = [
                _ExcelSheet(self, each.get("name", ""), each.get("state"), part)
                for each in tree.iterfind("{*}sheets/{*}sheet")
                if (part := self._part_of(each, relations))
            ]
            parts = [self._strings_part, *(sheet.part for sheet in found)]
            if len(set(parts)) < len(parts):  # one worksheet, read under a thousand names
                raise WorkbookError(DAMAGED)
            known = {info.filename: info.file_size for info in self._archive.infolist()}
            self._total = max(1, sum(known.get(part, 0) for part in parts))
        self.sheets: list[values.Sheet] = list(found)

    @property
    def share(self) -> float:
        return min(1.0, self.unpacked / self._total)

    def close(self) -> None:
        self._archive.close()

    def exceed(self, size: int) -> None:
        """Bytes beyond what rows and texts need. Raises WorkbookError when they are too many."""
        self._excess += size
        if self._excess > LARGEST_EXCESS:
            raise WorkbookError(_TOO_LONG)

    def skip(self, cells: int) -> bool:
        """Count a blank row; whether all sheets together still hold few enough of them."""
        self._blank_cells += cells
        self._blank_rows += 1
        return self._blank_cells <= 2 * values.MAX_CELLS and self._blank_rows <= 3 * LAST_ROW

    def pieces(self, part: str, container: str, item: str) -> Iterator["Piece"]:
        """Pieces that hold some whole items each, in order."""
        with self._archive.open(part) as opened:
            yield from pieces(_Counted(opened, self), container, item)

    @property
    def strings(self) -> _Strings:
        if self._strings is None:
            self._strings = _Strings(self)
            if self._strings_part:
                for piece in self.pieces(self._strings_part, "sst", "si"):
                    self._strings.take(piece)
        return self._strings

    def read_as(self, text: str, style: str | None) -> Raw:
        return self._dates.number(text, style)

    def _tree(self, part: str) -> ET.Element:
        info = self._archive.getinfo(part)
        if info.file_size > LARGEST_TREE:
            raise WorkbookError("文件里的样式或设置过多，没有读取。请把数据复制到新建的工作簿里。")
        content = self._archive.read(part)
        refuse_doctype(content)
        return ET.fromstring(content)  # noqa: S314 -- no document type, so no entities

    def _relations(self) -> Mapping[str, tuple[str, str]]:
        """Of the workbook: kind and part by id."""
        try:
            tree = self._tree("xl/_rels/workbook.xml.rels")
        except KeyError:
            return {}
        return {
            each.get("Id", ""): (
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/xl", each.get("Target", ""))).lstrip("/"),
            )
            for each in tree
            if each.get("TargetMode") != "External"
        }

    def _named(self, relations: Mapping[str, tuple[str, str]], kind: str) -> str:
        names = set(self._archive.namelist())
        parts = [part for found, part in relations.values() if found == kind and part in names]
        return parts[0] if parts else ""

    def _part_of(self, sheet: ET.Element, relations: Mapping[str, tuple[str, str]]) -> str:
        """The worksheet's part; empty for a sheet of a chart."""
        key = next((v for k, v in sheet.items() if _RELATION.match(k)), "")
        kind, part = relations.get(key, ("", ""))
        return part if kind == "worksheet" else ""

    def _styles(self, relations: Mapping[str, tuple[str, str]]) -> ET.Element | None:
        part = self._named(relations, "styles")
        return self._tree(part) if part else None


class _ExcelSheet:
    def __init__(self, book: ExcelBook, name: str, state: str | None, part: str) -> None:
        self.book, self.name, self.part = book, name, part
        self.is_hidden = state in {"hidden", "veryHidden"}

    def lines(self) -> Iterator[Line]:
        """Rows that hold anything. Raises WorkbookError."""
        with telling_damage():
            yield from self._lines()

    def _lines(self) -> Iterator[Line]:
        last = blank = 0
        for piece in self.book.pieces(self.part, "sheetData", "row"):
            with uncollected():
                rows = self._plain_rows(piece.inner, last) if piece.is_ordinary else []
                rows = rows or list(self._rows(piece.tree(), last))
            self.book.exceed(max(0, len(piece.inner) - ROOMY_ROW * max(1, len(rows))))
            for number, cells, laid_out, hidden in rows:
                if number > LAST_ROW:
                    return
                if number <= last:
                    raise WorkbookError(
                        f"工作表「{self.name}」第 {last} 行之后的行号乱了。{DAMAGED}"
                    )
                last = number
                while cells and not is_filled(cells[-1]):
                    cells.pop()
                if cells:
                    yield Line(number, cells, hidden)
                    continue
                blank += laid_out
                if not self.book.skip(laid_out) or blank > values.MAX_CELLS:
                    raise WorkbookError(
                        f"工作表「{self.name}」到第 {number} 行已占用过多单元格（多为空白格式）。"
                        "请把要导入的数据复制到新建的工作簿里，再上传。"
                    )

    def _plain_rows(self, inner: bytes, last: int) -> list[_Row]:  # noqa: C901 -- one fast loop
        """The rows of a piece that holds nothing unusual; none if it does."""
        rows: list[_Row] = []
        cells: list[Raw] = []
        number, laid_out, hidden = last, 0, False
        most, place_of, value = values.MAX_COLUMNS, _PLACES_RAW, self._plain_value
        strings = self.book.strings
        for name, style, kind, text, inline, row, attributes, end, other in _PLAIN_CELL.findall(
            inner
        ):
            if name:
                laid_out += 1
                place = place_of[name]
                raw: Raw
                if kind == b"s" and text:
                    raw = strings[int(text)]
                else:
                    raw = value(style, kind, text or inline)
                if raw is None:
                    continue
                if place >= most:
                    self._refuse_far(raw, number, place)
                    continue
                gap = place - len(cells)
                if gap < 0:
                    return []
                if gap:
                    cells.extend([None] * gap)
                cells.append(raw)
            elif end:
                rows.append((number, cells, laid_out, hidden))
            elif row:
                number, cells, laid_out = int(row), [], 0
                hidden = b'hidden="1"' in attributes
                if attributes.endswith(b"/"):
                    rows.append((number, cells, 0, hidden))
            elif other:
                return []
        return rows

    def _plain_value(self, style: bytes, kind: bytes, text: bytes) -> Raw:
        if not text:
            return None
        if not kind or kind == b"n":
            return self.book.read_as(text.decode(), style.decode() or None)
        return self._typed(kind.decode(), text.decode())

    def _rows(self, tree: ET.Element, last: int) -> Iterator[_Row]:
        for row in tree:
            last = int(row.get("r") or last + 1)
            hidden = row.get("hidden") in {"1", "true"}
            yield last, self._cells(row, last), len(row), hidden

    def _cells(self, row: ET.Element, number: int) -> list[Raw]:
        found: list[Raw] = []
        place = -1
        if len(row) > LAST_COLUMN:
            raise WorkbookError(DAMAGED)
        for cell in row:
            ref = cell.get("r")
            place = _PLACES[ref.rstrip(_DIGITS)] if ref else place + 1
            raw = self._raw(cell) if len(cell) else None
            if raw is None:
                continue
            if place >= values.MAX_COLUMNS:
                self._refuse_far(raw, number, place)
                continue
            found.extend([None] * (place + 1 - len(found)))
            found[place] = raw
        return found

    def _refuse_far(self, raw: Raw, number: int, place: int) -> None:
        if is_filled(raw):
            raise WorkbookError(
                f"工作表「{self.name}」第 {number} 行 {column_name(place)} 列有多余内容，"
                "请删除后再上传。"
            )

    def _raw(self, cell: ET.Element) -> Raw:
        kind, style = cell.get("t"), cell.get("s")
        found = {child.tag.rpartition("}")[2]: child for child in cell}
        text = found["v"].text if "v" in found else None
        if "f" in found:
            return Formula(text or "")
        if kind == "inlineStr" and "is" in found:
            return _text_of(found["is"])
        if text is None:
            return None
        if kind == "s":
            return self.book.strings[abs(int(text))]
        if kind is None or kind == "n":
            return self.book.read_as(text, style)
        return self._typed(kind, text)

    def _typed(self, kind: str, text: str) -> Raw:
        if kind == "b":
            return text == "1"
        if kind == "e":
            return ErrorValue(text)
        if kind == "d":
            return datetime.fromisoformat(text)
        return _unescaped(text)


class _Dates:
    """Which styles make a number a date, and which date."""

    def __init__(self, styles: ET.Element | None, mac: bool) -> None:
        self.epoch = CALENDAR_MAC_1904 if mac else CALENDAR_WINDOWS_1900
        self._durations: dict[str, bool] = {}  # of the styles that show a date or a time
        own = {
            each.get("numFmtId"): each.get("formatCode", "")
            for each in _all(styles, "{*}numFmts/{*}numFmt")
        }
        durations: dict[str, bool | None] = {}  # by format; None for what shows no time
        for place, each in enumerate(_all(styles, "{*}cellXfs/{*}xf")):
            key = each.get("numFmtId", "0")
            if key not in durations:
                durations[key] = _is_duration(own.get(key) or BUILTIN_FORMATS.get(int(key), ""))
            if (found := durations[key]) is not None:
                self._durations[str(place)] = found
        self._known: dict[tuple[str, str], Raw] = {}

    def number(self, text: str, style: str | None) -> Raw:
        if style in self._durations:
            assert style is not None
            return self._date(text, style)
        try:
            return int(text)
        except ValueError:
            return float(text)

    def _date(self, text: str, style: str) -> Raw:
        key = (text, style)
        if key not in self._known:
            if len(self._known) > 10_000:
                self._known.clear()
            try:
                found: Any = from_excel(float(text), self.epoch, timedelta=self._durations[style])
                self._known[key] = found
            except (OverflowError, ValueError):
                self._known[key] = ErrorValue("#VALUE!")
        return self._known[key]


def _is_duration(code: str) -> bool | None:
    """Whether a number format shows a time that has passed; None if it shows no time at all."""
    if len(code) > LONGEST_FORMAT or not is_date_format(code):
        return None
    return bool(is_timedelta_format(code))


def _all(tree: ET.Element | None, path: str) -> Sequence[ET.Element]:
    return [] if tree is None else tree.findall(path)


def _text_of(item: ET.Element) -> str:
    """The text of a shared or an inline string, its runs joined, without readings aloud."""
    if len(item) == 1 and not len(item[0]):
        return _unescaped(item[0].text or "")
    parts = []
    for child in item:
        tag = child.tag.rpartition("}")[2]
        if tag == "t":
            parts.append(child.text or "")
        elif tag == "r":
            parts += [each.text or "" for each in child if each.tag.rpartition("}")[2] == "t"]
    return _unescaped("".join(parts))


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
