"""Registers of a city: in several sheets, given up, killed, alike, marked."""

import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook, load_workbook

from core import jobs
from core.models import Job
from core.uploads import UploadState
from tests.core.workbooks import saved, workbook
from tests.visits.conftest import County, Upload, run_apply
from visits.choices import TargetKind
from visits.models import CoverageCount, RegisterUpload, Target
from visits.register import tally
from visits.register.codes import credit_check_digit
from visits.services import cancel_upload, recount_coverage, request_apply, upload_register
from visits.services.upload import REGISTER
from visits.tasks import apply_register, check_register

HEADINGS = ["户编号", "户主姓名", "村（社区）", "地址", "联系电话"]
VILLAGE = "371502001001"


def household(number: int, **changes: object) -> list[object]:
    row = {
        "code": f"H-{number}",
        "name": f"张{chr(0x4E00 + number)}",
        "village": VILLAGE,
        "address": f"利民路 {number} 号",
        "phone": f"138{number:08d}",
    }
    return list((row | changes).values())


def register(*rows: list[object]) -> bytes:
    return workbook([HEADINGS, *rows])


def sheets(*tables: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for number, rows in enumerate(tables, start=1):
        sheet = book.create_sheet(f"第{number}册")
        for row in rows:
            sheet.append(row)
    return saved(book)


def applied(made: RegisterUpload) -> RegisterUpload:
    assert made.state == UploadState.CHECKED, made.report
    return run_apply(made, request_apply(upload=made, actor=made.uploaded_by).pk)


def test_several_sheets_are_one_register(upload: Upload, county: County) -> None:
    made = upload(
        sheets(
            [["说明", "请如实填写"]],
            [HEADINGS, household(1), household(2)],
            [HEADINGS, household(3)],
            [HEADINGS],
        )
    )
    assert (made.report["rows"], made.report["sheets"]) == (3, ["第2册", "第3册"])
    applied(made)
    assert Target.objects.count() == 3
    assert recount_coverage(campaign=county.campaign) == 0


def test_the_same_number_in_two_sheets_is_told_with_its_sheet(upload: Upload) -> None:
    made = upload(sheets([HEADINGS, household(1)], [HEADINGS, household(5, code="H-1")]))
    (error,) = made.report["errors"]
    assert error[:2] == [2, "户编号"]
    assert error[4:] == ["H-1", "张*", "第2册"]


def test_many_batches_count_as_one(upload: Upload, county: County, monkeypatch) -> None:
    monkeypatch.setattr("visits.services.reading.BATCH", 3)
    made = applied(upload(register(*map(household, range(1, 11)))))
    assert (made.report["new"], Target.objects.count()) == (10, 10)
    target = Target.objects.get(code="H-7")
    assert (target.address.open(), target.phone.open()) == ("利民路 7 号", "13800000007")
    assert Target.objects.with_phone("13800000007").get() == target
    counts = CoverageCount.objects.filter(area=county.city)
    assert [count.pending for count in counts] == [10]


def test_the_same_file_again_changes_nothing_and_says_so(upload: Upload, county: County) -> None:
    content = register(*map(household, range(1, 6)))
    applied(upload(content))
    before = list(Target.objects.order_by("pk").values_list("pk", "code", "phone_index"))
    again = upload(content)
    assert (again.report["new"], again.report["known"]) == (0, 5)
    applied(again)
    assert list(Target.objects.order_by("pk").values_list("pk", "code", "phone_index")) == before
    page = signed_in(county).get(page_of(again)).content.decode()
    assert "已在册，跳过" in page


def signed_in(county: County) -> Client:
    client = Client()
    client.force_login(county.office)
    return client


def page_of(upload: RegisterUpload) -> str:
    return reverse("visits:register-upload", args=[upload.pk])


LIKE = {
    "same name": (household(2, name=household(1)[1]), "same_name", "户主姓名"),
    "same phone": (household(2, phone=household(1)[4]), "same_phone", "联系电话"),
    "O for 0": (household(2, code="H-O1"), "like_code", "户编号"),
}


@pytest.mark.parametrize("name", LIKE)
def test_what_is_alike_is_a_warning(upload: Upload, county: County, name: str) -> None:
    row, kind, column = LIKE[name]
    first = household(1, code="H-01") if name == "O for 0" else household(1)
    made = upload(register(first, row))
    assert (made.state, made.report["likenesses"]) == (UploadState.CHECKED, {kind: 1})
    (warning,) = made.report["warnings"]
    assert warning[:3] == [3, column, kind]
    page = signed_in(county).get(page_of(made)).content.decode()
    assert "可能重复或有误，请核对" in page
    assert applied(made).report["warnings"] == [warning]
    assert Target.objects.count() == 2


ENTERPRISES = ["统一社会信用代码", "企业名称", "村（社区）", "规上", "工业"]


@pytest.mark.parametrize(
    ("name", "likenesses"),
    [
        ("聊城示范机械有限责任公司", {"same_name": 1}),
        ("聊城示范机械（有限公司）", {"same_name": 1}),
        ("聊城示范机电有限公司", None),
    ],
)
def test_an_enterprise_with_nearly_the_name_of_another_row_is_told(
    upload: Upload, name: str, likenesses: dict[str, int] | None
) -> None:
    rows = [
        ["91350100M000100Y43", "聊城示范机械有限公司", VILLAGE, "否", "否"],
        ["91330100799655058B", name, VILLAGE, "否", "否"],
    ]
    made = upload(workbook([ENTERPRISES, *rows]), TargetKind.ENTERPRISE)
    assert (made.state, made.report.get("likenesses")) == (UploadState.CHECKED, likenesses)


STRANGE = "Q" + "1350100M000100Y4"


def test_a_credit_code_of_an_unknown_authority_is_a_warning(upload: Upload) -> None:
    code = STRANGE + credit_check_digit(STRANGE)
    made = upload(
        workbook([ENTERPRISES, [code, "甲厂", VILLAGE, "否", "否"]]), TargetKind.ENTERPRISE
    )
    assert (made.state, made.report["likenesses"]) == (UploadState.CHECKED, {"strange_code": 1})
    (warning,) = made.report["warnings"]
    assert warning[:3] == [2, "统一社会信用代码", "strange_code"]
    assert "第 1 位「Q」少见" in warning[3]
    applied(made)
    assert Target.objects.get().code == code


def test_namesakes_in_two_villages_are_not_alike(upload: Upload) -> None:
    other = household(2, name=household(1)[1], village="371502001002")
    assert "likenesses" not in upload(register(household(1), other)).report


def test_a_page_shows_one_kind_some_rows_at_a_time(upload: Upload, county: County) -> None:
    rows = [household(n, village="371502009999") for n in range(1, 61)]
    made = upload(register(*rows, household(61, code="H 61")))
    client = signed_in(county)
    first = client.get(page_of(made)).context["found"]
    assert (len(first.rows), first.pages, first.total) == (50, 2, 61)
    last = client.get(page_of(made) + "?kind=place&page=2").context["found"]
    assert [finding.row for finding in last.rows] == list(range(52, 62))
    assert (last.rows[0].code, last.rows[0].name) == ("H-51", "张*")
    strange = client.get(page_of(made) + "?kind=<b>&page=-3").context["found"]
    assert (strange.kind, strange.page) == ("", 1)


def test_a_report_stays_small(upload: Upload, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "LISTED_PER_KIND", 2)
    made = upload(register(*(household(n, village="371502009999") for n in range(1, 6))))
    assert (made.report["kinds"], len(made.report["errors"])) == ({"place": 5}, 2)


def test_the_marked_copy_is_the_file_with_its_faults(upload: Upload) -> None:
    made = upload(
        workbook(
            [
                ["某街道登记册"],
                [],
                ["序号", *HEADINGS],
                [1, *household(1, address="=cmd|' /C calc'!A0")],
                [2, *household(2, village="没有的村", address="@x")],
                [3, *household(3, phone="123", address=date(2026, 3, 1))],
            ],
            lambda sheet: setattr(sheet["E4"], "data_type", "s"),
        )
    )
    job = Job.objects.get(pk=made.job_id)
    with job.file.open("rb") as file:
        sheet = load_workbook(io.BytesIO(file.read())).worksheets[0]
    assert next(cell.value for cell in sheet[1]) == "某街道登记册"
    assert [cell.value for cell in sheet[3]] == ["序号", *HEADINGS, "问题"]
    assert (sheet["E4"].value, sheet["E4"].data_type) == ("=cmd|' /C calc'!A0", "s")
    assert (sheet["E5"].value, sheet["E5"].data_type) == ("@x", "s")
    assert sheet["G4"].value is None
    assert "没有的村" in sheet["G5"].value
    assert sheet["D5"].comment.text in sheet["G5"].value
    assert sheet["E6"].value.date() == date(2026, 3, 1)
    assert sheet["F6"].fill.fgColor.rgb == "FFF8CECC"


def test_a_check_that_is_given_up_leaves_nothing(county: County) -> None:
    made = sent(county)
    assert cancel_upload(upload=made, actor=county.office)
    check_register(job_id=str(made.job_id))
    made.refresh_from_db()
    assert (made.state, made.report) == (UploadState.UPLOADED, {})
    assert not cancel_upload(upload=made, actor=county.office)
    page = signed_in(county).get(page_of(made)).content.decode()
    assert "已按您的要求停止" in page


def sent(county: County) -> RegisterUpload:
    return upload_register(
        campaign=county.campaign,
        kind=TargetKind.HOUSEHOLD,
        name="登记册.xlsx",
        content=register(*map(household, range(1, 11))),
        actor=county.office,
    )


def given_up_while_writing(upload: Upload, county: County, monkeypatch) -> RegisterUpload:
    """An import whose owner stops it between the first batch and the second."""
    monkeypatch.setattr("visits.services.reading.BATCH", 3)
    made = upload(register(*map(household, range(1, 11))))
    job = request_apply(upload=made, actor=county.office)
    written: list[int] = []
    real = REGISTER._written

    def stop_then_write(*args: object, **kwargs: object) -> None:
        written.append(1)
        jobs.cancel(job=job, actor=county.office)
        real(*args, **kwargs)

    monkeypatch.setattr(REGISTER, "_written", stop_then_write)
    apply_register(job_id=str(job.pk))
    assert written == [1]
    made.refresh_from_db()
    return made


def test_an_import_that_is_given_up_writes_nothing(upload: Upload, county, monkeypatch) -> None:
    made = given_up_while_writing(upload, county, monkeypatch)
    assert (made.state, Target.objects.count()) == (UploadState.CHECKED, 0)
    assert CoverageCount.objects.count() == 0
    monkeypatch.undo()
    applied(made)
    assert Target.objects.count() == 10


def test_the_test_above_sees_an_import_that_does_not_ask(upload, county, monkeypatch) -> None:
    monkeypatch.setattr(jobs.Running, "require_held", lambda self: None)
    monkeypatch.setattr(jobs.Running, "finish", lambda self, **_: None)
    made = given_up_while_writing(upload, county, monkeypatch)
    assert (made.state, Target.objects.count()) == (UploadState.APPLIED, 10)


def test_the_page_stops_what_is_under_way(county: County) -> None:
    made = sent(county)
    client = signed_in(county)
    assert "停止" in client.get(page_of(made)).content.decode()
    answer = client.post(reverse("visits:register-cancel", args=[made.pk]), follow=True)
    assert "已停止，登记册没有任何变化。" in answer.content.decode()
    again = client.post(reverse("visits:register-cancel", args=[made.pk]), follow=True)
    assert "这一步已经结束" in again.content.decode()
