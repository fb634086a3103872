"""Files that are small on the way and large, or slow, for who reads them without care.

Each stays within what a register may have: 200 MB packed, 3 GB unpacked, at a ratio below 150.
"""

import io
import os
import string
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence

from tests.core.hostile import DAMAGED, HEADINGS, MAIN, good
from tests.core.workbooks import SHEET_PART

MEGABYTE = 1024 * 1024
STRINGS = "xl/sharedStrings.xml"
STYLES = "xl/styles.xml"
TOO_LONG = "文件里很多行过长"
TOO_MANY_TEXTS = "文件里的文字过多"
TOO_LARGE = "文件解开后过大"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def _with(parts: dict[str, Iterator[bytes]]) -> bytes:
    """The good workbook with these parts, and enough noise to pass for a dense one."""
    target, written = io.BytesIO(), 0
    with (
        zipfile.ZipFile(io.BytesIO(good())) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in old.infolist():
            if entry.filename not in parts:
                new.writestr(entry, old.read(entry.filename))
        for name, pieces in parts.items():
            with new.open(name, "w", force_zip64=True) as part:
                for piece in pieces:
                    written += part.write(piece)
        noise = written // 100
        new.writestr(zipfile.ZipInfo("xl/media/image1.png"), os.urandom(noise))
    return target.getvalue()


def _sheet(*inner: bytes, times: int = 1, head: bytes = b"") -> dict[str, Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        yield f'<worksheet xmlns="{MAIN}"'.encode() + head + b"><sheetData>"
        for _ in range(times):
            yield from inner
        yield b"</sheetData></worksheet>"

    return {SHEET_PART: pieces()}


def _shared(strings: Iterator[bytes], sheet: dict[str, Iterator[bytes]]) -> bytes:
    """A workbook whose cells show these shared texts."""

    def pieces() -> Iterator[bytes]:
        yield f'<sst xmlns="{MAIN}">'.encode()
        yield from strings
        yield b"</sst>"

    relations = "xl/_rels/workbook.xml.rels"
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        text = archive.read(relations)
    link = f'<Relationship Id="rId99" Target="sharedStrings.xml" Type="{RELATION}/sharedStrings"/>'
    linked = text.replace(b"</Relationships>", link.encode() + b"</Relationships>")
    return _with({relations: iter([linked]), STRINGS: pieces(), **sheet})


def _rows(first: int, last: int, cells: bytes) -> bytes:
    return b"".join(b'<row r="%d">%s</row>' % (number, cells) for number in range(first, last))


def directory() -> bytes:
    """A part that is listed a million times."""
    content = good()
    at = content.rindex(b"PK\x05\x06")
    size, begin = struct.unpack("<II", content[at + 12 : at + 20])
    listed = content[begin : begin + size]
    times = 70 * MEGABYTE // size
    end = bytearray(content[at:])
    struct.pack_into("<HH", end, 8, 9, 9)
    struct.pack_into("<I", end, 12, size * times)
    return content[:begin] + listed * times + bytes(end)


def texts() -> bytes:
    """Half a gigabyte of texts, which no cell shows."""
    piece = b"<si><t>%s</t></si>" % (b"x" * 1000) * 1000
    return _shared(iter([piece] * 500), _sheet())


def short_texts() -> bytes:
    """So many texts that their places alone fill the memory."""
    piece = b"<si><t></t></si>" * 50_000
    return _shared(iter([piece] * 400), _sheet())


def one_text_everywhere(headings: Sequence[str] = HEADINGS, rows: int = 60_000) -> bytes:
    """32,767 characters that every cell of these rows shows."""
    heads = b"".join(b"<si><t>%s</t></si>" % heading.encode() for heading in headings)
    long = b"<si><t>%s</t></si>" % ("长，" * 16_383).encode()
    columns = string.ascii_uppercase[: len(headings)].encode()
    first = b"".join(b'<c r="%c1" t="s"><v>%d</v></c>' % (c, n) for n, c in enumerate(columns))
    shown = len(headings)
    cells = b"".join(b'<c r="%c2" t="s"><v>%d</v></c>' % (c, shown) for c in columns)
    inner = b'<row r="1">' + first + b"</row>", _rows(2, rows, cells)
    return _shared(iter([heads, long]), _sheet(*inner))


def one_sheet_often() -> bytes:
    """One worksheet of blank rows under twenty thousand names."""
    part = "xl/workbook.xml"
    names = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId1"/>' for n in range(1, 20_000))
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>{names}</sheets></workbook>'
    blank = _rows(1, 300_000, b"")
    return _with({part: iter([book.encode()]), **_sheet(blank)})


def blank_sheets() -> bytes:
    """Twelve sheets of a million blank rows each."""
    blank = _rows(1, 1_000_000, b"")
    number = range(2, 14)
    sheets = "".join(f'<sheet name="s{n}" sheetId="{n}" r:id="rId{n}0"/>' for n in number)
    links = "".join(
        f'<Relationship Id="rId{n}0" Target="worksheets/s{n}.xml" Type="{RELATION}/worksheet"/>'
        for n in number
    )
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        linked = archive.read("xl/_rels/workbook.xml.rels").decode()
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>{sheets}</sheets></workbook>'
    parts = {
        "xl/workbook.xml": iter([book.encode()]),
        "xl/_rels/workbook.xml.rels": iter(
            [linked.replace("</Relationships>", links + "</Relationships>").encode()]
        ),
    }
    for n in number:
        parts[f"xl/worksheets/s{n}.xml"] = _sheet(blank)[SHEET_PART]
    return _with(parts)


def name_spaces() -> bytes:
    """Three megabytes of name spaces in one tag."""
    head = b"".join(b' xmlns:a%d="x"' % number for number in range(190_000))
    return _with(_sheet(b'<row r="1"/>', head=head))


def brackets() -> bytes:
    """A number format that takes a pattern half a day."""
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts><numFmt numFmtId="200" formatCode="{"[" * 3_000_000}"'
        '/></numFmts><cellXfs><xf numFmtId="200"/></cellXfs></styleSheet>'
    )
    return _with({STYLES: iter([styles.encode()])})


def many_styles() -> bytes:
    """Styles by the hundred thousand, of forty thousand formats."""
    own = "".join(f'<numFmt numFmtId="{n}" formatCode="[$x]y{n}"/>' for n in range(200, 40_000))
    used = "".join(f'<xf numFmtId="{n}"/>' for n in range(200, 40_000)) * 4
    styles = (
        f'<styleSheet xmlns="{MAIN}"><numFmts>{own}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'
    )
    return _with({STYLES: iter([styles.encode()])})


def rows_of_cells(cells: int, times: int) -> bytes:
    """Rows with texts and very many cells that hold nothing."""
    texts = "".join(f'<c t="inlineStr"><is><t>{each}</t></is></c>' for each in HEADINGS)
    row = b"<row>" + texts.encode() + b"<c/>" * cells + b"</row>"
    return _with(_sheet(row, times=times))


# Each with the words of its refusal; "" for what reads like the good file.
HEAVY: dict[str, tuple[Callable[[], bytes], str]] = {
    "directory of a million parts": (directory, TOO_LARGE),
    "half a gigabyte of texts": (texts, TOO_MANY_TEXTS),
    "twenty million short texts": (short_texts, TOO_MANY_TEXTS),
    "one long text in every cell": (one_text_everywhere, TOO_LONG),
    "one worksheet under many names": (one_sheet_often, DAMAGED),
    "a million blank rows on each sheet": (blank_sheets, "已占用过多单元格"),
    "name spaces by the hundred thousand": (name_spaces, DAMAGED),
    "a number format of brackets": (brackets, ""),
    "styles by the hundred thousand": (many_styles, ""),
    "rows of a million cells": (lambda: rows_of_cells(950_000, 60), DAMAGED),
    "thousands of rows of all columns": (lambda: rows_of_cells(16_000, 3_000), TOO_LONG),
    "row tags that never end": (
        lambda: _with(_sheet(b'<row r="1" ' * 80_000 + b"></row>")),
        DAMAGED,
    ),
    "rubbish of four megabytes": (
        lambda: _with(_sheet(b'<row r="1">' + b"x" * 3_900_000 + b"</row>")),
        "工作簿是空的",
    ),
    "cells half a million deep": (
        lambda: _with(_sheet(b"<row>" + b"<c>" * 450_000 + b"</c>" * 450_000 + b"</row>")),
        "工作簿是空的",
    ),
    "CSV of blank lines": (lambda: b"\n" * 60_000_000, "空行、空格子过多"),
    "CSV of commas": (lambda: (b"," * 200_000 + b"\n") * 300, "空行、空格子过多"),
    "CSV of blanks": (lambda: (b" " * 250_000 + b"\n") * 240, "工作簿是空的"),
}
