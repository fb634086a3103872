"""What the rows of an uploaded table mean: headings, values, and what could not be read.

The readers are those of ``core.sheets``. What comes out is text or dates; what cannot be
read is told by row and column, in Chinese.
"""

import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from itertools import chain, islice
from typing import IO, NamedTuple

from core.sheets import container
from core.sheets.container import Limits, ordinary
from core.sheets.excel import ExcelBook
from core.sheets.text import TextBook
from core.sheets.values import (
    MAX_COLUMNS,
    Book,
    ErrorValue,
    Formula,
    Line,
    Raw,
    WorkbookError,
    column_name,
    is_filled,
)

__all__ = ["MAX_COLUMNS", "WorkbookError"]

Value = str | date

HEADING_ROWS = 10  # titles and notes may stand above the headings
SAMPLE_ROWS = 3  # below the last row that may hold the headings
SHOWN_SHEETS = 5
EXACT_NUMBER = 10**15  # Excel keeps fifteen digits
HINT_MARK = "填写说明"
EXAMPLE_MARK = "示例"

_HALF_WIDTH: dict[int, int | str] = {
    code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code).isalnum()
}
_HALF_WIDTH |= {ord("（"): "(", ord("）"): ")", ord("－"): "-"}
_INVISIBLE = re.compile(
    "[\u200b-\u200f\u2028-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]"
)
_SPACES = re.compile(r"\s+")
_PLAIN = re.compile(r"[!-~\u4e00-\u9fff](?:[ !-~\u4e00-\u9fff]*[!-~\u4e00-\u9fff])?")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[Ee]\+\d{2,}")


@dataclass(frozen=True)
class Layout:
    """The columns that a file should have. ``synonyms`` are other names of a heading;
    columns headed by one of ``ignored`` are passed over. ``chosen`` is what somebody has said
    of a row of headings, by its ``fingerprint``: the heading of each place, empty for a column
    that is passed over. It goes before what the texts seem to say."""

    headings: Sequence[str]
    optional: Collection[str] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    ignored: Collection[str] = ()
    chosen: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def wanted(self) -> dict[str, str]:
        """The heading that is meant, by what may stand in its place."""
        own = {_heading_key(heading): heading for heading in self.headings}
        others = {_heading_key(name): heading for name, heading in self.synonyms.items()}
        return others | own


class Row(NamedTuple):
    """One row: values by heading (blank cells are ""), and what could not be read."""

    number: int
    values: Mapping[str, Value]
    unreadable: Mapping[str, str] = {}
    sheet: str = ""


class Read(NamedTuple):
    """One line of a file: ``row`` is what it means, None above the data and for examples."""

    sheet: str
    line: Line
    row: Row | None
    columns: Mapping[int, str]
    is_heading: bool = False


class HeadingsUnclear(WorkbookError):
    """The rows may be sound, but not what their columns are."""


class Top(NamedTuple):
    """The first rows of a sheet that hold anything."""

    sheet: str
    lines: list[Line]


@dataclass(frozen=True)
class _Headings:
    sheet: str
    row: int
    columns: Mapping[int, str]  # place in the row -> heading
    passed: Sequence[Line]  # down to the headings
    ignored: Collection[int] = ()  # places


class _Unreadable(ValueError):
    """One cell that holds no plain value."""


def read_rows(
    content: bytes, *, headings: Sequence[str], optional: Collection[str] = (), max_rows: int
) -> list[Row]:
    """The data rows below the row of headings, on the first sheet to be seen that has one.

    Hint and example rows of our own templates are passed over. Raises WorkbookError when
    the file, the headings or the number of rows is not acceptable.
    """
    with opened(io.BytesIO(content), ordinary()) as book:
        found = read_lines(book, Layout(headings, optional), max_rows=max_rows)
        return [read.row for read in found if read.row]


def check_container(content: bytes) -> None:
    """Refuse what is no plain .xlsx, or would unpack beyond all measure."""
    container.check(io.BytesIO(content), ordinary())


@contextmanager
def opened(file: IO[bytes], limits: Limits) -> Iterator[Book]:
    """The file as a book; the caller closes the file. Raises WorkbookError."""
    is_excel = container.check(file, limits)
    book = ExcelBook(file, limits.unpacked) if is_excel else TextBook(file)
    try:
        yield book
    finally:
        book.close()


def read_lines(
    book: Book, layout: Layout, *, max_rows: int, several: bool = False
) -> Iterator[Read]:
    """The lines of the first sheet to be seen that has the headings; of ``several``, of each.

    Hidden sheets, and sheets without the headings, are passed over. Raises WorkbookError
    where the headings or the number of rows is not acceptable.
    """
    shown = [sheet for sheet in book.sheets if not sheet.is_hidden]
    if book.sheets and not shown:
        raise WorkbookError("工作簿里的工作表都被隐藏了。请取消隐藏要导入的那一张，再上传。")
    left, headed, seen = max_rows, "", ""
    for sheet in shown:
        lines = sheet.lines()
        top = list(islice(lines, HEADING_ROWS + 1))
        found = _find_headings(sheet.name, top, layout)
        if found is None:
            seen = seen or (sheet.name if top else "")
            continue
        headed = headed or f"工作表「{found.sheet}」第 {found.row} 行表头"
        below = chain(top[len(found.passed) :], lines)
        for read in _data(below, found, layout.headings[0], left, max_rows):
            left -= read.row is not None
            yield read
        if not several:
            break
    if headed and left == max_rows:
        raise WorkbookError(f"{headed}下面没有数据。请填写后再上传。")
    if not headed:
        raise _without_headings(seen, layout)


def _without_headings(seen: str, layout: Layout) -> WorkbookError:
    if not seen:
        return WorkbookError("工作簿是空的，没有任何内容。请按模板填写后再上传。")
    return HeadingsUnclear(
        f"工作表「{seen}」的前 {HEADING_ROWS} 行里没有找到表头。"
        f"表头应有：{'、'.join(layout.headings)}。请按模板填写后再上传。"
    )


def tops(book: Book) -> list[Top]:
    """What the first sheets to be seen begin with. Raises WorkbookError."""
    shown = (sheet for sheet in book.sheets if not sheet.is_hidden)
    read = (
        Top(sheet.name, list(islice(sheet.lines(), HEADING_ROWS + SAMPLE_ROWS))) for sheet in shown
    )
    return list(islice((top for top in read if top.lines), SHOWN_SHEETS))


def fingerprint(line: Line) -> str:
    """Of a row of headings: the same texts in the same places have the same."""
    keys = {place: _heading_key(text) for place, text in _heading_texts(line).items()}
    shown = "\n".join(f"{place} {key}" for place, key in sorted(keys.items()))
    return sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def meant_by(line: Line, layout: Layout) -> dict[int, str]:
    """The headings that the texts of a row seem to name, by place."""
    return _hits(_heading_texts(line), layout.wanted())


def _find_headings(sheet: str, top: Sequence[Line], layout: Layout) -> _Headings | None:
    """The row that somebody has spoken of, or the first with at least two wanted headings."""
    if layout.chosen:
        for place, line in enumerate(top[:HEADING_ROWS], start=1):
            chosen = layout.chosen.get(fingerprint(line))
            if chosen is not None:
                columns = {at: heading for at, heading in enumerate(chosen) if heading}
                passed_over = [at for at, heading in enumerate(chosen) if not heading]
                return _Headings(sheet, line.number, columns, top[:place], passed_over)
    wanted = layout.wanted()
    for place, line in enumerate(top[:HEADING_ROWS], start=1):
        texts = _heading_texts(line)
        hits = _hits(texts, wanted)
        if len(set(hits.values())) >= min(2, len(layout.headings)):
            return _headings(sheet, top[: place + 1], place, texts, layout)
    return None


def _headings(
    sheet: str, top: Sequence[Line], count: int, texts: Mapping[int, str], layout: Layout
) -> _Headings:
    """Of the last of ``count`` rows, or of it and the next, where cells are merged over columns."""
    faults = _heading_faults(texts, layout)
    if faults and len(top) > count:
        both = dict(texts) | _heading_texts(top[count])
        if not _heading_faults(both, layout):
            count += 1
            texts, faults = both, ""
    number = top[count - 1].number
    if faults:
        where = f"工作表「{sheet}」第 {number} 行"
        raise HeadingsUnclear(f"{where}的表头与模板不一致：{faults}。请按模板改正后再上传。")
    ignored = [place for place, text in texts.items() if text in layout.ignored]
    return _Headings(sheet, number, _hits(texts, layout.wanted()), top[:count], ignored)


def _heading_texts(line: Line) -> dict[int, str]:
    found = ((place, _heading_text(cell)) for place, cell in enumerate(line.cells))
    return {place: text for place, text in found if text}


def _hits(texts: Mapping[int, str], wanted: Mapping[str, str]) -> dict[int, str]:
    keys = {place: _heading_key(text) for place, text in texts.items()}
    return {place: wanted[key] for place, key in keys.items() if key in wanted}


def _heading_faults(texts: Mapping[int, str], layout: Layout) -> str:
    """What is missing, superfluous or there twice; empty when nothing is."""
    hits = _hits(texts, layout.wanted())
    present = list(hits.values())
    missing = [h for h in layout.headings if h not in present and h not in layout.optional]
    unknown = {p: t for p, t in texts.items() if p not in hits and t not in layout.ignored}
    twice = sorted({heading for heading in present if present.count(heading) > 1})
    faults = []
    if missing:
        faults.append("缺少" + "".join(f"「{heading}」" for heading in missing))
    if unknown:
        named = (f"「{text}」（{column_name(p)} 列）" for p, text in unknown.items())
        faults.append("多出" + "".join(named))
    if twice:
        faults.append("重复" + "".join(f"「{heading}」" for heading in twice))
    return "；".join(faults)


def _heading_text(cell: Raw) -> str:
    shown = cell.shown if isinstance(cell, Formula) else cell
    return clean_text(str(shown or "")).rstrip("*").strip()


def _heading_key(text: str) -> str:
    return _SPACES.sub("", clean_text(text))


def _data(
    lines: Iterable[Line], found: _Headings, marked: str, left: int, max_rows: int
) -> Iterator[Read]:
    for line in found.passed:
        yield Read(found.sheet, line, None, found.columns, line.number == found.row)
    count = 0
    for line in lines:
        row = _row(line, found)
        if str(row.values.get(marked, "")).startswith((HINT_MARK, EXAMPLE_MARK)):
            yield Read(found.sheet, line, None, found.columns)
            continue
        if count == left or line.number > found.row + max_rows * 2:
            raise WorkbookError(
                f"工作表「{found.sheet}」第 {line.number} 行还有内容："
                f"一次最多导入 {max_rows:,} 行。"
                "请删除下方多余的内容，或拆分成几个文件后再上传。"
            )
        count += 1
        yield Read(found.sheet, line, row, found.columns)


def _row(line: Line, found: _Headings) -> Row:
    values: dict[str, Value] = dict.fromkeys(found.columns.values(), "")
    unreadable: dict[str, str] = {}
    for place, raw in enumerate(line.cells):
        if raw is None:
            continue
        heading = found.columns.get(place)
        if heading is None:
            if is_filled(raw) and place not in found.ignored:
                unreadable[f"{column_name(place)} 列"] = "这一列没有表头，请删除其中的内容"
            continue
        try:
            values[heading] = _clean(raw)
        except _Unreadable as reason:
            unreadable[heading] = str(reason)
    return Row(line.number, values, unreadable, found.sheet)


def _clean(raw: Raw) -> Value:
    if isinstance(raw, str):
        if _is_clean(raw) and "+" not in raw:
            return raw
        if _SCIENTIFIC.fullmatch(raw):
            raise _Unreadable("被存成了科学计数法，末尾几位已丢掉。请把该列设为文本格式后重新填写")
        return clean_text(raw)
    if isinstance(raw, Formula):
        raise _Unreadable("是公式。请选中整列复制，再「选择性粘贴→数值」后上传")
    if isinstance(raw, ErrorValue):
        raise _Unreadable(f"是错误值 {raw.text}，请改成正确的内容")
    if isinstance(raw, bool):
        return "是" if raw else "否"
    if isinstance(raw, int | float):
        return _number_text(raw)
    return _day(raw)


def _day(raw: date | datetime | time | timedelta | None) -> Value:
    if isinstance(raw, time | timedelta):
        raise _Unreadable("被 Excel 当成了时间。请把该列设为文本格式后重新填写")
    return raw.date() if isinstance(raw, datetime) else raw or ""


def _number_text(number: float) -> str:
    """Digits as a person typed them: Excel turns codes into floats."""
    if not abs(number) < EXACT_NUMBER:
        raise _Unreadable("是长数字，Excel 已丢掉末尾几位。请把该列设为文本格式后重新填写")
    return str(int(number)) if number == int(number) else repr(number)


def _is_clean(text: str) -> bool:
    """Plain letters with single spaces between them, as almost every cell is."""
    return "  " not in text and _PLAIN.fullmatch(text) is not None


def clean_text(text: str) -> str:
    """Full-width letters and digits made half-width, spaces trimmed, invisible marks gone."""
    if _is_clean(text):
        return text
    return _SPACES.sub(" ", _INVISIBLE.sub("", text.translate(_HALF_WIDTH))).strip()
