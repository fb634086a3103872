"""The official calendar: what this process knows of it, and the acts that change it.

``current()`` is the calendar to count with. Whoever keeps computed deadlines registers with
``calendar_moves.recompute_with``; after a change they follow in the same transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from core import audit
from core.calendar_moves import Moves, Shift, dues_shown_to, move, shifts_between
from core.calendar_year import YearDay, exceptions_of, faults_of, span_text, spans
from core.models import CalendarDay, CalendarYear
from core.workdays import Calendar

NOTHING = Moves()
NOTICE, CLOSURE = CalendarDay.Source.NOTICE, CalendarDay.Source.CLOSURE


class Refused(Exception):
    """Why the calendar was not changed: one Chinese sentence for each fault."""

    def __init__(self, *faults: str) -> None:
        super().__init__("".join(faults))
        self.faults = faults


### What this process knows


@dataclass(frozen=True)
class Stamp:
    """What differs after every change of the table, since its rows are never changed in place."""

    days: int
    last: int


@dataclass(frozen=True)
class Kept:
    """A calendar as it was read, and when the table was last asked whether it still holds."""

    calendar: Calendar
    stamp: Stamp
    checked: float


class Snapshot:
    """One process's copy, at most ``CALENDAR_SECONDS`` behind the table."""

    def __init__(self, kept: Kept | None = None) -> None:
        self._kept = kept

    def current(self) -> Calendar:
        """The calendar; costs one small query now and then, and two more after a change."""
        kept = self._kept
        if kept is None or monotonic() - kept.checked > settings.CALENDAR_SECONDS:
            kept = self._kept = _looked_at(kept)
        return kept.calendar

    def expire(self) -> None:
        """Ask the table at the next use, however short ago it was asked."""
        if self._kept:
            self._kept = Kept(self._kept.calendar, self._kept.stamp, float("-inf"))

    def forget(self) -> None:
        """Read the table anew at the next use."""
        self._kept = None


def _looked_at(kept: Kept | None) -> Kept:
    now, found = monotonic(), stamp()  # before the rows: a change in between is seen next time
    calendar = kept.calendar if kept and kept.stamp == found else read()
    return Kept(calendar, found, now)


_snapshot = Snapshot()


def current() -> Calendar:
    """The calendar by which this process counts."""
    return _snapshot.current()


def expire() -> None:
    """Before work that must not count by an old calendar."""
    _snapshot.expire()


def stamp() -> Stamp:
    """The state of the table, in one query."""
    found = CalendarDay.objects.aggregate(days=Count("pk"), last=Max("pk"))
    return Stamp(found["days"], found["last"] or 0)


def read() -> Calendar:
    """The table as it is now, in the transaction under way. A closure outweighs the notice."""
    rows = CalendarDay.objects.order_by("-source")  # the closures last
    return Calendar(
        dict(rows.values_list("day", "is_workday")),
        frozenset(CalendarYear.objects.values_list("year", flat=True)),
    )


### Computed deadlines


@audit.atomic
def recompute(*, actor: models.Model | None = None) -> int:
    """Move what was computed by a calendar that had just changed; returns how many.

    A deadline set in another process within ``CALENDAR_SECONDS`` of a change may be such a
    one. Audited if it moved any.
    """
    latest = CalendarYear.objects.order_by("-year").first()
    moved = move(read()).total
    if moved and latest:
        audit.record(actor=actor, act="calendar.recompute", subject=latest, deadlines=moved)
    return moved


### A year's notice


@dataclass(frozen=True)
class Outcome:
    """What an act changed: the days that are now worked or off, and the deadlines that moved."""

    changed: tuple[YearDay, ...] = ()
    moved: Moves = NOTHING
    is_change: bool = True


@dataclass(frozen=True)
class Foreseen:
    """What an act would change, and those of the deadlines that the reader may know by name."""

    outcome: Outcome
    shifts: list[Shift]


def foreseen(act: Callable[[], Outcome], *, reader: models.Model) -> Foreseen:
    """What one of the acts below would change: it is done and taken back. Raises Refused."""
    with audit.atomic():
        before = dues_shown_to(reader)
        outcome = act()
        after = dues_shown_to(reader)
        transaction.set_rollback(True)
    return Foreseen(outcome, shifts_between(before, after))


def changes_of(year: int, days: Sequence[YearDay]) -> tuple[YearDay, ...]:
    """The days that the notice would change from off to worked or back, closures aside."""
    present = announced(year)
    return tuple(row for row in days if row.is_workday != present.is_workday(row.day))


def announced(year: int) -> Calendar:
    """The year as its notice has it, without closures; provisional if there is none."""
    rows = rows_of(year).filter(source=NOTICE)
    known = CalendarYear.objects.filter(year=year).values_list("year", flat=True)
    return Calendar(dict(rows.values_list("day", "is_workday")), frozenset(known))


def notice_of(year: int) -> CalendarYear | None:
    """Where the year's calendar comes from; None while it is provisional."""
    return CalendarYear.objects.filter(year=year).first()


def is_as_landed(year: int, days: Sequence[YearDay], source: str) -> bool:
    """Whether the year already stands so, with its source and notes."""
    known = CalendarYear.objects.filter(year=year, source=source).exists()
    return known and _noted(year) == exceptions_of(days)


def rows_of(year: int) -> QuerySet[CalendarDay]:
    """The days of the year that have a row, in order; of a closed day the closure last."""
    return CalendarDay.objects.filter(day__year=year).order_by("day", "-source")


def _noted(year: int) -> list[YearDay]:
    rows = rows_of(year).filter(source=NOTICE)
    return [YearDay(row.day, row.is_workday, row.note) for row in rows]


@audit.atomic
def land_year(
    *,
    year: int,
    days: Sequence[YearDay],
    source: str,
    actor: models.Model | None,
    seen: Stamp | None = None,
) -> Outcome:
    """Set down the notice of a year, all its days; the same once more changes nothing.

    Moves the computed deadlines. ``seen`` is the state of the table that the person was
    shown. Raises Refused when a day is missing or too much, or another change came first.
    """
    faults = faults_of(year, days)
    if faults:
        raise Refused(*faults)
    _lock()
    if seen and seen != stamp():
        raise Refused("日历刚刚被别人改过，请重新上传核对。")
    if is_as_landed(year, days, source):
        return Outcome(is_change=False)
    changed = changes_of(year, days)
    landed = _replace(year, exceptions_of(days), source, actor)
    moved = _changed()
    audit.record(
        actor=actor,
        act="calendar.land_year",
        subject=landed,
        year=year,
        source=source,
        off=[str(row.day) for row in changed if not row.is_workday],
        worked=[str(row.day) for row in changed if row.is_workday],
        deadlines=moved.total,
    )
    return Outcome(changed, moved)


def _replace(
    year: int, rows: Sequence[YearDay], source: str, actor: models.Model | None
) -> CalendarYear:
    rows_of(year).filter(source=NOTICE).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=row.day, is_workday=row.is_workday, note=row.note, source=NOTICE)
        for row in rows
    )
    values: dict[str, Any] = {
        "source": source,
        "landed_at": timezone.now(),
        "landed_by_id": actor.pk if actor else None,
    }
    return CalendarYear.objects.update_or_create(year=year, defaults=values)[0]


### Local closures


@audit.atomic
def close_days(*, days: Sequence[date], reason: str, actor: models.Model | None) -> Outcome:
    """Nobody works on these days, whatever the notice says; moves the computed deadlines.

    Raises Refused without a reason, for days that are closed already, and when none of them
    is a working day.
    """
    if not days or not reason.strip():
        raise Refused("请写明停工的日期和理由。")
    _lock()
    calendar = read()
    closed = CalendarDay.objects.filter(source=CLOSURE, day__in=days)
    if named := spans(row.day for row in closed):
        raise Refused(f"{'、'.join(map(span_text, named))}已经登记过停工，没有重复登记。")
    worked = [day for day in sorted(set(days)) if calendar.is_workday(day)]
    if not worked:
        raise Refused("这些天本来就不上班，不用登记停工。")
    rows = [
        CalendarDay(day=day, is_workday=False, note=reason.strip(), source=CLOSURE)
        for day in sorted(set(days))
    ]
    CalendarDay.objects.bulk_create(rows)
    moved = _changed()
    audit.record(
        actor=actor,
        act="calendar.close_days",
        subject=rows[0],
        days=[str(row.day) for row in rows],
        reason=reason.strip(),
        deadlines=moved.total,
    )
    return Outcome(tuple(YearDay(day, False, reason.strip()) for day in worked), moved)


@audit.atomic
def reopen_day(*, day: date, actor: models.Model | None, reason: str = "") -> Outcome:
    """Take a closure back; moves the computed deadlines. Raises Refused if there is none."""
    _lock()
    row = CalendarDay.objects.filter(source=CLOSURE, day=day).first()
    if row is None:
        raise Refused(f"{span_text((day, day))}没有登记停工，可能刚刚已被撤销。")
    subject = CalendarDay(pk=row.pk)
    row.delete()
    moved = _changed()
    audit.record(
        actor=actor,
        act="calendar.reopen_day",
        subject=subject,
        on=str(day),
        why=row.note,
        reason=reason.strip(),
        deadlines=moved.total,
    )
    works = read().is_workday(day)
    return Outcome((YearDay(day, works),) if works else (), moved)


def _lock() -> None:
    """One change after the other: each compares with what the one before has left."""
    list(CalendarYear.objects.select_for_update().order_by("year"))


def _changed() -> Moves:
    """Move the deadlines now, and let this process read anew once the change holds."""
    transaction.on_commit(_snapshot.forget)
    return move(read())
