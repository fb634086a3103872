"""Pages of the imports: who may open them, what they say, what they hand out."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from pypdf import PdfReader

from core.models import AuditEntry, Job
from organisation.models import Grant, Posting, RosterUpload, User
from organisation.tasks import apply_roster, check_roster
from tests.core.workbooks import filled
from tests.organisation.imports import apply_list, check, check_list, counts, roster, row, unit_list
from tests.personas import World

PEOPLE, PLACES = reverse("organisation:roster-import"), reverse("organisation:units-import")
NEW = roster(row("N-01", "张新", "东阿县住建局"), row("cadre", "甲cadre", "东阿县民政局"))


def send(client: Client, content: bytes, page: str = PEOPLE):
    return client.post(page, {"file": SimpleUploadedFile("名册.xlsx", content)})


def words_of(answer) -> str:
    return re.sub(r"<[^>]+>|\s+", "", answer.content.decode())


def applied(world: World) -> tuple[Client, str, Job]:
    """The office has imported two people and looks at the result."""
    client = world.client(world.office)
    page = send(client, NEW).url
    upload = RosterUpload.objects.get()
    check_roster(job_id=str(upload.job_id))
    client.post(reverse("organisation:roster-apply", args=[upload.pk]))
    upload.refresh_from_db()
    apply_roster(job_id=str(upload.job_id))
    return client, page, Job.objects.get(pk=upload.job_id)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("office", (200, 200)), ("liaison", (200, 403)), ("head", (403, 403)), ("cadre", (403, 403))],
)
def test_who_opens_the_pages(world: World, name: str, expected: tuple[int, int]) -> None:
    client = world.client(getattr(world, name))
    assert (client.get(PEOPLE).status_code, client.get(PLACES).status_code) == expected


def test_from_the_upload_to_the_result(world: World) -> None:
    client = world.client(world.office)
    page = send(client, NEW).url
    assert "正在检查" in words_of(client.get(page))
    upload = RosterUpload.objects.get()
    check_roster(job_id=str(upload.job_id))
    checked = words_of(client.get(page))
    assert "检查通过，还没有写入" in checked
    assert "东阿县住建局→东阿县民政局" in checked
    assert not User.objects.filter(username="N-01").exists()
    assert client.post(reverse("organisation:roster-apply", args=[upload.pk])).url == page
    upload.refresh_from_db()
    apply_roster(job_id=str(upload.job_id))
    assert "共办理2项" in words_of(client.get(page))
    assert "名册.xlsx" in words_of(client.get(PEOPLE))


def test_the_slips_are_handed_out_once_and_then_gone(world: World) -> None:
    client, page, job = applied(world)
    assert "领取密码条（只有一次）" in words_of(client.get(page))
    assert client.get(reverse("core:job-file", args=[job.pk])).status_code == 404
    take = reverse("core:take-file", args=[job.pk])
    assert client.get(take).status_code == 405
    first = client.post(take)
    text = PdfReader(io.BytesIO(b"".join(first.streaming_content))).pages[0].extract_text()
    assert re.findall(r"\w{4}-\w{4}-\w{4}-\w{4}", text)
    assert client.post(take).status_code == 403
    job.refresh_from_db()
    assert (job.file.name, job.is_taken) == ("", True)
    assert "已领取" in words_of(client.get(page))
    assert "重置密码" in words_of(client.get(page))
    assert AuditEntry.objects.filter(act="jobs.take_file", actor=world.office).count() == 1


def test_the_slips_go_to_nobody_else_and_to_nobody_without_the_right(world: World) -> None:
    client, _, job = applied(world)
    take = reverse("core:take-file", args=[job.pk])
    assert world.client(world.liaison).post(take).status_code == 404
    Grant.objects.filter(user=world.office).update(revoked_by=world.head, revoked_at=timezone.now())
    assert client.post(take).status_code == 403
    assert not Job.objects.get(pk=job.pk).is_taken


def test_an_upload_belongs_to_its_uploader(world: World) -> None:
    made = check(NEW, world.office)
    other = world.client(world.liaison)
    assert other.get(reverse("organisation:roster-upload", args=[made.pk])).status_code == 404
    assert other.post(reverse("organisation:roster-apply", args=[made.pk])).status_code == 404


def test_errors_are_grouped_listed_and_fetched(world: World) -> None:
    made = check(roster(row("N-1", "张三", "无名局"), row("N-1", "", "无名局")), world.office)
    client = world.client(world.office)
    page = words_of(client.get(reverse("organisation:roster-upload", args=[made.pk])))
    assert "没有导入：请先改正下面的错误" in page
    assert "找不到单位2" in page
    answer = client.get(reverse("core:job-file", args=[made.job_id]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert [
        [cell.value for cell in line[:3]] for line in sheet.iter_rows(min_row=3, max_row=5)
    ] == [
        [2, "单位（编号或全称）", "找不到单位"],
        [3, "登录名（工号）", "文件内重复"],
        [3, "姓名", "必填项没有填"],
    ]


def test_what_is_no_workbook_is_told_at_once(world: World) -> None:
    assert "这不是 Excel 工作簿" in send(world.client(world.office), b"abc").content.decode()
    assert not RosterUpload.objects.exists()


@pytest.mark.parametrize("kind", ["roster", "units"])
def test_our_own_template_says_that_it_is_empty(world: World, kind: str) -> None:
    client = world.client(world.office)
    template = b"".join(client.get(reverse(f"organisation:{kind}-template")).streaming_content)
    made = (check if kind == "roster" else check_list)(template, world.office)
    assert "没有数据" in made.report["problem"]


def test_a_template_filled_in_is_accepted(world: World) -> None:
    client = world.client(world.office)
    template = b"".join(client.get(reverse("organisation:roster-template")).streaming_content)
    made = check(filled(template, [row("N-1", "张三", "东阿县住建局")]), world.office)
    assert counts(made) == {"created": 1}


@pytest.mark.parametrize("name", ["office", "liaison"])
def test_the_present_roster_comes_back_unchanged(world: World, name: str) -> None:
    person = getattr(world, name)
    answer = world.client(person).get(reverse("organisation:roster-present"))
    content = b"".join(answer.streaming_content)
    own = Posting.objects.filter(until=None)
    mine = own.filter(unit=world.unit) if name == "liaison" else own.exclude(unit=world.far_unit)
    assert counts(check(content, person)) == {"unchanged": mine.count()}
    assert AuditEntry.objects.filter(act="organisation.fetch_roster", actor=person).count() == 1


def test_the_present_units_come_back_unchanged(world: World) -> None:
    client = world.client(world.office)
    codes = unit_list(
        ["A-1", "东阿县住建局", "部门单位", "371524000000", ""],
        ["A-2", "东阿县民政局", "部门单位", "371524000000", ""],
        ["A-3", "东阿县作风办", "部门单位", "371524000000", ""],
        ["A-4", "东阿县纪委监委", "部门单位", "371524000000", ""],
    )
    apply_list(check_list(codes, world.office))
    answer = client.get(reverse("organisation:units-present"))
    made = check_list(b"".join(answer.streaming_content), world.office)
    assert counts(made) == {"unchanged": 4}


def test_telephone_numbers_do_not_leave_with_the_roster(world: World) -> None:
    User.objects.filter(pk=world.cadre.pk).update(phone="13800138000")
    answer = world.client(world.office).get(reverse("organisation:roster-present"))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    values = [str(cell.value) for line in sheet.iter_rows() for cell in line]
    assert "cadre" in values
    assert not any("13800138000" in value for value in values)


def test_the_page_costs_the_same_for_few_and_many(world: World, django_assert_num_queries) -> None:
    client = world.client(world.office)
    client.get(PEOPLE)
    for number in (1, 2):
        for _ in range(number):
            check(NEW, world.office)
        with django_assert_num_queries(7):
            client.get(PEOPLE)
