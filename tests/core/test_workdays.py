"""Working days by the announced calendars (domain §8.2), and what a year without one does."""

from collections.abc import Callable
from datetime import date, timedelta
from time import perf_counter

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.workdays import Calendar, statutory_days
from tests.known_years import calendar

KNOWN = calendar()
FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
days = st.dates(date(2003, 6, 1), date(2029, 6, 1))


def counted(start: date, number: int, works: Callable[[date], bool]) -> date:
    """Day by day, as one would with a finger on the wall calendar."""
    day = start
    while number > 0:
        day += timedelta(days=1)
        number -= works(day)
    return day


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (date(2025, 9, 26), date(2025, 10, 10)),
        (date(2020, 9, 30), date(2020, 10, 14)),
        (date(2026, 2, 13), date(2026, 2, 27)),
    ],
)
def test_five_working_days(start: date, expected: date) -> None:
    assert KNOWN.due(start, 5) == expected


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
    assert KNOWN.is_workday(day) is works


def test_every_known_day_is_as_a_second_witness_has_it() -> None:
    span = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
    differing = [day for day in span if KNOWN.is_workday(day) != chinese_calendar.is_workday(day)]
    assert differing == []
    assert len(span) == 8401


def test_plain_weekdays_would_be_wrong() -> None:
    """The control turned off: Monday to Friday alone gives another day."""
    assert counted(date(2025, 9, 26), 5, lambda day: day.weekday() < 5) == date(2025, 10, 3)


def test_a_year_without_a_notice_is_provisional() -> None:
    known = [KNOWN.is_provisional(year) for year in (2003, 2004, 2026, 2027)]
    assert known == [True, False, False, True]
    assert KNOWN.is_provisional(date(2027, 1, 1))


def test_of_such_a_year_the_thirteen_statutory_days_are_known() -> None:
    off = [day for day in statutory_days(2027) if not KNOWN.is_workday(day)]
    assert len(off) == len(statutory_days(2027)) == 13
    assert KNOWN.due(date(2027, 2, 4), 1) == date(2027, 2, 9)  # the eve is a Friday
    assert KNOWN.due(date(2027, 9, 30), 1) == date(2027, 10, 4)


def test_mondays_to_fridays_alone_would_work_on_national_day() -> None:
    assert Calendar({}, frozenset({2027})).is_workday(date(2027, 10, 1))
    assert not Calendar().is_workday(date(2027, 10, 1))


@pytest.mark.parametrize(
    ("start", "number", "provisional"),
    [
        (date(2026, 12, 24), 5, False),  # ends on the 31st
        (date(2026, 12, 24), 6, True),
        (date(2026, 12, 31), 1, True),
        (date(2026, 12, 31), 0, False),
        (date(2003, 12, 30), 1, True),
        (date(2003, 12, 31), 1, False),  # only days after the first count
    ],
)
def test_a_deadline_is_provisional_by_the_days_that_count(
    start: date, number: int, provisional: bool
) -> None:
    assert KNOWN.due_is_provisional(start, number) is provisional


def test_a_landed_year_within_unknown_ones() -> None:
    """A gap between two announced years counts by the statutory days."""
    calendar = Calendar(KNOWN.exceptions, KNOWN.announced | {2028})
    assert [calendar.is_provisional(year) for year in (2026, 2027, 2028)] == [False, True, False]
    assert calendar.workdays_left(date(2026, 12, 31), date(2027, 12, 31)) == 261 - 7


def test_no_days_is_the_day_itself() -> None:
    assert KNOWN.due(date(2025, 10, 1), 0) == date(2025, 10, 1)


def test_latest_goes_back_over_the_holiday() -> None:
    assert KNOWN.latest(date(2025, 10, 8)) == date(2025, 9, 30)
    assert KNOWN.latest(date(2025, 10, 9)) == date(2025, 10, 9)


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
    assert KNOWN.workdays_left(today, last) == left


def test_days_that_no_calendar_reaches() -> None:
    assert KNOWN.workdays_left(date(2026, 12, 31), date.max) > 2_000_000
    assert KNOWN.due(date(9999, 12, 30), 1) == date.max
    assert KNOWN.latest(date.min) == date.min
    with pytest.raises(OverflowError):
        KNOWN.due(date.max, 1)


@settings(deadline=None)  # the first unknown year takes a second to load
@given(days, st.integers(1, 120))
def test_what_is_due_is_what_a_finger_finds(start: date, number: int) -> None:
    assert KNOWN.due(start, number) == counted(start, number, KNOWN.is_workday)


@settings(deadline=None)
@given(days, st.integers(1, 5_000))
def test_due_and_left_agree(start: date, number: int) -> None:
    due = KNOWN.due(start, number)
    assert KNOWN.workdays_left(start, due) == number
    assert KNOWN.workdays_left(due, start) == -number
    assert KNOWN.is_workday(due)
    assert KNOWN.latest(due) == due


@settings(deadline=None)
@given(days)
def test_nothing_is_worked_after_the_latest(day: date) -> None:
    latest = KNOWN.latest(day)
    assert KNOWN.is_workday(latest)
    assert KNOWN.workdays_left(latest, day) == 0


@settings(deadline=None)
@given(days, st.integers(1, 60), st.sets(st.integers(-5, 90), min_size=1))
def test_a_further_holiday_never_brings_a_deadline_forward(
    start: date, number: int, offsets: set[int]
) -> None:
    more = {start + timedelta(days=n): False for n in offsets}
    closed = Calendar(dict(KNOWN.exceptions) | more, KNOWN.announced)
    assert closed.due(start, number) >= KNOWN.due(start, number)


def test_it_is_quick() -> None:
    """50,000 rows of a list; the first use of an unknown year is not among them."""
    KNOWN.workdays_left(date(2026, 1, 1), date(2028, 1, 1))
    spans = [date(2026, 1, 1) + timedelta(days=n % 700) for n in range(50_000)]
    began = perf_counter()
    for day in spans:
        KNOWN.workdays_left(date(2026, 1, 1), day)
    assert perf_counter() - began < 2  # some 0.1 s when the machine does nothing else
