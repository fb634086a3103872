"""core.workbook: what it makes of good files, and how it refuses the others."""

import io
import zipfile
from datetime import date, datetime, time

import openpyxl
import pytest
from openpyxl import Workbook

from core.sheets.container import MAX_ENTRIES
from core.workbook import Row, WorkbookError, clean_text, read_rows
from tests.core.workbooks import SHEET_PART, saved, with_part, workbook

HEADINGS = ["编号", "姓名", "地址"]
GOOD = [HEADINGS, ["A-1", "张三", "东街 1 号"]]


def read(content: bytes, max_rows: int = 5) -> list[Row]:
    return read_rows(content, headings=HEADINGS, optional=["地址"], max_rows=max_rows)


def refusal(content: bytes, max_rows: int = 5) -> str:
    with pytest.raises(WorkbookError) as error:
        read(content, max_rows)
    return str(error.value)


def values(content: bytes) -> list[list[object]]:
    return [list(row.values.values()) for row in read(content)]


def test_reads_rows_with_their_numbers() -> None:
    found = read(workbook([*GOOD, ["A-2", "李四", None]]))
    assert [(row.number, dict(row.values)) for row in found] == [
        (2, {"编号": "A-1", "姓名": "张三", "地址": "东街 1 号"}),
        (3, {"编号": "A-2", "姓名": "李四", "地址": ""}),
    ]


def test_numbers_become_the_digits_that_were_typed() -> None:
    rows = [[371502001001.0, 5, 3.5], [371502001001, True, False]]
    assert values(workbook([HEADINGS, *rows])) == [
        ["371502001001", "5", "3.5"],
        ["371502001001", "是", "否"],
    ]


def test_text_is_made_half_width_and_trimmed() -> None:
    rows = [["\u3000Ａ－１２\u200b", " 张  三\n", "东街（北）\xa01号"]]
    assert values(workbook([HEADINGS, *rows])) == [["A-12", "张 三", "东街(北) 1号"]]


def test_real_dates_are_dates_and_text_dates_stay_text() -> None:
    rows = [[datetime(2026, 3, 1), "2026-03-01", date(2026, 3, 2)]]  # noqa: DTZ001
    assert values(workbook([HEADINGS, *rows])) == [
        [date(2026, 3, 1), "2026-03-01", date(2026, 3, 2)]
    ]


def test_columns_may_stand_in_any_order_and_an_optional_one_may_be_absent() -> None:
    assert dict(read(workbook([["姓名 *", "编号"], ["张三", "1"]]))[0].values) == {
        "姓名": "张三",
        "编号": "1",
    }


def test_titles_hints_and_examples_are_passed_over() -> None:
    def merge(sheet):
        sheet.merge_cells("A1:C1")
        sheet.merge_cells("A2:C2")

    rows = [
        ["群众登记册"],
        ["填表单位：某某街道", None, None],
        [],
        HEADINGS,
        ["填写说明：必填", "必填", ""],
        ["示例：A-0", "王五", ""],
        ["A-1", "张三", ""],
    ]
    assert [row.number for row in read(workbook(rows, merge))] == [7]


def test_headings_on_the_second_sheet_are_found() -> None:
    book = Workbook()
    book.worksheets[0].append(["请填第二张表"])
    second = book.create_sheet("数据")
    for row in GOOD:
        second.append(row)
    assert [row.number for row in read(saved(book))] == [2]


def test_the_size_that_the_file_claims_is_not_believed() -> None:
    content = workbook(GOOD)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read(SHEET_PART).replace(b'ref="A1:C2"', b'ref="A1:A1"')
    assert len(values(with_part(content, SHEET_PART, sheet))[0]) == 3


CELLS = {
    "=B1": "是公式。请选中整列复制，再「选择性粘贴→数值」后上传",
    "#N/A": "是错误值 #N/A，请改成正确的内容",
    914403001922038216: "是长数字，Excel 已丢掉末尾几位。请把该列设为文本格式后重新填写",
    time(3, 1): "被 Excel 当成了时间。请把该列设为文本格式后重新填写",
}


@pytest.mark.parametrize(("value", "reason"), CELLS.items(), ids=str)
def test_a_cell_without_a_plain_value_is_told_with_its_row(value: object, reason: str) -> None:
    (row,) = read(workbook([HEADINGS, ["A-1", value, ""]]))
    assert (row.number, row.unreadable) == (2, {"姓名": reason})


def test_content_beside_the_headed_columns_is_told() -> None:
    (row,) = read(workbook([HEADINGS, ["A-1", "张三", "", "", "备注"]]))
    assert row.unreadable == {"E 列": "这一列没有表头，请删除其中的内容"}


def test_wrong_headings_are_named() -> None:
    rows = [["编号", "户主", "地址", "身份证号"], ["1", "2", "3", "4"]]
    assert refusal(workbook(rows)) == (
        "工作表「Sheet」第 1 行的表头与模板不一致：缺少「姓名」；"
        "多出「户主」（B 列）「身份证号」（D 列）。请按模板改正后再上传。"
    )


def test_a_heading_that_stands_twice_is_named() -> None:
    assert refusal(workbook([["编号", "姓名", "编号"], ["1", "2", "3"]])) == (
        "工作表「Sheet」第 1 行的表头与模板不一致：重复「编号」。请按模板改正后再上传。"
    )


def test_without_headings_the_wanted_ones_are_listed() -> None:
    assert refusal(workbook([["甲", "乙"], ["1", "2"]])) == (
        "工作表「Sheet」的前 10 行里没有找到表头。"
        "表头应有：编号、姓名、地址。请按模板填写后再上传。"
    )


def test_an_empty_workbook_says_so() -> None:
    assert refusal(workbook([])) == "工作簿是空的，没有任何内容。请按模板填写后再上传。"


def test_headings_alone_are_not_enough() -> None:
    assert refusal(workbook([HEADINGS])) == (
        "工作表「Sheet」第 1 行表头下面没有数据。请填写后再上传。"
    )


def test_the_row_beyond_the_limit_is_refused_and_named() -> None:
    rows = [HEADINGS, *(["A", "B", ""] for _ in range(6))]
    assert refusal(workbook(rows)) == (
        "工作表「Sheet」第 7 行还有内容：一次最多导入 5 行。"
        "请删除下方多余的内容，或拆分成几个文件后再上传。"
    )
    assert len(read(workbook(rows[:-1]))) == 5


def test_a_cell_in_the_last_corner_does_not_run_away() -> None:
    def corner(sheet):
        sheet["XFD1048576"] = "x"

    assert refusal(workbook(GOOD, corner)) == (
        "工作表「Sheet」第 1048576 行 XFD 列有多余内容，请删除后再上传。"
    )


def test_a_row_number_beyond_every_sheet_does_not_run_away() -> None:
    content = workbook(GOOD)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        sheet = archive.read(SHEET_PART)
    lying = sheet.replace(b"</sheetData>", b'<row r="999999999999"></row></sheetData>')
    assert len(read(with_part(content, SHEET_PART, lying))) == 1


def test_very_many_painted_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.sheets.values.MAX_CELLS", 60)

    def paint(sheet):
        for number in range(3, 6):
            for column in range(1, 30):
                sheet.cell(number, column).number_format = "@"

    assert refusal(workbook(GOOD, paint)) == (
        "工作表「Sheet」到第 5 行已占用过多单元格（多为空白格式）。"
        "请把要导入的数据复制到新建的工作簿里，再上传。"
    )


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
PICTURE = (
    "这是图片（照片）或视频，不是表格，也不是 Excel 工作簿。请上传 .xlsx 工作簿，可以下载模板来填。"
)
NOT_WORKBOOKS = {
    "old xls": (
        OLE + b"\0" * 600 + "Workbook".encode("utf-16-le"),
        "这是旧版 .xls 工作簿（或别的旧版文档），请另存为 .xlsx 后再上传。",
    ),
    "with a password": (
        OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
        "文件设有打开密码。请在 Excel 里取消密码（文件→信息→保护工作簿）后再上传。",
    ),
    "10 MB of zeros": (
        b"\0" * 10 * 1024 * 1024,
        "文件里没有内容（全是空字节），可能没有传完。请重新选择文件上传。",
    ),
    "no byte": (b"", "文件里没有内容（全是空字节），可能没有传完。请重新选择文件上传。"),
    "more than 10 MB": (
        b"PK\x03\x04" + b"x" * 10 * 1024 * 1024,
        "文件超过 10 MB，请拆分成几个文件后再上传。",
    ),
    "a web page": (
        b"<html><table>",
        "这不是 Excel 工作簿。请用 Excel 或 WPS 另存为 .xlsx 后再上传。",
    ),
    "a photo": (b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"\n" * 9, PICTURE),
    "a photo of a phone": (b"\0\0\0\x18ftypheic" + b"\0" * 9, PICTURE),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", PICTURE),
    "a program": (
        b"\x7fELF\x02\x01\x01\0",
        "这不是表格，也不是 Excel 工作簿。请上传 .xlsx 工作簿，可以下载模板来填。",
    ),
    "cut off": (workbook(GOOD)[:2000], "文件不完整或已损坏，请重新保存后再上传。"),
}


@pytest.mark.parametrize("name", NOT_WORKBOOKS)
def test_what_is_no_workbook_is_refused_in_words(name: str) -> None:
    content, reason = NOT_WORKBOOKS[name]
    assert refusal(content) == reason


def archive(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, part in parts.items():
            file.writestr(name, part)
    return target.getvalue()


TOO_BIG = "文件解开后过大，没有读取。请把要导入的数据复制到新建的工作簿里，再上传。"
NO_XLSX = "文件不是 .xlsx 工作簿（可能只是改了后缀），请另存为 .xlsx 后再上传。"
MACRO = "文件带有宏。请另存为不含宏的「Excel 工作簿（.xlsx）」后再上传。"
DAMAGED = "文件打不开，内容已损坏。请用 Excel 或 WPS 打开原文件，另存为 .xlsx 后再上传。"


def test_a_zip_bomb_is_not_unpacked() -> None:
    bomb = with_part(workbook(GOOD), SHEET_PART, b" " * 8 * 1024 * 1024)
    assert len(bomb) < 100_000
    assert refusal(bomb) == TOO_BIG


def test_a_workbook_that_unpacks_beyond_the_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.sheets.container.MAX_UNPACKED_BYTES", 1000)
    assert refusal(workbook(GOOD)) == TOO_BIG


def test_a_zip_of_very_many_parts_is_refused() -> None:
    content = workbook(GOOD)
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    many = parts | {f"xl/{number}.xml": b"" for number in range(MAX_ENTRIES)}
    assert refusal(archive(many)) == TOO_BIG


def test_a_word_document_is_no_workbook() -> None:
    assert refusal(archive({"[Content_Types].xml": b"", "word/document.xml": b""})) == NO_XLSX


def test_macros_are_refused_under_any_suffix() -> None:
    assert refusal(with_part(workbook(GOOD), "xl/vbaProject.bin", b"macro")) == MACRO


def test_entities_are_refused() -> None:
    assert openpyxl.DEFUSEDXML is True
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><a>&b;</a>'
    assert refusal(with_part(workbook(GOOD), SHEET_PART, laughs)) == DAMAGED


def test_broken_xml_is_told_as_damage() -> None:
    assert refusal(with_part(workbook(GOOD), SHEET_PART, b"<worksheet><row>")) == DAMAGED


def test_half_a_character_is_no_text() -> None:
    """Excel's own escape makes one, and no database takes it."""
    assert clean_text("张\ud800三") == "张三"


@pytest.mark.parametrize("text", ["", "张三", "a b", "Ａ　Ｂ"])
def test_cleaning_twice_changes_nothing(text: str) -> None:
    assert clean_text(clean_text(text)) == clean_text(text)
