"""The pages of evidence: each fetch is kept, strangers find nothing."""

import pytest

from core.models import AuditEntry
from issues.models import Evidence
from tests.issues.conftest import brought_to, prove, upload
from tests.issues.test_views import ALL, SEES_SUBMITTED, expected, path, said, statuses
from tests.personas import ADMINISTRATORS, World


def test_evidence_is_fetched_by_whoever_sees_the_item_and_each_fetch_is_kept(
    world: World,
) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    address = path(issue, f"evidence/{evidence.pk}/")
    assert statuses(world, address) == expected(SEES_SUBMITTED)
    fetches = AuditEntry.objects.filter(act="issues.fetch_evidence")
    assert set(fetches.values_list("actor__username", "subject")) == {
        (name, f"issues.Evidence:{evidence.pk}") for name in SEES_SUBMITTED
    }
    assert fetches.count() == len(SEES_SUBMITTED)


def test_evidence_is_handed_out_as_it_was_kept(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    answer = world.client(world.office).get(path(issue, f"evidence/{evidence.pk}/"))
    assert b"".join(answer.streaming_content) == evidence.file.open("rb").read()
    assert answer["Content-Disposition"].startswith("attachment; ")


def test_evidence_whose_file_is_lost_is_told_and_not_counted_as_fetched(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    evidence.file.storage.delete(evidence.file.name)
    answer = world.client(world.office).get(path(issue, f"evidence/{evidence.pk}/"))
    assert answer.status_code == 404
    assert f"佐证「{evidence.name}」的登记还在" in answer.text
    assert "请把这个文件名告诉系统管理员" in answer.text
    assert not AuditEntry.objects.filter(act="issues.fetch_evidence").exists()


def test_evidence_is_not_reached_through_another_item(world: World) -> None:
    evidence = prove(brought_to(world, "file"), world.cadre)
    own = world.issue(world.colleague)
    address = path(own, f"evidence/{evidence.pk}/")
    assert world.client(world.colleague).get(address).status_code == 404
    assert not AuditEntry.objects.filter(act="issues.fetch_evidence").exists()


def test_evidence_is_uploaded_once(world: World) -> None:
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    first = browser.post(path(issue, "evidence/"), {"file": upload(), "note": "公示照片"})
    assert (first.status_code, said(first)) == (302, ["佐证已上传。"])
    again = browser.post(path(issue, "evidence/"), {"file": upload()})
    assert again.status_code == 422
    assert "这份文件已经上传过了。" in again.content.decode()
    issue.refresh_from_db()
    assert (Evidence.objects.get().note, issue.evidence_count) == ("公示照片", 1)


@pytest.mark.parametrize("name", sorted(set(ALL) - {"cadre"}))
def test_evidence_of_others_is_not_uploaded(world: World, name: str) -> None:
    issue = brought_to(world, "file")
    browser = world.client(getattr(world, name))
    answer = browser.post(path(issue, "evidence/"), {"file": upload()})
    assert answer.status_code == (403 if name in SEES_SUBMITTED | ADMINISTRATORS else 404)
    assert Evidence.objects.count() == 0


def test_closing_is_offered_once_there_is_evidence(world: World) -> None:
    """Otherwise a long account would be typed, refused, and lost."""
    issue, browser = brought_to(world, "file"), world.client(world.cadre)
    button = path(issue, "moves/apply/")
    page = browser.get(path(issue)).content.decode()
    assert (button in page, "先上传佐证材料" in page) == (False, True)
    prove(issue, world.cadre)
    assert button in browser.get(path(issue)).content.decode()


def test_an_empty_upload_is_told(world: World) -> None:
    issue = brought_to(world, "file")
    answer = world.client(world.cadre).post(path(issue, "evidence/"), {})
    assert answer.status_code == 422
    assert set(answer.context["evidence_form"].errors) == {"file"}
