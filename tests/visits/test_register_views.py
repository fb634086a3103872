"""Pages of the register: who may open them, what they say, what they do."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from core.models import Job
from core.uploads import UploadState
from organisation.choices import Role
from organisation.models import User
from tests.core.workbooks import workbook
from tests.visits.conftest import County, Upload, person, run_apply
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.services import request_apply
from visits.tasks import check_register

HEADINGS = ["户编号", "户主姓名", "村（社区）", "常住人口"]
GOOD = workbook([HEADINGS, ["H-1", "张三", "371502001001", 4]])
BAD = workbook([HEADINGS, ["H-1", "张三", "371502001999", 400]])
PAGE = reverse("visits:register-import")
VILLAGES = reverse("visits:register-villages")
TEMPLATE = reverse("visits:register-template", args=["household"])
KEEPERS = {Role.OFFICE, Role.ORGANISATION}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def send(client: Client, content: bytes, name: str = "群众.xlsx", kind: str = "household"):
    return client.post(PAGE, {"kind": kind, "file": SimpleUploadedFile(name, content)})


def upload_page(upload: RegisterUpload) -> str:
    return reverse("visits:register-upload", args=[upload.pk])


def apply_page(upload: RegisterUpload) -> str:
    return reverse("visits:register-apply", args=[upload.pk])


@pytest.mark.parametrize("role", [None, *Role])
def test_only_office_and_organisation_department_open_the_pages(
    county: County, role: Role | None
) -> None:
    client = signed_in(person("somebody", role, county.here))
    answers = [
        client.get(PAGE).status_code,
        client.get(TEMPLATE).status_code,
        send(client, GOOD).status_code,
        client.post(VILLAGES).status_code,
    ]
    assert answers == ([200, 200, 302, 302] if role in KEEPERS else [403] * 4)
    assert (Target.objects.count(), RegisterUpload.objects.count()) == (
        (5, 1) if role in KEEPERS else (0, 0)
    )


def test_a_refusal_says_who_may(county: County) -> None:
    answer = signed_in(person("cadre", Role.CADRE, county.here)).get(PAGE)
    assert "只有作风办和组织部可以导入登记册。" in answer.content.decode()


def test_a_stranger_is_sent_to_the_login(county: County) -> None:
    assert Client().get(PAGE).status_code == 302
    assert Client().get(PAGE).url.startswith(reverse("organisation:login"))


def test_an_upload_belongs_to_its_uploader(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    colleague = signed_in(person("colleague", Role.OFFICE, county.here))
    for client in (colleague, signed_in(county.neighbour)):
        assert client.get(upload_page(made)).status_code == 404
        assert client.post(apply_page(made)).status_code == 404
    assert Job.objects.filter(kind="visits.apply_register").count() == 0


def test_writing_needs_a_post(upload: Upload, county: County) -> None:
    client = signed_in(county.office)
    assert client.get(VILLAGES).status_code == 405
    assert client.get(apply_page(upload(GOOD))).status_code == 405


def test_upload_check_confirm(county: County) -> None:
    client = signed_in(county.office)
    answer = send(client, GOOD)
    made = RegisterUpload.objects.get()
    assert answer.url == upload_page(made)
    assert "正在检查" in client.get(upload_page(made)).content.decode()

    check_register(job_id=str(made.job_id))
    page = client.get(upload_page(made)).content.decode()
    assert "确认导入 1 条" in page
    assert Target.objects.count() == 0

    assert client.post(apply_page(made)).url == upload_page(made)
    made.refresh_from_db()
    assert "正在导入" in client.get(upload_page(made)).content.decode()
    run_apply(made, made.job_id)
    page = client.get(upload_page(made)).content.decode()
    assert "已导入 1 条" in page
    assert "确认导入" not in page
    assert Target.objects.get().name == "张三"


def test_errors_are_grouped_listed_and_fetched(upload: Upload, county: County) -> None:
    made = upload(BAD)
    client = signed_in(county.office)
    answer = client.get(upload_page(made))
    assert [each[1:] for each in answer.context["found"].kinds] == [
        ("找不到村（社区）", 1),
        ("填写不合要求", 1),
    ]
    found = answer.context["found"].rows
    assert [(each.row, each.column, each.label, each.text) for each in found] == [
        (2, "村（社区）", "找不到村（社区）", "区划表里没有代码为「371502001999」的村（社区）"),
        (2, "常住人口", "填写不合要求", "「400」应为 0 至 99 的整数"),
    ]
    page = answer.content.decode()
    assert "确认导入" not in page
    address = reverse("core:job-file", args=[made.job_id])
    assert address in page
    fetched = b"".join(client.get(address).streaming_content)
    assert load_workbook(io.BytesIO(fetched)).worksheets[0].max_row == 2
    assert signed_in(county.neighbour).get(address).status_code == 404


def test_a_file_with_errors_cannot_be_applied(upload: Upload, county: County) -> None:
    made = upload(BAD)
    assert signed_in(county.office).post(apply_page(made)).status_code == 403
    assert Target.objects.count() == 0


def test_a_second_confirmation_after_the_import_is_refused(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    run_apply(made, request_apply(upload=made, actor=county.office).pk)
    answer = signed_in(county.office).post(apply_page(made))
    assert answer.status_code == 403
    assert "已经导入过了" in answer.content.decode()
    assert Target.objects.count() == 1


FORM_ERRORS = {
    "old xls": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
        "这是旧版 .xls 工作簿（或别的旧版文档），请另存为 .xlsx 后再上传。",
    ),
    "zeros": (
        b"\0" * 10 * 1024 * 1024,
        "文件里没有内容（全是空字节），可能没有传完。请重新选择文件上传。",
    ),
    "empty": (b"", "文件是空的，请重新选择。"),
}


@pytest.mark.parametrize("name", FORM_ERRORS)
def test_what_is_no_workbook_is_told_at_once(county: County, name: str) -> None:
    content, text = FORM_ERRORS[name]
    answer = send(signed_in(county.office), content)
    assert (answer.status_code, answer.context["form"].errors["file"]) == (422, [text])
    assert RegisterUpload.objects.count() == 0


def test_the_form_needs_a_file_and_a_known_register(county: County) -> None:
    client = signed_in(county.office)
    answer = client.post(PAGE, {"kind": "household"})
    assert answer.context["form"].errors["file"] == ["请选择要上传的文件。"]
    assert "kind" in send(client, GOOD, kind="cat").context["form"].errors


def test_an_unreadable_workbook_is_told_on_its_page(upload: Upload, county: County) -> None:
    made = upload(workbook([]))
    page = signed_in(county.office).get(upload_page(made)).content.decode()
    assert "工作簿是空的，没有任何内容。请按模板填写后再上传。" in page


def test_names_in_a_file_cannot_become_markup(upload: Upload, county: County) -> None:
    made = upload(workbook([HEADINGS, ["<b>", "张三", "371502001001", 1]]))
    page = signed_in(county.office).get(upload_page(made)).content.decode()
    assert "「&lt;b&gt;」应为数字" in page
    assert "「<b>」" not in page


def test_nothing_new_needs_no_confirmation(upload: Upload, county: County) -> None:
    first = upload(GOOD)
    run_apply(first, request_apply(upload=first, actor=county.office).pk)
    page = signed_in(county.office).get(upload_page(upload(GOOD))).content.decode()
    assert "没有需要新增的" in page
    assert "确认导入" not in page


def states_listed(county: County) -> list[str]:
    page = signed_in(county.office).get(PAGE).content.decode()
    return re.findall(r'<span class="state[^"]*">([^<]*)</span>', page)


def test_a_file_with_nothing_new_does_not_wait_for_ever(upload: Upload, county: County) -> None:
    first = upload(GOOD)
    assert states_listed(county) == ["待确认"]
    run_apply(first, request_apply(upload=first, actor=county.office).pk)
    upload(GOOD)
    assert states_listed(county) == ["无需导入", "已导入"]


def test_a_file_that_only_brings_numbers_waits_too(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    report = {**made.report, "new": 0, "known": 1, "phones": 1}
    RegisterUpload.objects.filter(pk=made.pk).update(report=report)
    assert states_listed(county) == ["待确认"]
    assert "确认补登电话" in signed_in(county.office).get(upload_page(made)).content.decode()


def test_what_nobody_confirmed_says_so(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    RegisterUpload.objects.filter(pk=made.pk).update(state=UploadState.LAPSED)
    page = signed_in(county.office).get(upload_page(made)).content.decode()
    assert ("三天内没有确认" in page, "确认导入" in page) == (True, False)


def test_a_refused_file_promises_nothing(upload: Upload, county: County) -> None:
    made = upload(workbook([HEADINGS, ["H-1", "张三", "371502001001", 4], ["H-2", "", "", 4]]))
    assert (made.state, made.report["new"]) == (UploadState.REFUSED, 1)
    client = signed_in(county.office)
    listed, shown = (client.get(page).content.decode() for page in (PAGE, upload_page(made)))
    assert ("可导入 1 行" in listed, "可导入的行" in shown) == (True, True)
    assert ("新增 1" in listed, "将新增" in shown) == (False, False)


def test_after_the_import_the_next_steps_are_offered(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    client = signed_in(county.office)
    assert "继续导入" not in client.get(upload_page(made)).content.decode()
    run_apply(made, request_apply(upload=made, actor=county.office).pk)
    page = client.get(upload_page(made)).content.decode()
    assert f'href="{reverse("reports:progress")}">看进展</a>' in page
    assert f'href="{PAGE}">继续导入</a>' in page
    assert client.get(reverse("reports:progress")).status_code == 200


def test_a_running_check_reloads_the_page_when_it_ends(county: County) -> None:
    client = signed_in(county.office)
    page = client.get(send(client, GOOD).url).content.decode()
    status = reverse("core:job-status", args=[RegisterUpload.objects.get().job_id])
    assert re.findall(r'hx-get="([^"]*)"', page) == [f"{status}?refresh=1"]
    assert client.get(f"{status}?refresh=1").get("HX-Refresh") is None
    check_register(job_id=str(RegisterUpload.objects.get().job_id))
    assert client.get(f"{status}?refresh=1")["HX-Refresh"] == "true"


def test_a_failed_job_is_told_and_can_be_tried_again(upload: Upload, county: County) -> None:
    made = upload(GOOD)
    job = request_apply(upload=made, actor=county.office)
    Job.objects.filter(pk=job.pk).update(state=Job.State.FAILED, message="处理时出错。")
    page = signed_in(county.office).get(upload_page(made)).content.decode()
    assert "处理时出错。" in page
    assert "确认导入 1 条" in page
    assert request_apply(upload=made, actor=county.office) != job


@pytest.mark.parametrize("kind", TargetKind)
def test_each_template_is_a_workbook_with_our_headings(county: County, kind: TargetKind) -> None:
    answer = signed_in(county.office).get(reverse("visits:register-template", args=[kind.value]))
    sheet = load_workbook(io.BytesIO(b"".join(answer.streaming_content))).worksheets[0]
    assert sheet.title == f"{kind.label}登记册"
    assert [str(sheet["A2"].value)[:5], str(sheet["A3"].value)[:3]] == ["填写说明：", "示例："]


def test_there_is_no_template_of_anything_else(county: County) -> None:
    address = reverse("visits:register-template", args=["cat"])
    assert signed_in(county.office).get(address).status_code == 404


def test_the_villages_are_registered_with_one_click(county: County) -> None:
    client = signed_in(county.office)
    assert client.get(PAGE).context["villages_left"] == 5
    answer = client.post(VILLAGES, follow=True)
    assert "已从区划表新增 5 个村居。" in answer.content.decode()
    assert answer.context["villages_left"] == 0
    answer = client.post(VILLAGES, follow=True)
    assert "村居登记册已经齐全，没有新增。" in answer.content.decode()
    assert Target.objects.count() == 5


def test_without_a_campaign_the_page_says_what_to_do(county: County) -> None:
    county.campaign.delete()
    client = signed_in(county.office)
    assert "现在没有正在进行的专项行动" in client.get(PAGE).content.decode()
    assert client.post(VILLAGES).status_code == 404


def test_the_list_of_uploads_costs_the_same_for_one_and_three(
    upload: Upload, county: County, django_assert_num_queries
) -> None:
    client = signed_in(county.office)
    for number in (1, 2):
        for _ in range(number):
            upload(GOOD)
        client.get(PAGE)
        with django_assert_num_queries(10):
            assert client.get(PAGE).status_code == 200
    assert RegisterUpload.objects.filter(state=UploadState.CHECKED).count() == 3
