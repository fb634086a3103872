"""The pages on which an item is written."""

import uuid
from datetime import timedelta

from django.forms.models import model_to_dict

from campaign.models import Campaign
from issues.choices import State
from issues.models import Issue
from issues.services.items import STALE_TEXT
from organisation.models import Posting
from tests.issues.test_views import path, post_move
from tests.personas import World


def form_of(world: World, **changes: object) -> dict[str, object]:
    return world.text(category=world.category.pk) | {"token": uuid.uuid4()} | changes


def test_a_draft_is_saved_with_gaps(world: World) -> None:
    browser = world.client(world.cadre)
    answer = browser.post("/issues/new/", form_of(world, place="", due_on="", draft="1"))
    issue = Issue.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, path(issue))
    assert (issue.state, issue.author, issue.unit) == (State.DRAFT, world.cadre, world.unit)


def test_writing_and_submitting_is_one_press(world: World) -> None:
    world.client(world.cadre).post("/issues/new/", form_of(world, submit="1"))
    assert Issue.objects.get().state == State.SUBMITTED


def test_the_same_form_sent_twice_is_one_item(world: World) -> None:
    browser, form = world.client(world.cadre), form_of(world, submit="1")
    first, second = (browser.post("/issues/new/", form) for _ in range(2))
    assert first["Location"] == second["Location"] == path(Issue.objects.get())
    assert Issue.objects.get().events.count() == 1


def test_a_submission_with_gaps_keeps_what_was_typed(world: World) -> None:
    answer = world.client(world.cadre).post(
        "/issues/new/", form_of(world, submit="1", place="", event="独一无二的经过")
    )
    assert answer.status_code == 200
    assert answer.context["form"].errors == {"place": ["请写明发生的地点。"]}
    assert "独一无二的经过" in answer.content.decode()
    assert Issue.objects.count() == 0


EXTRA = {
    "unit": 1,
    "author": 1,
    "responsible": 1,
    "state": "closed",
    "level": "unit",
    "version": 7,
    "signed_off_by": 1,
    "unit_signed_by": 1,
    "evidence_count": 5,
    "campaign": 1,
}


def test_fields_that_the_form_does_not_have_change_nothing(world: World) -> None:
    """The ids of another unit, another person and a closing signature, sent along."""
    more = EXTRA | {"unit": world.far_unit.pk, "author": world.head.pk,
                    "responsible": world.head.pk, "signed_off_by": world.head.pk}  # fmt: skip
    browser = world.client(world.cadre)
    browser.post("/issues/new/", form_of(world, **more, draft="1"))
    issue = Issue.objects.get()
    plain = world.issue()
    own = {"id", "token"}
    fields = [f.name for f in Issue._meta.fields if f.name not in own | {"created_at"}]
    assert model_to_dict(issue, fields) == model_to_dict(plain, fields)
    browser.post(path(issue, "edit/"), form_of(world, **more, draft="1", seen_version=1))
    issue.refresh_from_db()
    assert model_to_dict(issue, fields) == model_to_dict(plain, fields) | {"version": 2}
    post_move(browser, issue, "submit", **more)
    issue.refresh_from_db()
    assert (issue.state, issue.signed_off_by, issue.unit) == (State.SUBMITTED, None, world.unit)


def test_a_second_tab_is_told_and_keeps_its_text(world: World) -> None:
    issue, browser = world.issue(), world.client(world.cadre)
    assert browser.get(path(issue, "edit/")).context["form"].initial["seen_version"] == 1
    first = form_of(world, place="一楼", seen_version=1, draft="1")
    browser.post(path(issue, "edit/"), first)
    answer = browser.post(path(issue, "edit/"), first | {"place": "二楼", "submit": "1"})
    issue.refresh_from_db()
    assert (issue.place, issue.state) == ("一楼", State.DRAFT)
    assert "二楼" in answer.content.decode()
    assert answer.context["form"].non_field_errors() == [STALE_TEXT]
    assert STALE_TEXT in answer.content.decode()


def test_nobody_writes_when_no_campaign_runs(world: World) -> None:
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    browser = world.client(world.cadre)
    assert "写一个问题" not in browser.get("/issues/").content.decode()
    assert browser.get("/issues/new/").status_code == 403
    assert browser.post("/issues/new/", form_of(world)).status_code == 403
    assert Issue.objects.count() == 0


def test_who_has_no_posting_is_told_before_typing(world: World) -> None:
    Posting.objects.filter(user=world.cadre).update(until=world.today - timedelta(days=1))
    answer = world.client(world.cadre).get("/issues/new/")
    assert answer.status_code == 403
    assert "请联系本单位联络员" in answer.content.decode()
