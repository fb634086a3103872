"""A register from the upload to the counters: nothing but good files moves anything."""

import io
import json
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from campaign.services import Refused
from core.models import AuditEntry, Job
from core.uploads import UploadState
from core.workbook import WorkbookError
from organisation.choices import AreaLevel, Role
from tests.core.workbooks import SHEET_PART, filled, with_part, workbook
from tests.visits.conftest import County, Upload, area, person, run_apply, team_of
from visits.choices import Outcome, TargetKind, Way
from visits.exports.register import write_register_template
from visits.models import CoverageCount, RegisterChange, RegisterUpload, Target
from visits.queries import coverage_of
from visits.queries.denominator import counts_of
from visits.services import (
    check_coverage,
    freeze_register,
    record_visit,
    recount_coverage,
    register_villages,
    request_apply,
    upload_register,
)
from visits.tasks import apply_register, check_register

HEADINGS = ["户编号", "户主姓名", "乡镇（街道）", "村（社区）", "地址", "常住人口"]
GOOD_ROWS = [
    ["H-1", "张三", "柳园街道", "利民社区", "利民路 1 号", 4],
    ["H-2", "李四", None, 371502001002, "", None],
    ["H-3", "王五", "沙镇镇", "向阳村", "", 2],
]


def households(*rows: list[object]) -> bytes:
    return workbook([HEADINGS, *(rows or GOOD_ROWS)])


def errors_of(upload: RegisterUpload) -> list[list[object]]:
    return [[row, column, text] for row, column, _, text, *_ in upload.report["errors"]]


def import_all(upload: Upload, county: County, content: bytes, **options: object) -> RegisterUpload:
    """Upload, check, confirm and import."""
    made = upload(content, **options)
    assert made.state == UploadState.CHECKED, made.report
    return run_apply(made, request_apply(upload=made, actor=made.uploaded_by).pk)


def test_the_check_counts_and_writes_nothing(upload: Upload) -> None:
    made = upload(households())
    columns = made.report.pop("columns")
    assert (columns["by_hand"], len(columns["named"]), columns["passed"]) == (False, 6, [])
    assert (made.state, made.report) == (
        UploadState.CHECKED,
        {"problem": "", "rows": 3, "new": 3, "known": 0, "wrong": 0, "kinds": {}, "errors": []},
    )
    assert Target.objects.count() == 0
    assert Job.objects.get(pk=made.job_id).state == Job.State.DONE


def test_a_good_file_is_imported_with_its_counters(upload: Upload, county: County) -> None:
    made = import_all(upload, county, households())
    assert made.state == UploadState.APPLIED
    assert list(Target.objects.order_by("code").values_list("code", "name", "area__code")) == [
        ("H-1", "张三", "371502001001"),
        ("H-2", "李四", "371502001002"),
        ("H-3", "王五", "371502002001"),
    ]
    in_order = Target.objects.order_by("code")
    assert [(target.address.open(), target.members) for target in in_order] == [
        ("利民路 1 号", 4),
        ("", None),
        ("", 2),
    ]
    counts = coverage_of(county.campaign, county.city)
    assert (counts.pending, counts.registered) == (3, 3)
    assert recount_coverage(campaign=county.campaign) == 0


def test_the_import_is_in_the_audit_trail(upload: Upload, county: County) -> None:
    made = import_all(upload, county, households())
    acts = AuditEntry.objects.filter(act__startswith="visits.").order_by("id")
    assert [(entry.act, entry.actor, entry.detail) for entry in acts] == [
        ("visits.upload_register", county.office, {"sha256": made.sha256}),
        ("visits.add_targets", county.office, {"number": 3}),
        ("visits.apply_register", county.office, {"number": 3}),
    ]


def test_a_second_run_of_the_file_adds_nothing(upload: Upload, county: County) -> None:
    import_all(upload, county, households())
    again = upload(households())
    assert (again.report["new"], again.report["known"], again.report["wrong"]) == (0, 3, 0)
    run_apply(again, request_apply(upload=again, actor=county.office).pk)
    assert Target.objects.count() == 3
    assert coverage_of(county.campaign, county.city).pending == 3


def test_a_changed_row_is_an_error_and_changes_nothing(upload: Upload, county: County) -> None:
    import_all(upload, county, households())
    made = upload(households(["H-1", "张三丰", "柳园街道", "利民社区", "利民路 1 号", 4]))
    assert made.state == UploadState.REFUSED
    assert errors_of(made) == [
        [
            2,
            "户主姓名",
            "与登记册里的不一致（个人信息，不显示原值）。导入只新增、不改动，请核对后改成一致，或删除这一行",
        ]
    ]
    assert Target.objects.get(code="H-1").name == "张三"


def test_telephones_are_imported_and_added_to_whom_lacks_one(
    upload: Upload, county: County
) -> None:
    import_all(upload, county, households())
    rows = [
        [*GOOD_ROWS[0], 13812345678],  # a number cell
        [*GOOD_ROWS[1], ""],
        ["H-4", "赵六", "沙镇镇", "向阳村", "", 1, "(0635) 8241234"],
    ]
    content = workbook([[*HEADINGS, "联系电话"], *rows])
    made = import_all(upload, county, content)
    assert (made.report["new"], made.report["known"], made.report["phones"]) == (1, 2, 1)
    in_order = Target.objects.order_by("code")
    assert [target.phone.open() for target in in_order] == ["13812345678", "", "", "0635-8241234"]
    assert [Target.objects.with_phone(n).get().code for n in ("13812345678", "06358241234")] == [
        "H-1",
        "H-4",
    ]
    (entry,) = AuditEntry.objects.filter(act="visits.add_phones")
    assert (entry.actor, entry.detail) == (county.office, {"number": 1})
    again = upload(content)
    assert (again.state, again.report["new"], again.report.get("phones")) == (
        UploadState.CHECKED,
        0,
        None,
    )


def test_targets_are_taken_before_counters(upload: Upload, county: County) -> None:
    """As a visit does, which would otherwise wait for the import that waits for it."""
    import_all(upload, county, households())
    number, new = [*GOOD_ROWS[0], 13812345678], ["H-4", "赵六", "沙镇镇", "向阳村", "", 1, ""]
    with CaptureQueriesContext(connection) as asked:
        import_all(upload, county, workbook([[*HEADINGS, "联系电话"], number, new]))
    written = [each["sql"] for each in asked]
    phone = next(n for n, sql in enumerate(written) if sql.startswith('UPDATE "visits_target"'))
    counted = next(
        n for n, sql in enumerate(written) if sql.startswith('UPDATE "visits_coveragecount"')
    )
    assert phone < counted


def test_a_report_holds_no_telephone_and_no_address(upload: Upload, county: County) -> None:
    import_all(upload, county, households([*GOOD_ROWS[0]]))
    row = ["H-1", "张三", "柳园街道", "利民社区", "改了的地址", 4, "13812345678901"]
    made = upload(workbook([[*HEADINGS, "联系电话"], row]))
    assert made.state == UploadState.REFUSED
    told = str(made.report)
    assert [text in told for text in ("利民路", "改了的地址", "1381234")] == [False] * 3


def test_one_wrong_row_keeps_all_the_others_out(upload: Upload, county: County) -> None:
    rows = [
        *GOOD_ROWS,
        ["H-1", "", "沙镇镇", "无名村", "", 100],
        ["H-5", "钱七", "", "371521001001", "", 1],
    ]
    made = upload(households(*rows))
    assert made.state == UploadState.REFUSED
    assert errors_of(made) == [
        [5, "户编号", "「H-1」与第 2 行重复"],
        [5, "户主姓名", "必填，不能为空。合并过的单元格请取消合并后逐行填写"],
        [5, "村（社区）", "区划表里没有「沙镇镇」的「无名村」"],
        [5, "常住人口", "「100」应为 0 至 99 的整数"],
        [6, "村（社区）", "「371521001001」不在您的管辖范围"],
    ]
    assert (made.report["new"], made.report["wrong"], made.report["rows"]) == (3, 2, 5)
    assert made.report["kinds"] == {
        "missing": 1,
        "place": 1,
        "format": 1,
        "repeated": 1,
        "scope": 1,
    }
    assert Target.objects.count() == 0
    with pytest.raises(PermissionDenied, match="还没有通过检查"):
        request_apply(upload=made, actor=county.office)


def test_the_list_of_errors_can_be_fetched(upload: Upload) -> None:
    made = upload(households(["H 1", "张三", "", "371502001001", "", 1]))
    job = Job.objects.get(pk=made.job_id)
    sheet = load_workbook(job.file.open("rb")).worksheets[0]
    assert job.file_name == "登记册（已标出问题）.xlsx"
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        [*HEADINGS, "问题"],
        [
            "H 1",
            "张三",
            None,
            "371502001001",
            None,
            1,
            "户编号：「H 1」应为数字、字母或短横，不超过 24 位",
        ],
    ]
    wrong = sheet["A2"]
    assert (wrong.fill.fgColor.rgb, wrong.comment.text) == (
        "FFF8CECC",
        "「H 1」应为数字、字母或短横，不超过 24 位",
    )
    assert sheet["B2"].comment is None


def formula(sheet):
    sheet["B2"] = "=A1"


def corner(sheet):
    sheet["XFD1048576"] = "x"


PROBLEMS = {
    "what is not collected": (
        workbook([["编号", "户主姓名", "村（社区）", "身份证号"], ["1", "2", "3", "4"]]),
        (
            "工作表「Sheet」第 1 行的表头与模板不一致：缺少「户编号」；"
            "多出「编号」（A 列）「身份证号」（D 列）。请按模板改正后再上传。"
            "登记册不收集「身份证号」，请在原表里删除这一列再上传。"
        ),
    ),
    "empty sheet": (workbook([]), "工作簿是空的，没有任何内容。请按模板填写后再上传。"),
    "last corner": (
        workbook([HEADINGS, *GOOD_ROWS], corner),
        "工作表「Sheet」第 1048576 行 XFD 列有多余内容，请删除后再上传。",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_an_unreadable_file_is_told_and_changes_nothing(upload: Upload, name: str) -> None:
    content, problem = PROBLEMS[name]
    made = upload(content)
    assert (made.state, made.report["problem"]) == (UploadState.REFUSED, problem)
    assert Target.objects.count() == 0


CELLS = {
    "formula": (
        workbook([HEADINGS, ["H-1", "", "", "371502001001"]], formula),
        [2, "户主姓名", "是公式。请选中整列复制，再「选择性粘贴→数值」后上传"],
    ),
    "a number read as a date": (
        workbook([HEADINGS, [timezone.localdate(), "张三", "", "371502001001"]]),
        [
            2,
            "户编号",
            f"被 Excel 当成了日期（{timezone.localdate()}）。请把该列设为文本格式后重新填写",
        ],
    ),
    "twice in the file": (
        workbook([HEADINGS, GOOD_ROWS[0], GOOD_ROWS[0]]),
        [3, "户编号", "「H-1」与第 2 行重复"],
    ),
    "unknown village": (
        workbook([HEADINGS, ["H-1", "张三", "", "371502001999"]]),
        [2, "村（社区）", "区划表里没有代码为「371502001999」的村（社区）"],
    ),
}


@pytest.mark.parametrize("name", CELLS)
def test_a_wrong_cell_is_told_and_changes_nothing(upload: Upload, name: str) -> None:
    content, error = CELLS[name]
    made = upload(content)
    assert (made.state, errors_of(made)) == (UploadState.REFUSED, [error])
    assert Target.objects.count() == 0


def test_merged_titles_do_not_disturb(upload: Upload) -> None:
    def merge(sheet):
        sheet.merge_cells("A1:F1")

    made = upload(workbook([["东昌府区群众登记册"], [], HEADINGS, *GOOD_ROWS], merge))
    assert (made.state, made.report["new"]) == (UploadState.CHECKED, 3)


NEVER_KEPT = {
    "old xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
    "zeros": b"\0" * 10 * 1024 * 1024,
    "zip bomb": with_part(workbook([HEADINGS]), SHEET_PART, b" " * 8 * 1024 * 1024),
    "macros": with_part(workbook([HEADINGS]), "xl/vbaProject.bin", b"x"),
}


@pytest.mark.parametrize("name", NEVER_KEPT)
def test_what_is_no_plain_workbook_is_not_even_kept(county: County, files, name: str) -> None:
    with pytest.raises(WorkbookError):
        upload_register(
            campaign=county.campaign,
            kind=TargetKind.HOUSEHOLD,
            name="a.xlsx",
            content=NEVER_KEPT[name],
            actor=county.office,
        )
    assert (RegisterUpload.objects.count(), Job.objects.count()) == (0, 0)
    assert list(files.rglob("*.xlsx")) == []


def test_the_file_is_gone_once_it_is_settled(upload: Upload, county: County, files) -> None:
    refused = upload(households(["H 1", "张三", "", "371502001001"]))
    checked = upload(households())
    assert [bool(refused.file), bool(checked.file)] == [False, True]
    run_apply(checked, request_apply(upload=checked, actor=county.office).pk)
    assert bool(checked.file) is False
    assert list(files.glob("uploads/**/*.xlsx")) == []


def test_applying_twice_changes_nothing(upload: Upload, county: County) -> None:
    made = upload(households())
    job = request_apply(upload=made, actor=county.office)
    apply_register(job_id=str(job.pk))
    assert Target.objects.count() == 3
    apply_register(job_id=str(job.pk))
    assert Target.objects.count() == 3
    assert coverage_of(county.campaign, county.city).pending == 3


def test_a_worker_that_died_is_followed_by_another(upload: Upload, county: County) -> None:
    made = upload(households())
    job = request_apply(upload=made, actor=county.office)
    Job.objects.filter(pk=job.pk).update(
        state=Job.State.RUNNING,
        claim="00000000-0000-0000-0000-000000000001",
        lease_until=timezone.now() - timedelta(seconds=1),
    )
    run_apply(made, job.pk)
    job.refresh_from_db()
    assert (made.state, job.state, Target.objects.count()) == (
        UploadState.APPLIED,
        Job.State.DONE,
        3,
    )


def test_a_check_that_died_is_done_again_with_its_list(upload: Upload) -> None:
    made = upload(households(["H 1", "张三", "", "371502001001"]))
    first = Job.objects.get(pk=made.job_id)
    check_register(job_id=str(first.pk))
    assert Job.objects.get(pk=first.pk).finished_at == first.finished_at


def test_confirming_twice_asks_once(upload: Upload, county: County) -> None:
    made = upload(households())
    first = request_apply(upload=made, actor=county.office)
    assert request_apply(upload=made, actor=county.office) == first


def test_a_register_that_moved_since_the_check_refuses_the_import(
    upload: Upload, county: County
) -> None:
    made = upload(households())
    import_all(upload, county, households(["H-1", "别的人", "", "371502001001", "", 1]))
    run_apply(made, request_apply(upload=made, actor=county.office).pk)
    assert made.state == UploadState.REFUSED
    assert [error[:2] for error in errors_of(made)] == [
        [2, "户主姓名"],
        [2, "地址"],
        [2, "常住人口"],
    ]
    assert Target.objects.count() == 1


def test_a_number_of_another_county_stays_untold(upload: Upload, county: County) -> None:
    content = households(["H-1", "邻县的人", "", "371521001001", "邻县的街", 1])
    import_all(upload, county, content, actor=county.neighbour)
    made = upload(households(GOOD_ROWS[0]))
    assert errors_of(made) == [[2, "户编号", "「H-1」已由管辖范围以外的地方登记，请核对编号"]]
    assert "邻县" not in json.dumps(made.report, ensure_ascii=False)


def test_enterprises_are_counted_by_their_class(upload: Upload, county: County) -> None:
    headings = ["统一社会信用代码", "企业名称", "村（社区）", "规上", "工业", "规模"]
    rows = [
        ["91350100M000100Y43", "甲公司", "371502001001", "是", "是", "大型"],
        ["91330100799655058B", "乙公司", "371502001001", "否", "是", "微型"],
    ]
    import_all(upload, county, workbook([headings, *rows]), kind=TargetKind.ENTERPRISE)
    seen = ("above_scale", "industrial", "small", "pending")
    for place in (county.villages["371502001001"], county.here, county.city):
        counts = CoverageCount.objects.filter(area=place, kind=TargetKind.ENTERPRISE)
        found = list(counts.order_by("above_scale").values_list(*seen))
        assert found == [(False, True, True, 1), (True, True, False, 1)]
    assert recount_coverage(campaign=county.campaign) == 0


def template(kind: TargetKind) -> bytes:
    target = io.BytesIO()
    write_register_template(kind, target)
    return target.getvalue()


FILLED = {
    TargetKind.HOUSEHOLD: ["H-1", "张三", "柳园街道", "利民社区", "", "利民路 1 号", "", "4"],
    TargetKind.ENTERPRISE: [
        "91350100M000100Y43",
        "甲公司",
        "",
        "371502001001",
        "",
        "",
        "0635-8241234",
        "是",
        "否",
        "小型",
    ],
    TargetKind.VILLAGE: ["371502001001", "", "村委会院内"],
}


@pytest.mark.parametrize("kind", TargetKind)
def test_our_own_template_filled_in_is_imported(
    upload: Upload, county: County, kind: TargetKind
) -> None:
    import_all(upload, county, filled(template(kind), [FILLED[kind]]), kind=kind)
    (target,) = Target.objects.all()
    assert (target.kind, target.area.code) == (kind, "371502001001")


@pytest.mark.parametrize("kind", TargetKind)
def test_an_empty_template_says_that_there_is_no_data(upload: Upload, kind: TargetKind) -> None:
    made = upload(template(kind), kind=kind)
    assert made.report["problem"] == (
        f"工作表「{kind.label}登记册」第 1 行表头下面没有数据。请填写后再上传。"
    )


def test_the_code_columns_of_a_template_are_text() -> None:
    sheet = load_workbook(io.BytesIO(template(TargetKind.ENTERPRISE))).worksheets[0]
    assert sheet.column_dimensions["A"].number_format == "@"
    assert [rule.formula1 for rule in sheet.data_validations.dataValidation] == [
        '"是,否"',
        '"是,否"',
        '"大型,中型,小型,微型"',
        '"正常,失联,僵尸,注销"',
    ]


def test_villages_come_from_the_area_table_once(county: County) -> None:
    assert register_villages(campaign=county.campaign, actor=county.office) == 5
    assert register_villages(campaign=county.campaign, actor=county.office) == 0
    assert set(Target.objects.values_list("code", "name", "area__code")) == {
        (code, village.name, code)
        for code, village in county.villages.items()
        if code.startswith("371502")
    }
    assert recount_coverage(campaign=county.campaign) == 0
    town = area("371502003000", "新镇", AreaLevel.TOWNSHIP, county.here)
    area("371502003001", "新村", AreaLevel.VILLAGE, town)
    assert register_villages(campaign=county.campaign, actor=county.office) == 1


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in {Role.OFFICE, Role.ORGANISATION}]
)
def test_nobody_else_registers_anything(county: County, role: Role) -> None:
    actor = person("somebody", role, county.here)
    with pytest.raises(PermissionDenied):
        register_villages(campaign=county.campaign, actor=actor)
    with pytest.raises(PermissionDenied):
        upload_register(
            campaign=county.campaign,
            kind=TargetKind.HOUSEHOLD,
            name="a.xlsx",
            content=households(),
            actor=actor,
        )


def test_the_import_costs_the_same_queries_for_few_and_many(
    upload: Upload, county: County, django_assert_num_queries
) -> None:
    def rows(begin: int, number: int) -> bytes:
        return households(
            *([f"H-{n}", "张三", "", "371502001001"] for n in range(begin, begin + number))
        )

    import_all(upload, county, rows(0, 1))  # makes the village's counter
    for begin, number in [(100, 1), (200, 60)]:
        made = upload(rows(begin, number))
        job = request_apply(upload=made, actor=county.office)
        with django_assert_num_queries(33):
            apply_register(job_id=str(job.pk))


def test_recount_finds_and_mends_what_is_wrong(county: County, upload: Upload, capsys) -> None:
    import_all(upload, county, households())
    cadre = person("cadre", Role.CADRE, county.here)
    team_of(county, cadre, covers=county.here)
    record_visit(
        token="00000000-0000-0000-0000-000000000009",
        target=Target.objects.get(code="H-1"),
        author=cadre,
        visited_on=timezone.localdate(),
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )
    call_command("recount_coverage")
    assert capsys.readouterr().out == "清点完毕，0 个计数不对。\n"
    CoverageCount.objects.filter(area=county.villages["371502001001"]).update(visited=7)
    CoverageCount.objects.filter(area=county.villages["371502001002"]).delete()
    call_command("recount_coverage")
    assert capsys.readouterr().out == "清点完毕，2 个计数不对，已修正。\n"
    call_command("recount_coverage")
    assert capsys.readouterr().out == "清点完毕，0 个计数不对。\n"
    counts = coverage_of(county.campaign, county.city)
    assert (counts.pending, counts.visited) == (2, 1)


def test_one_row_too_many_is_named(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visits.services.reading.MAX_ROWS", 3)
    made = upload(households(*GOOD_ROWS, ["H-4", "赵六", "", "371502001001"]))
    assert (made.state, made.report["problem"]) == (
        UploadState.REFUSED,
        (
            "工作表「Sheet」第 5 行还有内容：一次最多导入 3 行。"
            "请删除下方多余的内容，或拆分成几个文件后再上传。"
        ),
    )
    assert Target.objects.count() == 0


def test_after_the_freeze_new_entries_need_a_reason(upload: Upload, county: County) -> None:
    """A change of the fixed denominator says why; what was registered before needs nothing."""
    import_all(upload, county, households())
    city = person("city", Role.OFFICE, county.city)
    seen = counts_of(county.campaign)
    freeze_register(campaign=county.campaign, actor=city, seen=seen)
    more = upload(households(["H-99", "新来的人", "", "371502001001"]))
    with pytest.raises(Refused, match="要写明原因"):
        request_apply(upload=more, actor=county.office)
    job = request_apply(upload=more, actor=county.office, reason=" 新建小区入住 ")
    run_apply(more, job.pk)
    (change,) = RegisterChange.objects.all()
    assert (change.kind, change.reason, change.target.code) == ("join", "新建小区入住", "H-99")
    assert change.area_to == county.villages["371502001001"]
    assert check_coverage(county.campaign) == []


def test_before_the_freeze_no_reason_is_kept(upload: Upload, county: County) -> None:
    made = upload(households())
    request_apply(upload=made, actor=county.office, reason="没有人问")
    made.refresh_from_db()
    assert made.reason == ""


def test_a_reason_with_a_zero_byte_is_kept_without_it(
    upload: Upload, county: County, client: Client
) -> None:
    """PostgreSQL takes no such text."""
    import_all(upload, county, households())
    city = person("city", Role.OFFICE, county.city)
    freeze_register(campaign=county.campaign, actor=city, seen=counts_of(county.campaign))
    client.force_login(county.office)
    client.post("/visits/register/villages/", {"reason": "新设\x00村居"})
    assert set(RegisterChange.objects.values_list("reason", flat=True)) == {"新设村居"}
