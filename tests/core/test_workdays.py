"""Working days by the published calendars (domain §8.2), and what a year without one does."""

from datetime import date, timedelta

import pytest

from core import workdays


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2025, 9, 26), date(2025, 10, 10)),
        (date(2020, 9, 30), date(2020, 10, 14)),
        (date(2026, 2, 13), date(2026, 2, 27)),
    ],
)
def test_five_working_days(start: date, expected: date) -> None:
    assert workdays.due(start, 5) == expected


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2025, 9, 28), True),  # a Sunday that makes up
        (date(2025, 10, 1), False),
        (date(2025, 10, 9), True),
        (date(2026, 2, 14), True),  # a Saturday that makes up
        (date(2026, 2, 23), False),
        (date(2025, 9, 27), False),
    ],
)
def test_days_of_known_years(day: date, works: bool) -> None:
    assert workdays.is_workday(day) is works


def test_plain_weekdays_would_be_wrong() -> None:
    """The control turned off: Monday to Friday alone gives another day."""
    day, left = date(2025, 9, 26), 5
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    assert day == date(2025, 10, 3)


def test_a_year_without_a_calendar_is_provisional() -> None:
    assert [workdays.is_provisional(year) for year in (2020, 2025, 2026, 2031)] == [
        False,
        False,
        False,
        True,
    ]
    assert workdays.due(date(2031, 1, 3), 1) == date(2031, 1, 6)  # Friday, Monday


def test_no_days_is_the_day_itself() -> None:
    assert workdays.due(date(2025, 10, 1), 0) == date(2025, 10, 1)


def test_latest_goes_back_over_the_holiday() -> None:
    assert workdays.latest(date(2025, 10, 8)) == date(2025, 9, 30)
    assert workdays.latest(date(2025, 10, 9)) == date(2025, 10, 9)


@pytest.mark.parametrize(
    ("today", "last", "left"),
    [
        (date(2025, 9, 26), date(2025, 10, 10), 5),
        (date(2025, 9, 30), date(2025, 9, 30), 0),
        (date(2025, 9, 30), date(2025, 10, 8), 0),  # the rest is holiday
        (date(2025, 10, 9), date(2025, 9, 30), -1),
        (date(2025, 10, 8), date(2025, 9, 30), 0),  # no working day has passed yet
    ],
)
def test_working_days_left(today: date, last: date, left: int) -> None:
    assert workdays.workdays_left(today, last) == left


def test_what_is_due_in_n_days_has_n_days_left() -> None:
    for offset in range(0, 366, 7):
        start = date(2026, 1, 1) + timedelta(days=offset) - timedelta(days=30)
        for days in (1, 2, 5, 10):
            assert workdays.workdays_left(start, workdays.due(start, days)) == days
