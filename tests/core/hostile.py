"""Forty files that a tired or a hostile person may send; each a function that gives its bytes."""

import io
import os
import struct
import warnings
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, time

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.core.workbooks import SHEET_PART, saved, with_part, workbook

HEADINGS = ["户编号", "户主姓名", "村（社区）", "常住人口"]
ROW = ["H-1", "张三", "371502001001", 3]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def good(*rows: Sequence[object]) -> bytes:
    return workbook([HEADINGS, *(rows or [ROW])])


def _changed(change: Callable[[Worksheet], None]) -> bytes:
    return workbook([HEADINGS, ROW], change)


def _sheet(inner: str, head: str = "") -> bytes:
    """The good workbook with this inside its worksheet."""
    text = f'{head}<worksheet xmlns="{MAIN}"><sheetData>{inner}</sheetData></worksheet>'
    return with_part(good(), SHEET_PART, text.encode())


def _named(name: str, mode: int = 0) -> bytes:
    """A good workbook and one more part of this name."""
    target = io.BytesIO(good())
    with zipfile.ZipFile(target, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there twice
        part = zipfile.ZipInfo(name)
        part.external_attr = mode << 16
        archive.writestr(part, b"/etc/passwd")
    return target.getvalue()


def _zip(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def nested_bomb() -> bytes:
    """Zips in zips, of which none is opened but the first."""
    bomb = _zip({"a": b"\0" * 30_000_000})
    for _ in range(3):
        bomb = _zip({str(n): bomb for n in range(10)})
    return with_part(good(), "xl/embeddings/one.xlsx", bomb)


def _shared(strings: str) -> bytes:
    """The good workbook with these shared texts."""
    relations = "xl/_rels/workbook.xml.rels"
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        linked = archive.read(relations).replace(
            b"</Relationships>",
            b'<Relationship Id="rId99" Target="sharedStrings.xml" Type="http://schemas.'
            b'openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/>'
            b"</Relationships>",
        )
    content = with_part(good(), relations, linked)
    return with_part(content, "xl/sharedStrings.xml", strings.encode())


def overlapping_bomb() -> bytes:
    """A part that is listed very often and stored once."""
    content = good()
    at = content.rindex(b"PK\x05\x06")
    size, begin = struct.unpack("<II", content[at + 12 : at + 20])
    directory = content[begin : begin + size]
    number, times = struct.unpack("<H", content[at + 10 : at + 12])[0], 200
    end = bytearray(content[at:])
    struct.pack_into("<HH", end, 8, number * times, number * times)
    struct.pack_into("<I", end, 12, size * times)
    return content[:begin] + directory * times + bytes(end)


def lying_size() -> bytes:
    """The directory says that the sheet has ten bytes."""
    content = bytearray(good())
    at = content.rindex(SHEET_PART.encode()) - 46
    struct.pack_into("<I", content, at + 24, 10)
    return bytes(content)


def _corner(sheet: Worksheet) -> None:
    sheet["XFD1048576"] = "x"


def _wide(sheet: Worksheet) -> None:
    for column in range(1, 16_385):
        sheet.cell(3, column, "x")


def _formula(sheet: Worksheet) -> None:
    sheet["B2"] = '=HYPERLINK("http://example.invalid","张三")'


def _error(sheet: Worksheet) -> None:
    sheet["B2"] = "#REF!"


def _serial(sheet: Worksheet) -> None:
    sheet["A2"] = date(2026, 3, 1)


def _hidden_sheet() -> bytes:
    book = Workbook()
    book.worksheets[0].append(["请看下一张表"])
    second = book.create_sheet("数据")
    for row in [HEADINGS, ROW]:
        second.append(row)
    second.sheet_state = "veryHidden"
    return saved(book)


def _all_hidden() -> bytes:
    """As a program would write it: Excel itself insists on a sheet to be seen."""
    part = "xl/workbook.xml"
    with zipfile.ZipFile(io.BytesIO(good())) as archive:
        text = archive.read(part)
    shown = b'state="visible"'
    assert shown in text
    return with_part(good(), part, text.replace(shown, b'state="hidden"'))


def _several_headings(*above: Sequence[object]) -> bytes:
    return workbook([*above, ROW])


def _merged_headings() -> bytes:
    """Headings over two rows each, but for one."""
    rows = [["户编号", "户主姓名", "所在地", "常住人口"], [None, None, "村（社区）", None], ROW]

    def merge(sheet: Worksheet) -> None:
        for cells in ("A1:A2", "B1:B2", "D1:D2"):
            sheet.merge_cells(cells)

    return workbook(rows, merge)


SCIENTIFIC = "371502001001000000000"
DAMAGED = "文件打不开，内容已损坏"
UNREADABLE = "文件不完整或已损坏"

# What is refused: the file, and words that its refusal holds.
REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "zip bomb": (
        lambda: with_part(good(), SHEET_PART, b" " * 300_000_000),
        "文件解开后过大",
    ),
    "overlapping bomb": (overlapping_bomb, "文件"),
    "size that lies": (lying_size, DAMAGED),
    "cell in the last corner": (lambda: _changed(_corner), "第 1048576 行 XFD 列有多余内容"),
    "billion laughs": (
        lambda: _sheet("<row><c><v>&b;</v></c></row>", '<!DOCTYPE a [<!ENTITY a "ha">]>'),
        DAMAGED,
    ),
    "entity of a file": (
        lambda: _shared(
            f'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}">'
            "<si><t>&a;</t></si></sst>"
        ),
        DAMAGED,
    ),
    "document type behind a megabyte of blanks": (
        lambda: _sheet("", "<!--" + "x" * 900_000 + "-->" + "<!DOCTYPE a>"),
        DAMAGED,
    ),
    "macros": (lambda: with_part(good(), "xl/vbaProject.bin", b"macro"), "文件带有宏"),
    "an .xlsm by its own word": (
        lambda: with_part(good(), "[Content_Types].xml", b"<Types>macroEnabled</Types>"),
        "文件带有宏",
    ),
    "link to another workbook": (
        lambda: with_part(good(), "xl/externalLinks/externalLink1.xml", b"<externalLink/>"),
        "文件引用了别的工作簿",
    ),
    "old .xls": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000,
        "这是旧版 .xls 工作簿",
    ),
    "with a password": (
        lambda: (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
            + b"\0" * 9000
            + "EncryptedPackage".encode("utf-16-le")
        ),
        "文件设有打开密码",
    ),
    "cut off": (lambda: good()[:3000], UNREADABLE),
    "zeros": (lambda: b"\0" * 5_000_000, "没有内容"),
    "web page": (lambda: b"<html><table><tr><td>1</td></tr></table>", "不是 Excel 工作簿"),
    "photo": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\n" * 9, "这是图片（照片）或视频，不是表格"),
    "music": (lambda: b"ID3\x03\0\0\0\0\x0f", "这不是表格"),
    "picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "不是 Excel 工作簿"),
    "word document": (
        lambda: _zip({"[Content_Types].xml": b"", "word/document.xml": b""}),
        "文件不是 .xlsx 工作簿",
    ),
    "headings twice": (
        lambda: workbook([[*HEADINGS, "户编号"], [*ROW, "H-2"]]),
        "重复「户编号」",
    ),
    "headings of another register": (lambda: workbook([["甲", "乙"], [1, 2]]), "没有找到表头"),
    "a column that must not be asked": (
        lambda: workbook([[*HEADINGS, "身份证号"], [*ROW, "1"]]),
        "多出「身份证号」（E 列）",
    ),
    "empty sheet": (lambda: workbook([]), "工作簿是空的"),
    "headings alone": (lambda: workbook([HEADINGS]), "表头下面没有数据"),
    "hidden sheet": (_hidden_sheet, "没有找到表头"),
    "16,384 columns": (lambda: _changed(_wide), "第 3 行 BI 列有多余内容"),
    "row numbers that run backwards": (
        lambda: _sheet('<row r="9"/><row r="3"><c r="A3"><v>1</v></c></row>'),
        "行号乱了",
    ),
    "one row of 5 MB": (
        lambda: _sheet('<row r="1">' + os.urandom(1).hex() * 2_600_000 + "</row>"),
        "没有读取",
    ),
    "a text that is not there": (
        lambda: _sheet('<row r="1"><c r="A1" t="s"><v>999999</v></c></row>'),
        DAMAGED,
    ),
    "sheet in UTF-16": (
        lambda: with_part(
            good(),
            SHEET_PART,
            f'<worksheet xmlns="{MAIN}"><sheetData/></worksheet>'.encode("utf-16"),
        ),
        DAMAGED,
    ),
    "no end": (lambda: with_part(good(), SHEET_PART, b"<worksheet><sheetData><row>"), DAMAGED),
    "absolute name": (lambda: _named("/etc/cron.d/x"), "内部结构不正常"),
    "name that leads out": (lambda: _named("xl/../../x"), "内部结构不正常"),
    "link in the zip": (lambda: _named("xl/link", 0o120777), "内部结构不正常"),
    "part twice": (lambda: _named(SHEET_PART), "内部结构不正常"),
    "PDF": (lambda: b"%PDF-1.7\n" + b"\0" * 100, "不是 Excel 工作簿"),
    "all sheets hidden": (_all_hidden, "工作表都被隐藏了"),
    "CSV with NUL": (lambda: ",".join(HEADINGS).encode() + b"\nH-1,\0,3\n", "第 2 行里有空字节"),
    "CSV in UTF-16": (lambda: ",".join(HEADINGS).encode("utf-16"), "UTF-16 编码"),
    "CSV in no encoding": (
        lambda: ",".join(HEADINGS).encode() + b"\nH-1,\xff\xff,3\n",
        "第 2 行读不出文字",
    ),
    "CSV with a line of a megabyte": (
        (",".join(HEADINGS) + "\nH-1," + "长" * 1_000_000 + ",3\n").encode,
        "第 2 行",
    ),
    "CSV with an open quote": (
        (",".join(HEADINGS) + '\nH-1,"张三,371502001001,3\n' + "x\n" * 200_000).encode,
        "第 2 行起的引号没有成对",
    ),
    "CSV of thousands of columns": (
        (",".join(HEADINGS) + "\n" + ",".join("1" * 5000) + "\n").encode,
        "第 2 行 BI 列起有多余内容",
    ),
}

# Cells that are refused in an otherwise good file: the file, the column and words of the error.
CELLS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "formula": (lambda: _changed(_formula), "户主姓名", "是公式"),
    "error value": (lambda: _changed(_error), "户主姓名", "是错误值 #REF!"),
    "code as a date": (lambda: _changed(_serial), "户编号", "被 Excel 当成了日期"),
    "time": (lambda: good(["H-1", time(3, 1), *ROW[2:]]), "户主姓名", "被 Excel 当成了时间"),
    "code in scientific notation": (
        lambda: good(["3.71502E+17", *ROW[1:]]),
        "户编号",
        "科学计数法",
    ),
    "code as a long number": (lambda: good([int(SCIENTIFIC), *ROW[1:]]), "户编号", "是长数字"),
    "32,767 characters": (
        lambda: good(["H-1", "长" * 32_767, *ROW[2:]]),
        "户主姓名",
        "有 32767 个字",
    ),
    "text for a number": (lambda: good([*ROW[:3], "三口"]), "常住人口", "应为 0 至 99 的整数"),
    "half a character beside a fault": (
        lambda: good(["H-1", "张_xD800_三", ROW[2], -1]),
        "常住人口",
        "应为 0 至 99 的整数",
    ),
    "negative": (lambda: good([*ROW[:3], -1]), "常住人口", "应为 0 至 99 的整数"),
}

# What reads like the good file: one household, H-1, 张三.
READ: dict[str, Callable[[], bytes]] = {
    "full-width digits": lambda: good(["Ｈ－１", "张三", "３７１５０２００１００１", "３"]),
    "blanks behind codes": lambda: good(["H-1 \xa0", " 张三\u3000", "371502001001\xa0\xa0", "3 "]),
    "control characters": lambda: good(["H-1\u200b", "张\u200e三", "\ufeff371502001001", 3]),
    "half a character": lambda: good(["H-1", "张_xD800_三", *ROW[2:]]),
    "half a character in a heading": lambda: workbook([["户编号_xD800_", *HEADINGS[1:]], ROW]),
    "a bomb that nobody opens": nested_bomb,
    "title above": lambda: _several_headings(["群众登记册"], ["填报单位：某街道"], HEADINGS),
    "two rows of headings": lambda: _several_headings(
        ["户编号", "户主姓名", "所在地", "常住人口"], [None, None, "村（社区）", None]
    ),
    "merged headings": _merged_headings,
    "a merged title": lambda: workbook(
        [["群众登记册"], HEADINGS, ROW], lambda sheet: sheet.merge_cells("A1:D1")
    ),
    "group headings above": lambda: _several_headings(["基本信息", None, "位置"], HEADINGS),
    "other names of the columns": lambda: _several_headings(["户号", "姓名", "行政村", "人口数"]),
    "a number before each row": lambda: workbook([["序号", *HEADINGS], [1, *ROW]]),
    "row numbers beyond every sheet": lambda: with_part(
        good(),
        SHEET_PART,
        zipfile.ZipFile(io.BytesIO(good()))
        .read(SHEET_PART)
        .replace(b"</sheetData>", b'<row r="999999999999"></row></sheetData>'),
    ),
    "hidden row": lambda: _changed(lambda sheet: setattr(sheet.row_dimensions[2], "hidden", True)),
    "CSV": (",".join(HEADINGS) + "\nH-1,张三,371502001001,3\n").encode,
    "CSV with a mark": lambda: (",".join(HEADINGS) + "\r\nH-1,张三,371502001001,3").encode(
        "utf-8-sig"
    ),
    "CSV of Chinese Windows": lambda: (
        ",".join(HEADINGS) + '\r\n"H-1","张三","371502001001",3\r\n'
    ).encode("gb18030"),
    "CSV with tabs": ("\t".join(HEADINGS) + "\nH-1\t张三\t371502001001\t3\n").encode,
}
