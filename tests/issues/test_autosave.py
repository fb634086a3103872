"""The form that saves itself: what it keeps, for whom, and until when."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from campaign.models import Campaign
from issues.models import Autosave, Issue, IssueVersion
from issues.services import Outwritten, drop_words, forget_old_words, keep_words
from tests.issues.conftest import unit_item
from tests.personas import World

TOKEN = str(uuid.uuid4())
ADDRESS = "/issues/autosave/"


def sent(**changes: object) -> dict[str, object]:
    return {"token": TOKEN, "number": 0, "title": "", "event": "群众来办证，"} | changes


def test_what_is_begun_is_kept_and_is_no_item(world: World) -> None:
    browser = world.client(world.cadre)
    first = browser.post(ADDRESS, sent()).json()
    second = browser.post(ADDRESS, sent(number=first["number"], event="群众来办证，我压了 9 天。"))
    assert second.json()["number"] == 2
    assert (Issue.objects.count(), IssueVersion.objects.count()) == (0, 0)
    page = browser.get("/issues/new/")
    assert "写到一半的内容还在" in page.text
    form = browser.get("/issues/new/?kept=1").context["form"]
    assert form.initial["event"] == "群众来办证，我压了 9 天。"
    assert str(form.initial["token"]) == TOKEN


def test_it_is_kept_encrypted_and_is_its_writers_alone(world: World) -> None:
    world.client(world.cadre).post(ADDRESS, sent())
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM issues_autosave")
        assert "群众" not in cursor.fetchone()[0]
    kept = Autosave.objects.get()
    for name in ("colleague", "head", "office"):
        browser = world.client(getattr(world, name))
        assert browser.get("/issues/new/?kept=1").context["kept"] is None
        assert browser.post(f"{ADDRESS}{kept.pk}/drop/").status_code == 404
    with pytest.raises(PermissionDenied):
        drop_words(person=world.head, autosave=kept)


def test_the_older_of_two_tabs_is_told(world: World) -> None:
    browser = world.client(world.cadre)
    issue = world.issue()
    fields = sent(issue=issue.pk)
    assert browser.post(ADDRESS, fields | {"event": "新的一页"}).status_code == 200
    older = browser.post(ADDRESS, fields | {"token": str(uuid.uuid4()), "event": "旧的一页"})
    assert (older.status_code, "另一个页面写得更新" in older.text) == (409, True)
    page = browser.get(f"/issues/{issue.pk}/edit/?kept=1")
    assert page.context["form"].initial["event"] == "新的一页"


def test_it_goes_when_the_form_is_saved_and_does_not_come_back(world: World) -> None:
    browser = world.client(world.cadre)
    browser.post(ADDRESS, sent())
    text = world.text() | {"category": world.category.pk, "token": TOKEN, "draft": "1"}
    browser.post("/issues/new/", text)
    assert (Issue.objects.count(), Autosave.objects.count()) == (1, 0)
    assert browser.post(ADDRESS, sent()).status_code == 409
    issue = Issue.objects.get()
    browser.post(ADDRESS, sent(issue=issue.pk))
    browser.post(f"/issues/{issue.pk}/edit/", text | {"seen_version": 1})
    assert Autosave.objects.count() == 0


def test_it_is_thrown_away_by_its_writer(world: World) -> None:
    browser = world.client(world.cadre)
    browser.post(ADDRESS, sent())
    answer = browser.post(f"{ADDRESS}{Autosave.objects.get().pk}/drop/")
    assert (answer["Location"], Autosave.objects.count()) == ("/issues/new/", 0)


def test_what_others_wrote_is_not_written_over(world: World) -> None:
    issue = world.issue()
    answer = world.client(world.colleague).post(ADDRESS, sent(issue=issue.pk))
    assert (answer.status_code, Autosave.objects.count()) == (404, 0)
    with pytest.raises(PermissionDenied):
        keep_words(
            person=world.colleague, campaign=world.campaign, issue=issue,
            token=uuid.uuid4(), words={}, seen=0,
        )  # fmt: skip


def test_two_first_times_keep_one(world: World) -> None:
    words = {"person": world.cadre, "campaign": world.campaign, "issue": None, "words": {}}
    token = uuid.uuid4()
    keep_words(**words, token=token, seen=0)
    with pytest.raises(Outwritten):
        keep_words(**words, token=token, seen=0)
    assert Autosave.objects.count() == 1


def test_it_goes_after_a_month_and_with_the_campaign(world: World) -> None:
    browser = world.client(world.cadre)
    browser.post(ADDRESS, sent())
    assert forget_old_words(world.today) == 0
    Autosave.objects.update(saved_at=timezone.now() - timedelta(days=31))
    assert forget_old_words(world.today) == 1
    browser.post(ADDRESS, sent())
    Campaign.objects.update(ends_on=world.today)
    assert forget_old_words(world.today + timedelta(days=1)) == 1


def test_a_plan_a_category_and_a_tick_come_back_as_they_stood(world: World) -> None:
    browser, issue = world.client(world.cadre), world.issue()
    plan = {"kind": "long_term", "long_reason": "history", "step4_shows": "窗口不再排队"}
    days = {"step1_day": str(world.today), "step2_day": "下月底"}
    browser.post(
        ADDRESS, sent(issue=issue.pk, category=world.category.pk, discloses="on", **plan, **days)
    )
    form = browser.get(f"/issues/{issue.pk}/edit/?kept=1").context["form"]
    assert {name: form.initial[name] for name in plan} == plan
    assert (form.initial["step1_day"], form.initial["step2_day"]) == (world.today, None)
    assert (form.initial["category"], form.has_more) == (world.category, True)
    assert "checked" in str(form["discloses"])
    browser.post(ADDRESS, sent(issue=issue.pk, number=1))
    form = browser.get(f"/issues/{issue.pk}/edit/?kept=1").context["form"]
    assert ("checked" in str(form["discloses"]), form.initial["category"]) == (False, None)


@pytest.mark.parametrize("key", ["x", "-1", "²", "9" * 30, "999999"])
def test_a_category_that_is_none_is_left_open(world: World, key: str) -> None:
    browser = world.client(world.cadre)
    browser.post(ADDRESS, sent(category=key))
    page = browser.get("/issues/new/?kept=1")
    assert (page.status_code, page.context["form"].initial["category"]) == (200, None)


def test_the_form_of_a_units_item_does_not_save_itself(world: World) -> None:
    """Who answers for it and what it is made of would be lost."""
    item = unit_item(world)
    browser = world.client(world.liaison)
    assert "data-autosave" not in browser.get(f"/issues/{item.pk}/edit/").text
    assert "data-autosave" in world.client(world.cadre).get("/issues/new/").text
    answer = browser.post(ADDRESS, sent(issue=item.pk))
    assert (answer.status_code, Autosave.objects.count()) == (400, 0)
