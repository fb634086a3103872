"""Writes a register of households as Excel would: `python -m bench.register_file 1000000 FILE`."""

import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

PER_VILLAGE = 300
VILLAGES_PER_TOWNSHIP = 30
FIRST_VILLAGE = 371502001001
LAST_ROW = 1_048_575
HEADINGS = ["户编号", "户主姓名", "乡镇（街道）", "村（社区）", "地址", "联系电话", "常住人口"]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何高林罗"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def village_code(place: int) -> str:
    """Of a village by its place; a township holds thirty."""
    township, number = divmod(place, VILLAGES_PER_TOWNSHIP)
    return f"{371502001 + township:09d}{number + 1:03d}"


def villages(rows: int) -> int:
    return max(1, rows // PER_VILLAGE)


def households(rows: int) -> Iterator[list[str | int]]:
    """The same for the same number."""
    chance = random.Random(1)
    number = villages(rows)
    for n in range(rows):
        code = village_code(n % number)
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        yield [
            f"{code}-{n:07d}",
            name,
            "",
            code,
            f"利民路 {n} 号",
            f"13{n:09d}",
            chance.randrange(1, 8),
        ]


def write(rows: int, target: Path) -> None:
    """An .xlsx with shared texts, in sheets of a million rows."""
    shared: dict[str, int] = {}
    everybody = households(rows)
    sheets = -(-rows // LAST_ROW)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for sheet in range(sheets):
            number = min(LAST_ROW, rows - sheet * LAST_ROW)
            with archive.open(f"xl/worksheets/sheet{sheet + 1}.xml", "w", force_zip64=True) as part:
                part.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
                part.write(_row(1, HEADINGS, shared))
                for n in range(number):
                    part.write(_row(n + 2, next(everybody), shared))
                part.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as part:
            part.write(f'<sst xmlns="{_MAIN}">'.encode())
            for text in shared:
                part.write(f"<si><t>{text}</t></si>".encode())
            part.write(b"</sst>")
        for name, content in _frame(sheets).items():
            archive.writestr(name, content)


def _row(number: int, values: list[str] | list[str | int], shared: dict[str, int]) -> bytes:
    places = zip("ABCDEFG", values, strict=True)
    cells = (_cell(f"{letter}{number}", value, shared) for letter, value in places)
    return f'<row r="{number}">{"".join(cells)}</row>'.encode()


def _cell(place: str, value: str | int, shared: dict[str, int]) -> str:
    if value == "":
        return ""
    if isinstance(value, int):
        return f'<c r="{place}"><v>{value}</v></c>'
    return f'<c r="{place}" t="s"><v>{shared.setdefault(value, len(shared))}</v></c>'


def _frame(sheets: int) -> dict[str, str]:
    numbers = range(1, sheets + 1)
    kinds = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
        for n in numbers
    )
    named = "".join(f'<sheet name="群众{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/sharedStrings.xml" ContentType="{_KIND}.sharedStrings+xml"/>'
        f"{kinds}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1"'
        f' Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
        f"<sheets>{named}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{links}'
        f'<Relationship Id="rId{sheets + 1}" Type="{_OFFICE}/sharedStrings"'
        ' Target="sharedStrings.xml"/></Relationships>',
    }


if __name__ == "__main__":
    write(int(sys.argv[1]), Path(sys.argv[2]))
