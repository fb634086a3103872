"""The calendar as the migration leaves it, for tests that change nothing of it."""

from functools import cache
from importlib import import_module
from time import monotonic

from core.calendars import Kept, Stamp
from core.workdays import Calendar

_migration = import_module("core.migrations.0006_known_years")
land = _migration.land  # into empty tables


@cache
def calendar() -> Calendar:
    """The same without a query."""
    known = _migration.known_years()
    days = {day: works for rows in known.values() for day, works, _ in rows}
    return Calendar(days, frozenset(known))


def kept() -> Kept:
    """What a process holds that has just read it, with a stamp that no table has."""
    return Kept(calendar(), Stamp(-1, -1), monotonic())
