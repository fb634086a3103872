"""主动说明: the moment stays, and there is none but of one's own accord."""

import pytest
from django.db import IntegrityError, transaction

from core.models import AuditEntry
from issues.choices import Level, Source, State
from issues.models import Disclosure, Issue
from issues.queries import shown_hash
from issues.services import disclosure, make_move, rewrite_issue
from issues.workflow import Refused
from organisation.models import User
from tests.issues.conftest import brought_to, take
from tests.personas import World


def come_forward(issue: Issue, actor: User, name: str = "submit") -> Issue:
    return make_move(
        issue=issue, name=name, actor=actor, discloses=True, seen_hash=shown_hash(issue)
    )


def test_the_moment_and_the_text_are_kept(world: World) -> None:
    issue = come_forward(world.issue(), world.cadre)
    kept = Disclosure.objects.get()
    assert (kept.issue, kept.person) == (issue, world.cadre)
    assert kept.text_sha256 == issue.versions.get().sha256
    entry = AuditEntry.objects.get(act="issues.disclose")
    assert entry.detail == {"content": kept.text_sha256}


def test_without_the_tick_there_is_none(world: World) -> None:
    take(world, world.issue(), "submit")
    assert not Disclosure.objects.exists()


def test_the_first_moment_stays_through_returns_and_versions(world: World) -> None:
    issue = come_forward(world.issue(), world.cadre)
    first = Disclosure.objects.values().get()
    take(world, issue, "return", world.head)
    rewrite_issue(
        issue=issue,
        author=world.cadre,
        category=world.category,
        text=world.text(title="改过的标题"),
        seen_version=1,
    )
    come_forward(issue, world.cadre)
    assert Disclosure.objects.values().get() == first


@pytest.mark.parametrize("source", [each for each in Source if each != Source.SELF])
def test_what_others_found_is_no_disclosure(
    world: World, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = world.issue(source=source)
    with pytest.raises(Refused, match="自己查找"):
        come_forward(issue, world.cadre)
    assert Issue.objects.get().state == State.DRAFT
    monkeypatch.setattr(disclosure, "can_disclose", lambda *_: True)  # the control switched off
    with pytest.raises(IntegrityError, match="disclosure_is_own"), transaction.atomic():
        come_forward(issue, world.cadre)  # and the database holds it still


def test_neither_of_a_unit_nor_by_another_nor_later(world: World) -> None:
    issue = world.issue()
    Issue.objects.update(level=Level.UNIT)
    issue.refresh_from_db()
    with pytest.raises(Refused):
        come_forward(issue, world.cadre)
    with pytest.raises(IntegrityError, match="disclosure_is_own"), transaction.atomic():
        Disclosure.objects.create(issue=issue, person=world.cadre)
    Issue.objects.update(level=Level.PERSONAL)
    issue = Issue.objects.select_related("unit__area", "campaign", "author").get()
    with pytest.raises(IntegrityError, match="disclosure_is_own"), transaction.atomic():
        Disclosure.objects.create(issue=issue, person=world.colleague)
    take(world, issue, "submit")
    with pytest.raises(Refused):
        come_forward(issue, world.head, "confirm")
    assert not Disclosure.objects.exists()


def test_it_is_ticked_in_the_form_and_seen_on_the_page(world: World) -> None:
    client = world.client(world.cadre)
    text = world.text(category=world.category.pk)
    mine = {"discloses": "on", "submit": "1"}
    refused = client.post("/issues/new/", text | mine | {"source": "petition"})
    assert list(refused.context["form"].errors) == ["discloses"]
    client.post("/issues/new/", text | {"discloses": "on", "draft": "1"})
    issue = Issue.objects.get()
    assert not Disclosure.objects.exists()  # a draft tells nobody anything
    assert "我就此事主动向组织说明情况" in client.get(f"/issues/{issue.pk}/").text
    client.post(
        f"/issues/{issue.pk}/moves/submit/", {"discloses": "on", "seen_hash": shown_hash(issue)}
    )
    kept = Disclosure.objects.get()
    for who in (world.cadre, world.head):
        page = world.client(who).get(f"/issues/{issue.pk}/").text
        assert f"文字校验码 {kept.text_sha256[:8]}" in page


def test_a_returned_one_is_handed_in_again_whatever_its_source(world: World) -> None:
    issue = come_forward(world.issue(), world.cadre)
    take(world, issue, "return", world.head)
    client = world.client(world.cadre)
    text = world.text(category=world.category.pk, source="petition")
    client.post(f"/issues/{issue.pk}/edit/", text | {"seen_version": "1", "submit": "1"})
    issue.refresh_from_db()
    assert (issue.state, Disclosure.objects.count()) == (State.SUBMITTED, 1)
    assert "主动向组织说明情况" in world.client(world.head).get(f"/issues/{issue.pk}/").text


def test_other_items_have_none(world: World) -> None:
    issue = brought_to(world, "file")
    assert "主动说明" not in world.client(world.head).get(f"/issues/{issue.pk}/").text
