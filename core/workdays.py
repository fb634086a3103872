"""Working days by the State Council's yearly calendar (domain §8).

A year without a published calendar counts Monday to Friday and is provisional.
"""

from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar


@lru_cache(maxsize=4096)
def is_workday(day: date) -> bool:
    """Whether offices work on that day, make-up Saturdays included."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@lru_cache(maxsize=64)
def is_provisional(year: int) -> bool:
    """Whether the calendar of that year is not known yet."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return True
    return False


def due(start: date, days: int) -> date:
    """The ``days``-th working day strictly after ``start`` (domain §8.1)."""
    day = start
    while days > 0:
        day += timedelta(days=1)
        days -= is_workday(day)
    return day


def latest(day: date) -> date:
    """The last working day up to and with ``day``. What was due before it is late (§2.4)."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def workdays_left(today: date, last: date) -> int:
    """Working days after today up to and with ``last``; negative once it has passed."""
    if last >= today:
        return _count(today, last)
    return -_count(last, today)


def _count(start: date, end: date) -> int:
    return sum(is_workday(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))
