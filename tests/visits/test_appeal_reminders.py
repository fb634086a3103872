"""visits.queries.appeal_reminders: who hears of a clock, and how it goes up on breach."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import calendars
from core.models import Reminder
from core.notices import reminders
from tests.personas import World
from tests.visits.appeals import appeal_at, fresh, step
from visits.models import Appeal
from visits.queries.appeal_reminders import still_due


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
