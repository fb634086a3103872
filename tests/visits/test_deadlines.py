"""visits.services.deadlines: open appeals follow the calendar."""

import uuid
from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaign.models import Campaign
from core import audit, calendars
from core.calendars import close_days, reopen_day
from core.models import AuditEntry
from core.workdays import Calendar
from tests.personas import World
from tests.visits.appeals import draft
from visits.choices import AppealState, Handling, Outcome, Way
from visits.models import Appeal
from visits.services import deadlines, record_visit
from visits.services import visit as visit_service

MONDAY = date(2026, 7, 13)  # no holiday near it: due on the next Monday


@pytest.fixture
def appeal(world: World, monkeypatch: pytest.MonkeyPatch) -> Appeal:
    """Entered on a Monday, to be answered by the next one."""
    return opened(world, monkeypatch, MONDAY)


def opened(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    day: date,
    handling: Handling = Handling.OWN_UNIT,
) -> Appeal:
    Campaign.objects.filter(starts_on__gt=day).update(starts_on=day)
    with monkeypatch.context() as patch:
        patch.setattr(visit_service.timezone, "localdate", lambda *_: day)
        visit = record_visit(
            token=uuid.uuid4(),
            target=world.households(1)[0],
            author=world.cadre,
            visited_on=day,
            way=Way.HOME,
            outcome=Outcome.EFFECTIVE,
            received_at=timezone.make_aware(datetime.combine(day, time(9))),
            appeals=[draft("要求修路", handling)],
        )
    found: Appeal = visit.appeals.get()
    return found


def closed(world: World, *days: int) -> int:
    """July days on which nobody works; returns how many deadlines moved."""
    named = [date(2026, 7, day) for day in days]
    return close_days(days=named, reason="台风", actor=world.city_office).moved


def due(appeal: Appeal) -> date:
    return Appeal.objects.get(pk=appeal.pk).due_on


def lines() -> list[tuple[str, int | None, dict[str, object]]]:
    found = AuditEntry.objects.filter(act="visits.move_deadlines").order_by("id")
    return list(found.values_list("subject", "actor", "detail"))


def test_a_closure_moves_an_open_appeal_and_opening_moves_it_back(
    world: World, appeal: Appeal
) -> None:
    assert due(appeal) == date(2026, 7, 20)
    closed(world, 15, 16)
    assert due(appeal) == date(2026, 7, 22)
    reopen_day(day=date(2026, 7, 15), actor=world.city_office)
    assert due(appeal) == date(2026, 7, 21)
    subject = f"campaign.Campaign:{world.campaign.pk}"
    assert lines() == [(subject, None, {"moved": 1})] * 2


def test_what_does_not_move_is_not_written(world: World, appeal: Appeal) -> None:
    closed(world, 13, 23)  # the day it came in, and one after it is due
    assert (due(appeal), lines()) == (date(2026, 7, 20), [])


def test_no_closure_brings_a_deadline_forward(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [MONDAY + timedelta(days=n) for n in range(0, 15, 2)]
    appeals = [opened(world, monkeypatch, day) for day in days]
    for shut in (14, 17, 20, 24, 27, 31):
        before = [due(each) for each in appeals]
        closed(world, shut)
        after = [due(each) for each in appeals]
        assert all(a >= b for a, b in zip(after, before, strict=True))
        assert not any(day == date(2026, 7, shut) for day in after)
        assert after == [deadlines.reckoned(day, 5, calendars.read()) for day in days]


def test_what_is_answered_stays(world: World, appeal: Appeal) -> None:
    Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.SETTLED, answer="答复过了")
    closed(world, 15)
    assert (due(appeal), lines()) == (date(2026, 7, 20), [])


def test_what_was_answered_at_once_counts_from_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = opened(world, monkeypatch, MONDAY, Handling.ANSWERED)
    assert (answered.due_on, answered.counted_from) == (None, None)


def test_a_deadline_set_otherwise_stays(world: World, appeal: Appeal) -> None:
    Appeal.objects.filter(pk=appeal.pk).update(counted_from=None, due_on=date(2026, 7, 31))
    closed(world, 15, 31)
    assert (due(appeal), lines()) == (date(2026, 7, 31), [])


def test_what_an_archived_campaign_left_open_stays(world: World, appeal: Appeal) -> None:
    type(world.campaign).objects.update(archived_at=timezone.now())
    closed(world, 15)
    assert due(appeal) == date(2026, 7, 20)


@pytest.mark.parametrize("appeals", [1, 3])
def test_queries_grow_with_the_days_not_with_the_appeals(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    appeals: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(appeals):
        opened(world, monkeypatch, MONDAY)
    plain = calendars.read()
    shut = Calendar({**plain.exceptions, date(2026, 7, 15): False}, plain.announced)
    with audit.atomic(), django_assert_num_queries(5):  # a savepoint, campaigns, days, update
        assert deadlines.recompute_all(shut) == appeals
