"""Pages of the ledger's import, from the upload to the drafts."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from issues.models import Issue, LedgerUpload
from issues.tasks import apply_ledger, check_ledger
from tests.issues.sheets import apply, check, row, sheet
from tests.personas import World

PAGE = reverse("issues:ledger-import")


def send(client: Client, content: bytes):
    return client.post(PAGE, {"file": SimpleUploadedFile("台账.xlsx", content)})


def words_of(answer) -> str:
    return re.sub(r"<[^>]+>|\s+", "", answer.content.decode())


def test_from_the_upload_to_the_drafts(world: World) -> None:
    client = world.client(world.liaison)
    page = send(client, sheet(row(world, 地点=""))).url
    assert "正在检查" in words_of(client.get(page))
    upload = LedgerUpload.objects.get()
    check_ledger(job_id=str(upload.job_id))
    checked = words_of(client.get(page))
    assert "检查通过，还没有写入" in checked
    assert "甲cadre还缺：地点。" in checked
    assert client.post(reverse("issues:ledger-apply", args=[upload.pk])).url == page
    upload.refresh_from_db()
    apply_ledger(job_id=str(upload.job_id))
    assert "已导入1条草稿" in words_of(client.get(page))
    assert "台账.xlsx" in words_of(client.get(PAGE))
    issue = Issue.objects.get()
    own = words_of(world.client(world.cadre).get(reverse("issues:issue-detail", args=[issue.pk])))
    assert "由甲liaison从台账录入" in own


def test_errors_are_listed_and_fetched(world: World) -> None:
    upload = check(world, sheet(row(world, 类别="无此类"), row(world, 责任人="无此人")))
    client = world.client(world.liaison)
    page = words_of(client.get(reverse("issues:ledger-upload", args=[upload.pk])))
    assert "没有导入：请先改正下面的错误" in page
    assert "找不到类别1" in page
    assert "找不到责任人1" in page
    answer = client.get(reverse("core:job-file", args=[upload.job_id]))
    assert answer.status_code == 200
    answer.close()


def test_what_is_no_workbook_is_told_at_once(world: World) -> None:
    answer = send(world.client(world.cadre), b"abc")
    assert (answer.status_code, LedgerUpload.objects.count()) == (422, 0)
    assert "这不是 Excel 工作簿" in answer.content.decode()


def test_an_upload_belongs_to_its_uploader(world: World) -> None:
    upload = check(world, sheet(row(world)))
    for who in (world.head, world.cadre, world.office):
        client = world.client(who)
        assert client.get(reverse("issues:ledger-upload", args=[upload.pk])).status_code == 404
        assert client.post(reverse("issues:ledger-apply", args=[upload.pk])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_asks_the_same_whatever_the_number(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        check(world, sheet(row(world)))
    client = world.client(world.liaison)
    client.get(PAGE)
    with django_assert_num_queries(10):
        client.get(PAGE)


def test_the_author_names_another_leader_or_none(world: World) -> None:
    apply(check(world, sheet(row(world, 责任领导="甲head"))))
    issue, client = Issue.objects.get(), world.client(world.cadre)
    page = reverse("issues:issue-update", args=[issue.pk])
    sent = client.get(page).context["form"].initial
    assert sent["leader"] == world.head
    sent = {k: getattr(v, "pk", v) for k, v in sent.items() if v not in (None, False)}
    for leader in (world.deputy.pk, world.colleague.pk, ""):
        issue.refresh_from_db()
        client.post(page, sent | {"leader": leader, "seen_version": issue.version, "draft": "1"})
        issue.refresh_from_db()
        assert issue.leader_id == (None if leader == "" else world.deputy.pk)
    assert [each.text.get("leader") for each in issue.versions.all()] == [
        "甲head",
        "甲deputy",
        None,
    ]
