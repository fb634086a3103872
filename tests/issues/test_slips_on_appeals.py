"""Supervision slips on appeals: by hand, by the rule, numbered and taken as those on items."""

import uuid
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core import calendars
from core.models import Notice
from core.notices.steps import Span
from issues.choices import Pace, SlipReason, SlipState
from issues.exports.slips import slip_pdf
from issues.models import SlipEvent, SupervisionSlip
from issues.queries import slips_waiting_for
from issues.queries.slips import _APPEAL_RULES, due_slips, new_slips
from issues.rules import parts_in, raises_appeal_slips
from issues.services import raise_appeal_slip, raise_due_slips, take_slip_step
from issues.services.slips import ASKED
from issues.slip_way import Part
from issues.workflow import Refused
from organisation.models import Posting, User
from tests.issues.conftest import brought_to
from tests.issues.slips import raised as raised_on_item
from tests.issues.test_slip_rule import reasons
from tests.issues.test_slip_views import text_of
from tests.personas import World
from tests.visits.appeals import appeal_at, called, raised, step
from visits.choices import AppealState, CallResult, Handling
from visits.models import Appeal


def in_hand(world: World, until: str = "sign") -> Appeal:
    return again(appeal_at(world, until))


def again(appeal: Appeal) -> Appeal:
    found = Appeal.objects.select_related("unit__area", "area", "handler", "visit__author")
    return found.get(pk=appeal.pk)


def by_hand(appeal: Appeal, actor: User, **more: Any) -> SupervisionSlip:
    given: dict[str, Any] = {"request": "三天内当面答复。", "pace": Pace.URGENT}
    return fresh(
        raise_appeal_slip(
            appeal=appeal, actor=actor, token=more.pop("token", uuid.uuid4()), **given | more
        )
    )


def fresh(slip: SupervisionSlip) -> SupervisionSlip:
    found = SupervisionSlip.objects.select_related("unit__area", "appeal__handler", "issue")
    return found.get(pk=slip.pk)


def late(world: World, workdays: int, until: str = "sign") -> Appeal:
    """Its deadline passed so many working days ago."""
    appeal, day = in_hand(world, until), world.today
    while -calendars.current().workdays_left(world.today, day) < workdays:
        day -= timedelta(days=1)
    Appeal.objects.filter(pk=appeal.pk).update(due_on=day, counted_from=day - timedelta(days=9))
    return again(appeal)


def sent_back(world: World, times: int) -> Appeal:
    appeal = appeal_at(world, "answer")
    for number in range(times):
        appeal = called(appeal, world.organisation, CallResult.DISSATISFIED, solved=False)
        if number < times - 1:
            appeal = step(appeal, "answer", world.liaison, world)
    return again(appeal)


### By hand


def test_it_is_numbered_with_those_on_items(world: World) -> None:
    on_item = raised_on_item(world, brought_to(world, "file"))
    appeal = in_hand(world)
    slip = by_hand(appeal, world.discipline)
    assert (on_item.number, slip.number) == (1, 2)
    assert (slip.issue, slip.appeal, slip.unit) == (None, appeal, world.unit)
    assert (slip.title, slip.matter) == ("路灯不亮", f"诉求{appeal.number}号")
    told = Notice.objects.filter(event=f"issues.slip:{slip.pk}")
    assert {each.person for each in told} == {world.head}


@pytest.mark.parametrize(
    "who", ["cadre", "liaison", "head", "office", "organisation", "leader", "stranger_office"]
)
def test_only_the_discipline_office_raises_one(world: World, who: str) -> None:
    appeal = in_hand(world)
    with pytest.raises(PermissionDenied):
        by_hand(appeal, getattr(world, who))


def test_not_on_its_own_unit(world: World) -> None:
    appeal = in_hand(world)
    assert raises_appeal_slips(world.discipline, appeal)
    Posting.objects.filter(user=world.discipline).update(unit=world.unit)
    assert not raises_appeal_slips(world.discipline, appeal)


def test_without_the_rule_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issues.services.slips.raises_appeal_slips", lambda user, appeal: True)
    assert by_hand(in_hand(world), world.liaison)


def test_not_on_what_no_unit_has_or_is_done(world: World) -> None:
    assert not raises_appeal_slips(world.discipline, again(raised(world)))
    closed = called(appeal_at(world, "answer"), world.organisation)
    assert not raises_appeal_slips(world.discipline, again(closed))


def test_sent_twice_it_is_one_and_a_second_is_refused(world: World) -> None:
    appeal, token = in_hand(world), uuid.uuid4()
    first = by_hand(appeal, world.discipline, token=token)
    assert by_hand(appeal, world.discipline, token=token) == first
    with pytest.raises(Refused):
        by_hand(appeal, world.discipline)


def test_a_slip_is_on_one_matter(world: World) -> None:
    slip = by_hand(in_hand(world), world.discipline)
    item = brought_to(world, "file")
    for values in ({"issue": item}, {"appeal": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SupervisionSlip.objects.filter(pk=slip.pk).update(**values)


### Its way


def test_it_goes_the_way_of_those_on_items(world: World) -> None:
    slip = by_hand(in_hand(world), world.discipline)
    assert parts_in(world.head, slip) == {Part.HANDLER, Part.UNIT_LEADER}
    for name, who in (("receive", "liaison"), ("answer", "liaison"), ("sign", "head")):
        assert slip in slips_waiting_for(getattr(world, who)) or name == "receive"
        take_slip_step(
            slip=slip, name=name, actor=getattr(world, who), note="已办", seen=slip.step_count
        )
        slip = fresh(slip)
    assert slip in slips_waiting_for(world.discipline)
    take_slip_step(
        slip=slip, name="close", actor=world.discipline, note="属实", seen=slip.step_count
    )
    assert fresh(slip).state == SlipState.CLOSED
    assert SlipEvent.objects.count() == 5


def test_who_took_it_up_himself_only_answers(world: World) -> None:
    appeal = again(raised(world, Handling.OWN_UNIT))
    slip = by_hand(appeal, world.discipline)
    assert slip.responsible == world.cadre
    assert parts_in(world.cadre, slip) == {Part.HANDLER}
    assert slip in slips_waiting_for(world.cadre)


def test_whoever_stands_near_closes_nothing(world: World) -> None:
    slip = by_hand(in_hand(world), world.discipline)
    SupervisionSlip.objects.filter(pk=slip.pk).update(
        state=SlipState.SIGNED, answered_by=world.liaison, signed_by=world.head
    )
    assert fresh(slip) in slips_waiting_for(world.discipline)
    Posting.objects.filter(user=world.discipline).update(unit=world.unit)
    assert parts_in(world.discipline, fresh(slip)) == set()
    assert fresh(slip) not in slips_waiting_for(world.discipline)


def test_reminders_tell_of_it(world: World) -> None:
    appeal = in_hand(world)
    by_hand(appeal, world.discipline)
    (due,) = due_slips(Span(world.today, world.today, world.today + timedelta(days=30)))
    assert "路灯不亮" in due.title
    Appeal.objects.update(due_on=world.today - timedelta(days=60))
    raise_due_slips(world.today)
    (new,) = new_slips(Span(world.today, world.today, world.today))
    assert "路灯不亮" in new.title


### By the rule


@pytest.mark.parametrize(("workdays", "number"), [(4, 0), (5, 1), (30, 1)])
def test_past_the_last_reminder_it_raises_one(world: World, workdays: int, number: int) -> None:
    appeal = late(world, workdays)
    assert raise_due_slips(world.today) == number
    assert reasons() == [SlipReason.UNANSWERED] * number
    if number:
        slip = SupervisionSlip.objects.get()
        assert (slip.appeal, slip.raised_by, slip.pace) == (appeal, None, Pace.URGENT)


def test_an_unsigned_one_too_and_no_waiting_one(world: World) -> None:
    late(world, 9, "assign")
    paused = late(world, 9)
    Appeal.objects.filter(pk=paused.pk).update(state=AppealState.PAUSED)
    answered = late(world, 9)
    Appeal.objects.filter(pk=answered.pk).update(state=AppealState.ANSWERED, answer="已办")
    assert raise_due_slips(world.today) == 1


@pytest.mark.parametrize(("times", "number"), [(1, 0), (2, 1), (3, 1)])
def test_sent_back_twice_it_raises_one(world: World, times: int, number: int) -> None:
    sent_back(world, times)
    assert raise_due_slips(world.today) == number
    assert reasons() == [SlipReason.NOT_HELPED] * number


def test_nothing_is_raised_twice(world: World) -> None:
    late(world, 9)
    assert [raise_due_slips(world.today) for _ in range(3)] == [1, 0, 0]
    SupervisionSlip.objects.update(state=SlipState.WITHDRAWN)
    assert raise_due_slips(world.today) == 0  # the same deadline
    Appeal.objects.update(due_on=world.today - timedelta(days=60))
    assert raise_due_slips(world.today) == 1


def test_without_the_end_of_the_reminders_it_would_come_sooner(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    late(world, 1)
    assert raise_due_slips(world.today) == 0
    at_once: Any = lambda today, days: today  # noqa: E731
    monkeypatch.setattr(import_module("issues.queries.slips"), "_workdays_ago", at_once)
    assert raise_due_slips(world.today) == 1


def test_of_an_archived_campaign_none_is_raised(world: World) -> None:
    late(world, 9)
    type(world.campaign).objects.update(archived_at=timezone.now())
    assert raise_due_slips(world.today) == 0


def test_every_rule_has_its_words() -> None:
    assert set(_APPEAL_RULES) <= set(ASKED)


### Pages


def test_from_the_appeal_to_the_slip_and_back(world: World) -> None:
    appeal = in_hand(world)
    client = world.client(world.discipline)
    page, form = f"/visits/appeals/{appeal.pk}/", f"/issues/slips/of-appeal/{appeal.pk}/"
    assert form in client.get(page).text
    assert "路灯不亮" in client.get(form).text
    assert client.post(form, {"pace": "urgent", "token": str(uuid.uuid4())}).status_code == 422
    sent = {"request": "当面答复", "pace": "urgent", "token": str(uuid.uuid4())}
    done = client.post(form, sent)
    slip = SupervisionSlip.objects.get()
    assert done.url == f"/issues/slips/{slip.pk}/"
    text = client.get(done.url).text
    assert page in text
    assert "路灯不亮" in text
    assert str(slip) in client.get(page).text
    assert "路灯不亮" in client.get("/issues/slips/").text
    assert str(slip) in world.client(world.head).get(page).text
    assert form not in world.client(world.head).get(page).text
    found = client.post("/issues/slips/search/", {"words": "路灯"})
    assert len(client.get(found.url).context["page"].rows) == 1


def test_on_paper(world: World) -> None:
    slip = by_hand(in_hand(world), world.discipline)
    at = slip.raised_at
    slip = SupervisionSlip.objects.select_related("campaign", "raised_by").get(pk=slip.pk)
    assert "路灯不亮" in text_of(slip_pdf(slip, world.head, at))
