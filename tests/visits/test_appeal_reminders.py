"""visits.queries.appeal_reminders: who hears of a clock, and how it goes up on breach."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import calendars
from core.models import Reminder
from core.notices import reminders
from core.notices.reminders import DEADLINE
from core.templatetags.bianfang import reminder_day
from tests.personas import World
from tests.visits.appeals import appeal_at, fresh, step
from visits.models import Appeal, AppealPause
from visits.queries import appeal_reminders
from visits.queries.appeal_reminders import still_due, still_waiting


def told(world: World, appeal: Appeal, late: int) -> set[str]:
    """Who is reminded once its clock has run out so many working days ago."""
    day = calendars.current().latest(timezone.localdate())
    back = day
    while calendars.current().workdays_left(back, day) < late:
        back -= timedelta(days=1)
    Appeal.objects.filter(pk=appeal.pk).update(due_on=back, counted_from=None)
    reminders.put(world.today)
    rows = Reminder.objects.filter(kind="appeal", subject=appeal.pk)
    return {row.person.username for row in rows.select_related("person")}


@pytest.mark.parametrize(
    ("late", "people"),
    [
        (1, {"liaison"}),
        (3, {"liaison", "head"}),
        (5, {"liaison", "head", "office"}),
    ],
)
def test_a_breach_goes_up(world: World, late: int, people: set[str]) -> None:
    assert told(world, appeal_at(world, "sign"), late) == people


def test_what_waits_for_the_office_is_the_offices(world: World) -> None:
    assert told(world, appeal_at(world, ""), 1) == {"office"}
    assert told(world, appeal_at(world, "answer"), 1) == {"organisation"}


def test_a_step_ends_the_reminder(world: World) -> None:
    appeal = appeal_at(world, "sign")
    told(world, appeal, 1)
    rows = list(Reminder.objects.filter(kind="appeal"))
    assert len(still_due(rows)) == len(rows) > 0
    step(fresh(appeal), "answer", world.liaison, world)
    assert still_due(rows) == []


def test_what_waits_for_the_person_is_nobodys(world: World) -> None:
    appeal = step(appeal_at(world, "sign"), "pause", world.liaison, world)
    assert told(world, appeal, 3) == set()
    assert isinstance(fresh(appeal).due_on, date)


### What waits for the person


def paused(world: World, workdays: int) -> Appeal:
    """Since so many working days; everybody has been reminded of what is to remind of."""
    appeal = step(appeal_at(world, "sign"), "pause", world.liaison, world)
    paused_since(world, workdays)
    return appeal


def paused_since(world: World, workdays: int) -> None:
    back = world.today
    while calendars.current().workdays_left(back, world.today) < workdays:
        back -= timedelta(days=1)
    AppealPause.objects.update(paused_on=back)
    reminders.put(world.today)


def waited() -> list[tuple[str, str]]:
    rows = Reminder.objects.filter(kind="appeal_waits").select_related("person")
    return sorted((row.person.username, row.addressee) for row in rows)


@pytest.mark.parametrize(("workdays", "told"), [(4, False), (5, True), (9, True), (10, True)])
def test_the_unit_and_the_office_are_told_of_what_waits(
    world: World, workdays: int, told: bool
) -> None:
    paused(world, workdays)
    assert waited() == ([("liaison", "person"), ("office", "office")] if told else [])


def test_the_box_says_how_long_it_waits_and_of_no_deadline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = paused(world, 5)
    line = Reminder.objects.get(kind="appeal_waits", person=world.liaison)
    assert line.title == f"{appeal}等待群众补充已 5 个工作日：请催问，能办的先办"
    day = f"{line.due_on.month}月{line.due_on.day}日"
    later = line.due_on + timedelta(days=1)
    assert reminder_day(line, later) == day
    monkeypatch.setattr("core.templatetags.bianfang.day_word", lambda kind: DEADLINE)  # control
    assert reminder_day(line, later) == f'{day}到期 <span class="light light-red">逾期</span>'


def test_every_fifth_working_day_it_is_told_once_more(world: World) -> None:
    paused(world, 5)
    for later, number in ((0, 2), (4, 2), (5, 4)):
        reminders.put(calendars.current().due(world.today, later))
        assert len(waited()) == number


def test_who_goes_on_is_not_asked_any_more(world: World) -> None:
    appeal = paused(world, 5)
    rows = list(Reminder.objects.filter(kind="appeal_waits"))
    assert len(still_waiting(rows)) == len(rows) > 0
    appeal = step(fresh(appeal), "resume", world.liaison, world)
    assert still_waiting(rows) == []
    step(appeal, "pause", world.liaison, world)  # from today on
    assert still_waiting(rows) == []


def test_control_with_no_such_span_it_waits_in_silence(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appeal_reminders, "ASKED_EVERY", 1000)
    paused(world, 10)
    assert waited() == []


def test_what_an_archived_campaign_left_waiting_is_nobodys(world: World) -> None:
    paused(world, 0)
    AppealPause.objects.update(paused_on=world.today - timedelta(days=30))
    type(world.campaign).objects.update(archived_at=timezone.now())
    reminders.put(world.today)
    assert waited() == []
