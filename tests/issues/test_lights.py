"""The lamps: by the deadline in working days, the same on a page and in a query."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import override_settings

from core import calendars
from core.lights import Light, bounds_on, light_on
from issues.choices import State
from issues.models import Issue
from tests.issues.conftest import brought_to
from tests.personas import World

DAYS = [date(2026, 9, 21) + timedelta(days=n) for n in range(30)]  # over the National Day


def reckoned(today: date, due_on: date) -> Light:
    left = calendars.current().workdays_left(today, due_on)
    if left < 0:
        return Light.RED
    return Light.YELLOW if left <= 3 else Light.GREEN


@pytest.mark.parametrize("due_on", DAYS)
def test_the_bounds_say_what_counting_the_days_says(db: None, due_on: date) -> None:
    assert [light_on(day, due_on) for day in DAYS] == [reckoned(day, due_on) for day in DAYS]


def test_nothing_turns_red_during_a_holiday(db: None) -> None:
    last = date(2026, 9, 30)
    colours = [light_on(last + timedelta(days=n), last) for n in range(9)]
    assert colours == [Light.YELLOW] * 8 + [Light.RED]


def test_the_threshold_is_a_setting(db: None) -> None:
    monday, friday = date(2026, 9, 14), date(2026, 9, 18)
    assert light_on(monday, friday) == Light.GREEN
    with override_settings(LIGHT_YELLOW_DAYS=4):
        assert light_on(monday, friday) == Light.YELLOW
        assert bounds_on(monday).yellow_until == date(2026, 9, 19)  # Sunday the 20th works


@pytest.mark.parametrize(
    ("until", "light"),
    [
        ("", ""),
        ("submit", "red"),
        ("confirm", "red"),
        ("file", "red"),
        ("apply", "blue"),
        ("unit_sign", "blue"),
        ("sign_off", "grey"),
    ],
)
def test_the_lamp_of_a_late_item_on_its_way(
    world: World, until: str, light: str, late: Callable[[Issue], Issue]
) -> None:
    issue = late(brought_to(world, until) if until else world.issue())
    assert Issue.objects.with_lights(world.today).get(pk=issue.pk).light == light


@pytest.fixture
def late(world: World) -> Callable[[Issue], Issue]:
    def push(issue: Issue) -> Issue:
        Issue.objects.filter(pk=issue.pk).update(due_on=world.today - timedelta(days=20))
        return issue

    return push


def test_the_ledger_is_narrowed_by_lamp(world: World, late: Callable[[Issue], Issue]) -> None:
    red, blue = late(brought_to(world, "file")), late(brought_to(world, "apply"))
    client = world.client(world.head)
    for light, shown in (("red", red), ("blue", blue)):
        page = client.get(f"/issues/?light={light}").context["page"]
        assert [issue.pk for issue in page.rows] == [shown.pk]
    assert client.get("/issues/?light=green").context["page"].rows == []


def test_a_withdrawn_item_has_no_lamp(world: World, late: Callable[[Issue], Issue]) -> None:
    issue = late(brought_to(world, "file"))
    Issue.objects.filter(pk=issue.pk).update(state=State.WITHDRAWN)
    assert Issue.objects.with_lights(world.today).get(pk=issue.pk).light == ""
