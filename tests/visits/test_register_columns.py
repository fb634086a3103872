"""Columns told by hand: asked for when unclear, remembered, masked, applied by themselves."""

import io
import json

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from campaign.services import Refused
from core.models import AuditEntry
from core.uploads import CONFIRM_WITHIN, UploadState, lapse
from core.workbook import Layout, fingerprint, opened, read_lines, tops
from organisation.choices import Role
from organisation.models import User
from tests.core.workbooks import workbook
from tests.visits.conftest import County, Upload, person, run_apply
from visits import services
from visits.choices import TargetKind
from visits.forms import register_columns as asking
from visits.models import ColumnChoice, RegisterUpload, Target
from visits.register.columns import Column, kept, shown_samples
from visits.services.upload import LIMITS
from visits.tasks import check_register

ODD = ["编号", "主人", "在哪个村", "手机", "备注"]
ROWS = [
    [f"H-{n}", f"张{chr(0x4E00 + n)}", "371502001001", f"138{n:08d}", "低保"] for n in range(1, 5)
]
ANSWER = ["户编号", "户主姓名", "村（社区）", "联系电话", ""]


def odd(*above: list[object], rows: list[list[object]] = ROWS) -> bytes:
    return workbook([*above, ODD, *rows])


def page(upload: RegisterUpload) -> str:
    return reverse("visits:register-columns", args=[upload.pk])


def by(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def answer(upload: RegisterUpload, chosen: list[str] = ANSWER, at: str = "0-0") -> dict[str, str]:
    given = {f"column_{place}": heading for place, heading in enumerate(chosen)}
    return given | {"at": at, "job": str(upload.job_id)}


def choose(upload: RegisterUpload, chosen: list[str] = ANSWER, row: int = 0) -> RegisterUpload:
    """Say what the columns are, and let the background check again."""
    services.choose_columns(
        upload=upload,
        sheet=0,
        row=row,
        columns=chosen,
        actor=upload.uploaded_by,
        seen=str(upload.job_id),
    )
    upload.refresh_from_db()
    check_register(job_id=str(upload.job_id))
    upload.refresh_from_db()
    return upload


### Asked for


def test_headings_that_nobody_understands_are_asked_for(upload: Upload, county: County) -> None:
    made = upload(odd())
    assert (made.state, made.awaits_columns) == (UploadState.UPLOADED, True)
    assert made.file
    assert "没有找到表头" in made.report["unclear"]
    client = by(county.office)
    told = client.get(reverse("visits:register-upload", args=[made.pk])).text
    assert "请先核对各列" in told
    assert page(made) in told
    assert "待核对各列" in client.get(reverse("visits:register-import")).text


def test_the_choice_is_checked_and_imported(upload: Upload, county: County) -> None:
    made = upload(odd(["某镇住户一览"]))
    client = by(county.office)
    found = client.post(page(made), answer(made, at="0-1"))
    assert found.status_code == 302
    made.refresh_from_db()
    check_register(job_id=str(made.job_id))
    made.refresh_from_db()
    assert (made.state, made.report["new"]) == (UploadState.CHECKED, 4)
    assert made.report["columns"] == {
        "by_hand": True,
        "named": [["A", "户编号"], ["B", "户主姓名"], ["C", "村（社区）"], ["D", "联系电话"]],
        "passed": ["E"],
    }
    run_apply(made, services.request_apply(upload=made, actor=county.office).pk)
    first = Target.objects.get(code="H-1")
    assert (first.name, first.phone.open()) == (ROWS[0][1], "13800000001")
    assert Target.objects.count() == 4
    assert AuditEntry.objects.filter(act="visits.choose_columns").count() == 1


def test_the_next_file_of_that_heading_needs_no_question(upload: Upload, county: County) -> None:
    choose(upload(odd()))
    again = upload(odd(["第二批"], rows=[["H-9", "李四", "371502001001", "", ""]]))
    assert (again.state, again.report["new"]) == (UploadState.CHECKED, 1)
    assert again.report["columns"]["by_hand"]
    colleague = person("colleague", Role.OFFICE, county.here)
    theirs = upload(odd(rows=[["H-8", "王五", "371502001001", "", ""]]), actor=colleague)
    assert theirs.state == UploadState.CHECKED


def test_without_the_memory_the_next_file_is_asked_about_again(
    upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(upload(odd()))
    monkeypatch.setattr("visits.services.upload.chosen_columns", lambda *given: {})
    assert upload(odd()).awaits_columns


def test_csv_is_asked_about_as_well(upload: Upload) -> None:
    text = "\n".join(",".join(map(str, row)) for row in [ODD, *ROWS])
    made = choose(upload(text.encode()))
    assert (made.state, made.report["new"]) == (UploadState.CHECKED, 4)


def test_what_was_understood_wrongly_is_set_right(upload: Upload, county: County) -> None:
    """姓名 is of the grid's keeper here, and the head of the household stands elsewhere."""
    swapped = workbook(
        [["户编号", "姓名", "村（社区）", "地址"], ["H-1", "网格员", "371502001001", "张三"]]
    )
    made = upload(swapped)
    assert made.state == UploadState.CHECKED
    assert (
        "重新指定" in by(county.office).get(reverse("visits:register-upload", args=[made.pk])).text
    )
    choose(made, ["户编号", "", "村（社区）", "户主姓名"])
    run_apply(made, services.request_apply(upload=made, actor=county.office).pk)
    assert Target.objects.get().name == "张三"
    made.refresh_from_db()
    assert (made.first_rows.open(), bool(made.file)) == ("", False)


def test_who_wants_to_look_first_is_asked_first(upload: Upload, county: County) -> None:
    made = services.upload_register(
        campaign=county.campaign,
        kind=TargetKind.HOUSEHOLD,
        name="a.xlsx",
        content=workbook([ANSWER[:3], ["H-1", "张三", "371502001001"]]),
        actor=county.office,
        columns_first=True,
    )
    check_register(job_id=str(made.job_id))
    made.refresh_from_db()
    assert made.awaits_columns
    assert choose(made, ANSWER[:3]).report["new"] == 1


def test_the_import_holds_to_what_was_confirmed(upload: Upload, county: County) -> None:
    """Somebody else's later word on the same heading does not change a checked file."""
    made = choose(upload(odd()))
    ColumnChoice.objects.update(columns=["", "户编号", "村（社区）", "", "户主姓名"])
    run_apply(made, services.request_apply(upload=made, actor=county.office).pk)
    assert set(Target.objects.values_list("code", flat=True)) == {"H-1", "H-2", "H-3", "H-4"}


def test_what_is_refused_at_the_import_is_told_by_what_was_confirmed(
    upload: Upload, county: County
) -> None:
    made = choose(upload(odd()))
    ColumnChoice.objects.update(columns=["", "户编号", "村（社区）", "", "户主姓名"])
    other = {"户编号": "H-1", "户主姓名": "李四", "村（社区）": "371502001001"}
    services.join_by_hand(
        campaign=county.campaign, kind=TargetKind.HOUSEHOLD, values=other, actor=county.office
    )
    run_apply(made, services.request_apply(upload=made, actor=county.office).pk)
    assert (made.state, made.report["kinds"]) == (UploadState.REFUSED, {"changed": 1})


### Wrong answers


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (["户编号", "", "村（社区）", "", ""], "还没有指定哪一列是「户主姓名」"),
        (["户编号", "户主姓名", "村（社区）", "户编号", ""], "A 列已经选了这一项"),
        (["户编号", "户主姓名", "身份证号", "", ""], "还没有指定哪一列是「村（社区）」"),
    ],
)
def test_an_incomplete_choice_is_told(
    upload: Upload, county: County, chosen: list[str], words: str
) -> None:
    made = upload(odd())
    found = by(county.office).post(page(made), answer(made, chosen))
    assert found.status_code == 422
    assert found.text.count(words) == 1
    assert not ColumnChoice.objects.exists()


def test_the_service_refuses_what_the_form_would(upload: Upload, county: County) -> None:
    made = upload(odd())
    with pytest.raises(Refused, match="没有选全"):
        choose(made, ["户编号", "户编号", "村（社区）", "", "户主姓名"])
    with pytest.raises(Refused):
        choose(made, row=99)
    assert not ColumnChoice.objects.exists()


def test_of_two_answers_one_is_taken(upload: Upload, county: County) -> None:
    made = upload(odd())
    client, given = by(county.office), answer(made)
    assert client.post(page(made), given).status_code == 302
    other = given | {"column_4": "地址"}
    text = client.post(page(made), other, follow=True).text
    assert "正在检查" in text
    assert ColumnChoice.objects.get().columns == ANSWER


def test_it_is_the_uploaders_alone(upload: Upload, county: County) -> None:
    made = upload(odd())
    assert by(county.neighbour).get(page(made)).status_code == 404
    assert by(county.neighbour).post(page(made), answer(made)).status_code == 404
    assert by(person("cadre")).get(page(made)).status_code == 403


def test_a_choice_stands_once_for_a_heading(upload: Upload, county: County) -> None:
    choose(upload(odd()))
    (one,) = ColumnChoice.objects.all()
    one.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        one.save(force_insert=True)
    made = upload(odd())
    assert made.state == UploadState.CHECKED
    choose(made, [*ANSWER[:4], "地址"])
    assert ColumnChoice.objects.get().columns[4] == "地址"


def test_a_column_that_the_register_has_no_more_is_forgotten(upload: Upload) -> None:
    choose(upload(odd()))
    ColumnChoice.objects.update(columns=["户编号", "户主姓名", "村（社区）", "传真", ""])
    assert upload(odd()).awaits_columns


### What is shown, and what stays


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13800000001", "***"),
        ("电话0635-8241234", "***"),
        ("6222021234567890123", "***"),
        ("371502001001", "371502001001"),
        ("H-1", "H-1"),
    ],
)
def test_of_a_column_without_a_name_numbers_of_persons_are_hidden(text: str, shown: str) -> None:
    assert shown_samples(TargetKind.HOUSEHOLD, Column(0, "", [text]), "") == [shown]


def test_personal_samples_are_masked(upload: Upload, county: County) -> None:
    made = upload(odd())
    client = by(county.office)
    text = client.get(page(made)).text
    assert "13800000001" not in text
    assert "371502001001、371502001001" in text
    assert text.count("例如：") == 5
    found = client.post(page(made), answer(made, ["", "户主姓名", "村（社区）", "联系电话", ""]))
    assert "138****0001" in found.text
    assert ROWS[0][1] not in found.text
    assert "张*" in found.text


def test_without_the_mask_a_telephone_would_be_read(
    upload: Upload, county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = upload(odd())
    monkeypatch.setattr(asking, "shown_samples", lambda kind, column, heading: column.samples)
    assert "13800000001" in by(county.office).get(page(made)).text


def test_the_first_rows_are_sealed_and_go_with_the_file(upload: Upload, county: County) -> None:
    identity = "11010519491231002X"
    made = upload(odd(rows=[["H-1", "张三", "x", "13800000001", identity], *ROWS]))
    stored = made.first_rows.stored
    assert "13800000001" not in stored
    assert identity not in made.first_rows.open()
    assert "已隐去" in json.loads(made.first_rows.open())[0]["rows"][1]["texts"][4]
    RegisterUpload.objects.update(uploaded_at=timezone.now() - CONFIRM_WITHIN * 2)
    assert lapse() == 1
    made.refresh_from_db()
    assert (made.state, made.first_rows.open()) == (UploadState.LAPSED, "")
    assert by(county.office).get(page(made)).status_code == 302


def test_what_no_register_asks_for_does_not_wait_on_the_server(upload: Upload) -> None:
    made = upload(workbook([[*ODD[:4], "身份证号码"], ["1", "张三", "村", "", "x"]]))
    assert made.state == UploadState.REFUSED
    assert "登记册不收集「身份证号码」" in made.report["problem"]
    assert (bool(made.file), made.first_rows.open()) == (False, "")


def test_the_row_of_headings_is_chosen_among_the_first(upload: Upload, county: County) -> None:
    made = upload(workbook([["甲", "乙", "丙"], ["一览"], ODD[:3], *[row[:3] for row in ROWS]]))
    client = by(county.office)
    assert client.get(page(made) + "?at=0-2").text.count("例如：") == 3
    assert "「编号」" in client.get(page(made) + "?at=0-2").text
    assert client.get(page(made) + "?at=7-99").status_code == 200
    made = choose(made, ANSWER[:3], row=2)
    assert (made.state, made.report["new"]) == (UploadState.CHECKED, 4)


def test_queries_of_the_page(upload: Upload, county: County, django_assert_num_queries) -> None:
    made, client = upload(odd()), by(county.office)
    client.get(page(made))
    with django_assert_num_queries(QUERIES):
        client.get(page(made))
    choose(upload(odd()))
    with django_assert_num_queries(QUERIES):
        client.get(page(made))


QUERIES = 8


### The reading itself


def book_of(content: bytes):
    return opened(io.BytesIO(content), LIMITS)


def test_a_fingerprint_is_of_texts_and_places() -> None:
    with book_of(workbook([["编号", "姓名 "], ["编 号", "姓名"], ["姓名", "编号"]])) as book:
        marks = [fingerprint(line) for line in tops(book)[0].lines]
    assert marks[0] == marks[1] != marks[2]


def test_what_was_said_goes_before_what_a_heading_says() -> None:
    content = workbook([["编号", "姓名", "别的"], ["1", "a", "b"]])
    with book_of(content) as book:
        (mark, *_) = [fingerprint(line) for line in tops(book)[0].lines]
        layout = Layout(["编号", "姓名"], chosen={mark: ["编号", "", "姓名"]})
        rows = [read.row for read in read_lines(book, layout, max_rows=9) if read.row]
    assert [row.values for row in rows] == [{"编号": "1", "姓名": "b"}]


def test_the_tops_are_short_whatever_the_file(upload: Upload) -> None:
    made = upload(odd(rows=[*ROWS * 20]))
    (top,) = kept(made.first_rows.open())
    assert len(top.rows) == 13
    assert load_workbook(io.BytesIO(odd())).sheetnames == [top.name]
