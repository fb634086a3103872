"""The pure checks of the register: codes, places, rows, comparison."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns import Rejected, RowError
from core.workbook import Row
from visits.choices import Fault, Size, TargetKind
from visits.register.codes import (
    CREDIT_ALPHABET,
    check_credit_code,
    credit_check_digit,
)
from visits.register.comparison import Comparison, compare
from visits.register.fields import FIELDS
from visits.register.places import Gazetteer, Village
from visits.register.rows import Entry, read_entry, repeated

VALID = [
    "91350100M000100Y43",
    "91330100799655058B",
    "9144030071526726XG",
    "914403001922038216",
    "91110000802100433B",
    "91110108551385082Q",
]
PLACES = Gazetteer(
    [
        Village(1, "371502001001", "利民社区居委会", "柳园街道", True),
        Village(2, "371502001002", "向阳村村民委员会", "柳园街道", True),
        Village(3, "371502002001", "向阳村村委会", "沙镇镇", True),
        Village(4, "371502002002", "双名村", "沙镇镇", True),
        Village(5, "371502002003", "双名村村委会", "沙镇镇", True),
        Village(6, "371521001001", "景阳社区居委会", "狮子楼街道", False),
    ]
)


@pytest.mark.parametrize("code", VALID)
def test_valid_credit_codes_pass(code: str) -> None:
    assert check_credit_code(code.lower()) == code


BAD_CODES = {
    "91350100M000100Y44": "「91350100M000100Y44」校验位不对，可能抄错了某一位，请按执照核对",
    "91350100M000100Y4Z": (
        "「91350100M000100Y4Z」第 18 位「Z」不会出现在信用代码里"
        "（没有字母 I、O、S、V、Z），请按执照核对"
    ),
    "91350100M000100Y4": "「91350100M000100Y4」有 17 位，应为 18 位",
}


@pytest.mark.parametrize("code", BAD_CODES)
def test_a_wrong_credit_code_is_told_why(code: str) -> None:
    with pytest.raises(Rejected) as why:
        check_credit_code(code)
    assert (why.value.kind, why.value.text) == (Fault.CREDIT_CODE, BAD_CODES[code])


bodies = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)


@given(bodies, st.integers(0, 17), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_letter_never_passes(body: str, place: int, letter: str) -> None:
    code = body + credit_check_digit(body)
    assert check_credit_code(code) == code
    wrong = code[:place] + letter + code[place + 1 :]
    if wrong != code:
        with pytest.raises(Rejected):
            check_credit_code(wrong)


@pytest.mark.parametrize(
    ("place", "township", "pk"),
    [
        ("371502001001", "", 1),
        ("371502001001", "柳园街道", 1),
        ("利民社区", "柳园街道", 1),
        ("利民社区居委会", "柳园街道", 1),
        ("向阳村", "柳园街道", 2),
        ("向阳村", "沙镇镇", 3),
        ("371502002003", "沙镇镇", 5),
    ],
)
def test_finds_the_village_that_is_meant(place: str, township: str, pk: int) -> None:
    assert PLACES.find(place, township).pk == pk


@pytest.mark.parametrize(
    ("place", "township", "kind", "text"),
    [
        ("371502001999", "", Fault.PLACE, "区划表里没有代码为「371502001999」的村（社区）"),
        (
            "37150200100",
            "",
            Fault.PLACE,
            "「37150200100」有 11 位，区划代码应为 12 位（网格 15 位）",
        ),
        ("利民社区", "", Fault.PLACE, "只填了村名「利民社区」，请同时填写乡镇（街道），或改填代码"),
        ("无名村", "沙镇镇", Fault.PLACE, "区划表里没有「沙镇镇」的「无名村」"),
        (
            "双名村",
            "沙镇镇",
            Fault.PLACE,
            "「沙镇镇」有 2 个「双名村」，请改填代码：371502002002、371502002003",
        ),
        (
            "371502001001",
            "沙镇镇",
            Fault.PLACE,
            "「371502001001」属于「柳园街道」，与所填的「沙镇镇」不一致",
        ),
        ("371521001001", "", Fault.SCOPE, "「371521001001」不在您的管辖范围"),
        ("景阳社区", "狮子楼街道", Fault.SCOPE, "「景阳社区」不在您的管辖范围"),
    ],
)
def test_a_place_that_is_not_one_is_told_why(
    place: str, township: str, kind: Fault, text: str
) -> None:
    with pytest.raises(Rejected) as why:
        PLACES.find(place, township)
    assert (why.value.kind, why.value.text) == (kind, text)


def household(number: int = 2, **changes: object) -> Row:
    values = {
        "户编号": f"H-{number}",
        "户主姓名": "张三",
        "村（社区）": "371502001001",
        "常住人口": "3",
    }
    return Row(number, values | changes, {})


def read(*rows: Row, kind: TargetKind = TargetKind.HOUSEHOLD) -> tuple[list[Entry], list[RowError]]:
    found = [read_entry(kind, row, PLACES) for row in rows]
    entries = [entry for entry, errors in found if entry and not errors]
    return entries, [error for _, errors in found for error in errors]


def test_a_sound_row_becomes_an_entry() -> None:
    entries, errors = read(household())
    assert (entries, errors) == ([Entry(2, "H-2", "张三", 1, members=3)], [])


@pytest.mark.parametrize(
    ("column", "value", "kind", "text"),
    [
        ("户编号", "", Fault.MISSING, "必填，不能为空。合并过的单元格请取消合并后逐行填写"),
        ("户主姓名", "", Fault.MISSING, "必填，不能为空。合并过的单元格请取消合并后逐行填写"),
        ("村（社区）", "", Fault.MISSING, "必填，不能为空。合并过的单元格请取消合并后逐行填写"),
        ("户编号", "H 1", Fault.FORMAT, "「H 1」应为数字、字母或短横，不超过 24 位"),
        ("户主姓名", "张" * 41, Fault.FORMAT, "有 41 个字，不能超过 40 个字"),
        ("地址", "街" * 121, Fault.FORMAT, "有 121 个字，不能超过 120 个字"),
        ("常住人口", "100", Fault.FORMAT, "「100」应为 0 至 99 的整数"),
        ("常住人口", "-1", Fault.FORMAT, "「-1」应为 0 至 99 的整数"),
        ("常住人口", "3.5", Fault.FORMAT, "「3.5」应为 0 至 99 的整数"),
        ("常住人口", "三", Fault.FORMAT, "「三」应为 0 至 99 的整数"),
        (
            "村（社区）",
            "371502001999",
            Fault.PLACE,
            "区划表里没有代码为「371502001999」的村（社区）",
        ),
    ],
)
def test_a_wrong_cell_is_told_by_row_and_column(
    column: str, value: str, kind: Fault, text: str
) -> None:
    assert read(household(7, **{column: value})) == ([], [RowError(7, column, kind, text)])


def test_a_date_where_text_belongs_is_told() -> None:
    _, errors = read(household(4, 户编号=date(2026, 3, 1)))
    assert errors == [
        RowError(
            4,
            "户编号",
            Fault.FORMAT,
            "被 Excel 当成了日期（2026-03-01）。请把该列设为文本格式后重新填写",
        )
    ]


def test_all_faults_of_a_row_are_told_at_once() -> None:
    row = household(3, 户主姓名="", 常住人口="x")
    row = Row(3, row.values, {"地址": "是公式。请选中整列复制，再「选择性粘贴→数值」后上传"})
    _, errors = read(row)
    assert [(error.column, error.kind) for error in errors] == [
        ("地址", Fault.UNREADABLE),
        ("户主姓名", Fault.MISSING),
        ("常住人口", Fault.FORMAT),
    ]


def test_the_same_number_twice_is_told_with_the_first_row() -> None:
    row = household(9, 户编号="H-2")
    assert repeated(TargetKind.HOUSEHOLD, row, "H-2", 2) == RowError(
        9, "户编号", Fault.REPEATED, "「H-2」与第 2 行重复"
    )


def enterprise(**changes: object) -> Row:
    values = {
        "统一社会信用代码": VALID[0].lower(),
        "企业名称": "示范公司",
        "村（社区）": "371502001001",
        "规上": "是",
        "工业": "否",
        "规模": "小",
    }
    return Row(2, values | changes, {})


def test_an_enterprise_row_becomes_an_entry() -> None:
    entries, errors = read(enterprise(), kind=TargetKind.ENTERPRISE)
    assert errors == []
    assert entries == [
        Entry(2, VALID[0], "示范公司", 1, above_scale=True, industrial=False, size=Size.SMALL)
    ]


@pytest.mark.parametrize(
    ("column", "value", "kind", "text"),
    [
        ("规上", "", Fault.MISSING, "必填，不能为空。合并过的单元格请取消合并后逐行填写"),
        ("工业", "√", Fault.FORMAT, "「√」应为「是」或「否」"),
        ("规模", "巨型", Fault.FORMAT, "「巨型」应为大型、中型、小型、微型之一"),
        (
            "统一社会信用代码",
            "91350100M000100Y44",
            Fault.CREDIT_CODE,
            BAD_CODES["91350100M000100Y44"],
        ),
    ],
)
def test_a_wrong_cell_of_an_enterprise_is_told(
    column: str, value: str, kind: Fault, text: str
) -> None:
    row = enterprise(**{column: value})
    assert read(row, kind=TargetKind.ENTERPRISE) == ([], [RowError(2, column, kind, text)])


def test_a_village_takes_code_and_name_from_the_area_table() -> None:
    row = Row(2, {"村（社区）": "利民社区", "乡镇（街道）": "柳园街道"}, {})
    assert read(row, kind=TargetKind.VILLAGE) == (
        [Entry(2, "371502001001", "利民社区居委会", 1)],
        [],
    )


def test_an_entry_that_stands_in_the_register_is_passed_over() -> None:
    entry = Entry(2, "H-2", "张三", 1, "东街", 3)
    known = {"H-2": Entry(0, "H-2", "张三", 1, "东街", 3)}
    assert compare(TargetKind.HOUSEHOLD, [entry], known, PLACES) == Comparison((), (), ())
    assert compare(TargetKind.HOUSEHOLD, [entry], {}, PLACES) == Comparison((entry,), (), ())


ADVICE = "导入只新增、不改动，请核对后改成一致，或删除这一行"
UNTOLD = "与登记册里的不一致（个人信息，不显示原值）。"


def differences(kind: TargetKind, entry: Entry, known: Entry) -> dict[str, str]:
    found = compare(kind, [entry], {entry.code: known}, PLACES)
    assert (found.new, found.phones) == ((), ())
    assert {(error.row, error.kind) for error in found.errors} <= {(5, Fault.CHANGED)}
    return {error.column: error.text for error in found.errors}


def test_a_difference_names_both_values_unless_they_are_personal() -> None:
    """Who sends in a guess would else be answered with the name, the address, the number."""
    entry = Entry(5, "H-2", "张三", 1, "", 3, phone="13812345678")
    known = Entry(0, "H-2", "李四", 3, "东街", None, phone="13987654321")
    assert differences(TargetKind.HOUSEHOLD, entry, known) == {
        "户主姓名": f"{UNTOLD}{ADVICE}",
        "村（社区）": (
            f"登记册里是「沙镇镇向阳村村委会」，文件里是「柳园街道利民社区居委会」。{ADVICE}"
        ),
        "地址": f"{UNTOLD}{ADVICE}",
        "联系电话": f"{UNTOLD}{ADVICE}",
        "常住人口": f"登记册里是「空」，文件里是「3」。{ADVICE}",
    }


def test_the_name_of_an_enterprise_is_not_personal() -> None:
    entry = Entry(5, VALID[0], "甲公司", 1, phone="13812345678")
    known = Entry(0, VALID[0], "乙公司", 1, phone="8241234")
    assert differences(TargetKind.ENTERPRISE, entry, known) == {
        "企业名称": f"登记册里是「乙公司」，文件里是「甲公司」。{ADVICE}",
        "联系电话": f"{UNTOLD}{ADVICE}",
    }


@pytest.mark.parametrize(
    ("written", "registered", "added"),
    [("13812345678", "", True), ("", "13812345678", False), ("8241234", "8241234", False)],
)
def test_a_telephone_that_the_register_lacks_is_added(
    written: str, registered: str, added: bool
) -> None:
    """An empty cell says nothing, so that an older template does not differ everywhere."""
    entry = Entry(5, "H-2", "张三", 1, phone=written)
    known = {"H-2": Entry(0, "H-2", "张三", 1, phone=registered)}
    found = compare(TargetKind.HOUSEHOLD, [entry], known, PLACES)
    assert found == Comparison((), (entry,) if added else (), ())


@pytest.mark.parametrize("kind", [TargetKind.HOUSEHOLD, TargetKind.ENTERPRISE])
def test_a_telephone_is_kept_in_one_way_and_a_wrong_one_is_not_quoted(kind: TargetKind) -> None:
    row = household if kind == TargetKind.HOUSEHOLD else enterprise
    (entry,), errors = read(row(联系电话="138 1234 5678"), kind=kind)
    assert (entry.phone, errors) == ("13812345678", [])
    entries, errors = read(row(联系电话="1381234567"), kind=kind)
    text = "应为 11 位手机号，或带区号的固定电话（如 0635-8241234）"
    assert (entries, errors) == ([], [RowError(2, "联系电话", Fault.FORMAT, text)])


def test_what_another_area_registered_stays_untold() -> None:
    entry = Entry(5, "H-2", "张三", 1)
    known = Entry(0, "H-2", "邻县的人", 6, "邻县的街")
    assert differences(TargetKind.HOUSEHOLD, entry, known) == {
        "户编号": "「H-2」已由管辖范围以外的地方登记，请核对编号"
    }


@pytest.mark.parametrize("kind", TargetKind)
def test_the_examples_of_the_templates_are_told_apart_from_nothing(kind: TargetKind) -> None:
    """Every required column explains itself and has an example."""
    required = [field for field in FIELDS[kind] if not field.optional]
    assert all(field.hint.startswith("必填") and field.example for field in required)
