"""core.calendars: what a process knows of the calendar, and the acts that change it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks, Settings

from core import audit, calendar_moves, calendars
from core.calendar_moves import Due, Kind, Moves, Shift, recompute_with, shifts_between
from core.calendar_year import YearDay, days_in
from core.calendars import Outcome, Refused, Snapshot, close_days, land_year, reopen_day
from core.models import AuditEntry, CalendarDay, CalendarYear
from core.tasks import recompute_deadlines
from core.workdays import Calendar
from organisation.models import User
from tests.threads import shared_database, together

__all__ = ["shared_database"]
pytestmark = pytest.mark.django_db

SOURCE = "国办发明电〔2026〕9号"
OFF = {date(2027, 1, 1): "元旦", date(2027, 2, 8): "春节", date(2027, 2, 9): "春节"}
WORKED = {date(2027, 2, 14): "春节调休"}
CLOSED = [date(2026, 7, 20), date(2026, 7, 21)]  # Monday, Tuesday


def notice(year: int = 2027, **changes: str) -> list[YearDay]:
    """All days of a year; ``d0304="off"`` changes one."""
    days = [
        YearDay(day, (day in WORKED or day.weekday() < 5) and day not in OFF, named(day))
        for day in days_in(year)
    ]
    for name, value in changes.items():
        day = date(year, int(name[1:3]), int(name[3:]))
        days = [replace(row, is_workday=value == "on") if row.day == day else row for row in days]
    return days


def named(day: date) -> str:
    return OFF.get(day, WORKED.get(day, ""))


@pytest.fixture
def actor() -> User:
    return User.objects.create(username="keeper", name="甲")


@pytest.fixture
def deadlines(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[date, date]]:
    """Deadlines of an app: five working days after their keys."""
    monkeypatch.setattr(calendar_moves, "_kinds", [])
    starts = (date(2026, 7, 17), date(2026, 9, 1), date(2027, 2, 4))
    kept = {start: calendars.read().due(start, 5) for start in starts}

    def recompute(calendar: Calendar) -> int:
        due = {start: calendar.due(start, 5) for start in kept}
        moved = sum(due[start] != kept[start] for start in kept)
        kept.update(due)
        return moved

    for _ in range(2):  # said twice, done once
        recompute_with(recompute, name="任务", measure="项")
    assert [kind.recompute for kind in calendar_moves._kinds] == [recompute]
    return kept


def details() -> list[tuple[str, dict[str, object]]]:
    acts = AuditEntry.objects.filter(act__startswith="calendar.").order_by("id")
    return list(acts.values_list("act", "detail"))


### The table


def test_the_migration_leaves_the_announced_years() -> None:
    assert calendars.read().announced == frozenset(range(2004, 2027))
    assert calendars.read().exceptions == calendars.current().exceptions
    assert CalendarDay.objects.count() == 557


@pytest.mark.parametrize(
    ("constraint", "row"),
    [
        ("calendar_day_once", {"day": date(2026, 10, 1), "source": "notice", "note": "国庆节"}),
        ("calendar_closure_has", {"day": date(2026, 10, 8), "source": "closure", "note": ""}),
        (
            "calendar_closure_has",
            {"day": date(2026, 10, 8), "source": "closure", "note": "台风", "is_workday": True},
        ),
        ("calendar_source_known", {"day": date(2026, 10, 8), "source": "rumour", "note": "听说"}),
    ],
    ids=["twice", "no reason", "a closure that is worked", "unknown source"],
)
def test_the_database_refuses(constraint: str, row: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        CalendarDay.objects.create(**{"is_workday": False} | row)


def test_a_closure_and_a_notice_may_fall_on_one_day() -> None:
    """A make-up Saturday on which a typhoon comes: the closure counts."""
    day = date(2026, 10, 10)
    assert calendars.read().is_workday(day)
    CalendarDay.objects.create(day=day, is_workday=False, note="台风", source="closure")
    assert not calendars.read().is_workday(day)


### The snapshot


@pytest.fixture
def others(settings: Settings) -> tuple[Snapshot, Snapshot]:
    """Two processes that have read the table."""
    settings.CALENDAR_SECONDS = 30
    both = Snapshot(), Snapshot()
    for each in both:
        each.current()
    return both


def test_pages_ask_nothing_most_of_the_time(others: tuple[Snapshot, Snapshot]) -> None:
    with CaptureQueriesContext(connection) as queries:
        for _ in range(100):
            others[0].current()
    assert len(queries) == 0


def test_asking_again_is_one_query_and_reading_two_more(others: tuple[Snapshot, Snapshot]) -> None:
    before = others[0].current()
    others[0].expire()
    with CaptureQueriesContext(connection) as queries:
        assert others[0].current() is before
    assert len(queries) == 1
    CalendarDay.objects.create(day=CLOSED[0], is_workday=False, note="台风", source="closure")
    others[0].expire()
    with CaptureQueriesContext(connection) as queries:
        assert others[0].current() is not before
    assert len(queries) == 3


def test_a_change_acts_in_other_processes_when_the_time_is_up(
    others: tuple[Snapshot, Snapshot], actor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    close_days(days=CLOSED, reason="台风", actor=actor)
    assert [each.current().is_workday(CLOSED[0]) for each in others] == [True, True]
    now = calendars.monotonic()
    monkeypatch.setattr(calendars, "monotonic", lambda: now + 31)
    assert [each.current().is_workday(CLOSED[0]) for each in others] == [False, False]
    reopen_day(day=CLOSED[0], actor=actor)
    monkeypatch.setattr(calendars, "monotonic", lambda: now + 62)
    assert [each.current().is_workday(CLOSED[0]) for each in others] == [True, True]


def test_without_asking_another_process_would_count_wrong_for_good(
    others: tuple[Snapshot, Snapshot],
    actor: User,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control turned off."""
    settings.CALENDAR_SECONDS = float("inf")
    close_days(days=CLOSED, reason="台风", actor=actor)
    now = calendars.monotonic()
    monkeypatch.setattr(calendars, "monotonic", lambda: now + 10**6)
    assert others[1].current().is_workday(CLOSED[0])


def test_in_its_own_process_a_change_acts_at_once(
    actor: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert calendars.current().is_workday(CLOSED[0])
    with django_capture_on_commit_callbacks(execute=True):
        close_days(days=CLOSED, reason="台风", actor=actor)
        assert calendars.current().is_workday(CLOSED[0])  # it may still be taken back
    assert not calendars.current().is_workday(CLOSED[0])


def test_a_task_asks_before_it_begins(settings: Settings, actor: User) -> None:
    settings.CALENDAR_SECONDS = 30
    calendars._snapshot.forget()
    calendars.current()
    close_days(days=CLOSED, reason="台风", actor=actor)
    assert calendars.current().is_workday(CLOSED[0])
    recompute_deadlines.apply()
    assert not calendars.current().is_workday(CLOSED[0])


### Landing a year


def test_a_year_lands_with_its_days_and_is_no_longer_provisional(actor: User) -> None:
    before = calendars.read()
    done = land_year(year=2027, days=notice(), source=SOURCE, actor=actor)
    after = calendars.read()
    assert [each.is_provisional(2027) for each in (before, after)] == [True, False]
    rows = CalendarDay.objects.filter(day__year=2027).order_by("day")
    assert {row.day: row.note for row in rows} == OFF | WORKED
    year = CalendarYear.objects.get(year=2027)
    assert (year.source, year.landed_by, year.landed_at.date()) == (
        SOURCE,
        actor,
        timezone.now().date(),
    )
    # The statutory days that this notice leaves out, and the make-up Sunday, are now worked.
    assert [row.day for row in done.changed if not row.is_workday] == [date(2027, 2, 9)]
    assert date(2027, 2, 14) in [row.day for row in done.changed if row.is_workday]


def test_the_same_once_more_changes_nothing(actor: User) -> None:
    land_year(year=2027, days=notice(), source=SOURCE, actor=actor)
    before, trail = calendars.stamp(), details()
    again = land_year(year=2027, days=list(reversed(notice())), source=SOURCE, actor=actor)
    assert (again.is_change, again.changed, bool(again.moved)) == (False, (), False)
    assert (calendars.stamp(), details()) == (before, trail)


def test_a_correction_replaces_the_year_and_leaves_closures(actor: User) -> None:
    land_year(year=2027, days=notice(), source=SOURCE, actor=actor)
    close_days(days=[date(2027, 3, 1)], reason="暴雪", actor=actor)
    done = land_year(year=2027, days=notice(d0304="off"), source=SOURCE, actor=actor)
    assert [(row.day, row.is_workday) for row in done.changed] == [(date(2027, 3, 4), False)]
    assert not calendars.read().is_workday(date(2027, 3, 1))
    assert CalendarYear.objects.filter(year=2027).count() == 1


@pytest.mark.parametrize(
    ("days", "faults"),
    [
        ([], ["缺少1月1日至12月31日。"]),
        (
            [row for row in notice() if row.day not in {date(2027, 3, 4), date(2027, 3, 5)}],
            ["缺少3月4日至3月5日。"],
        ),
        ([*notice(), notice()[3]], ["1月4日重复。"]),
        ([*notice(), YearDay(date(2028, 1, 1), True)], ["2028-01-01不在 2027 年。"]),
        (
            [*notice()[1:-1], notice()[5], YearDay(date(2026, 1, 1), True)],
            ["缺少1月1日。", "缺少12月31日。", "1月6日重复。", "2026-01-01不在 2027 年。"],
        ),
        (
            [YearDay(day, day.weekday() < 5) for day in days_in(2027)],
            ["全年没有一个放假或补班的日子，请按国务院办公厅的通知填写。"],
        ),
    ],
    ids=["nothing", "two missing", "doubled", "another year", "all at once", "no holiday"],
)
def test_a_year_that_is_not_whole_is_refused(days: Sequence[YearDay], faults: list[str]) -> None:
    before = calendars.stamp()
    with pytest.raises(Refused) as refused:
        land_year(year=2027, days=days, source=SOURCE, actor=None)
    assert list(refused.value.faults) == faults
    assert (calendars.stamp(), details()) == (before, [])


def test_without_the_check_a_missing_day_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control turned off: the forgotten holiday is silently worked."""
    monkeypatch.setattr(calendars, "faults_of", lambda year, days: [])
    days = [row for row in notice() if row.day != date(2027, 2, 9)]
    land_year(year=2027, days=days, source=SOURCE, actor=None)
    assert calendars.read().is_workday(date(2027, 2, 9))


def test_what_was_shown_must_still_hold(actor: User) -> None:
    seen = calendars.stamp()
    close_days(days=CLOSED, reason="台风", actor=actor)
    with pytest.raises(Refused, match="别人改过"):
        land_year(year=2027, days=notice(), source=SOURCE, actor=actor, seen=seen)
    assert not CalendarYear.objects.filter(year=2027).exists()
    land_year(year=2027, days=notice(), source=SOURCE, actor=actor, seen=calendars.stamp())


### Closures


def test_closed_days_are_off_with_their_reason(actor: User) -> None:
    done = close_days(days=CLOSED, reason=" 台风 ", actor=actor)
    assert [row.day for row in done.changed] == CLOSED
    rows = CalendarDay.objects.filter(source="closure").order_by("day")
    assert [(row.day, row.note) for row in rows] == [(day, "台风") for day in CLOSED]


def test_the_weekend_of_a_week_is_closed_too(actor: User) -> None:
    """So a notice that lands later and makes a day of it up does not open the offices."""
    week = [date(2027, 2, 10) + timedelta(days=n) for n in range(5)]
    done = close_days(days=week, reason="疫情", actor=actor)
    assert [row.day for row in done.changed] == week[:3]
    land_year(year=2027, days=notice(), source=SOURCE, actor=actor)
    assert not calendars.read().is_workday(date(2027, 2, 14))


@pytest.mark.parametrize(
    ("days", "reason", "said"),
    [
        (CLOSED, "  ", "请写明"),
        ([], "台风", "请写明"),
        ([date(2026, 7, 18)], "台风", "本来就不上班"),
        ([date(2026, 10, 1)], "台风", "本来就不上班"),
        ([*CLOSED, date(2026, 7, 22)], "台风", "^7月20日至7月21日已经登记过停工"),
    ],
    ids=["no reason", "no day", "a Saturday", "a holiday", "again"],
)
def test_closures_that_are_refused(actor: User, days: list[date], reason: str, said: str) -> None:
    close_days(days=CLOSED, reason="暴雨", actor=actor)
    before = calendars.stamp()
    with pytest.raises(Refused, match=said):
        close_days(days=days, reason=reason, actor=actor)
    assert calendars.stamp() == before


def test_a_day_is_opened_again_once(actor: User) -> None:
    close_days(days=CLOSED, reason="台风", actor=actor)
    done = reopen_day(day=CLOSED[0], actor=actor, reason="台风转向")
    assert [(row.day, row.is_workday) for row in done.changed] == [(CLOSED[0], True)]
    assert [calendars.read().is_workday(day) for day in CLOSED] == [True, False]
    with pytest.raises(Refused, match="没有登记停工"):
        reopen_day(day=CLOSED[0], actor=actor)


def test_a_holiday_of_the_notice_cannot_be_opened(actor: User) -> None:
    with pytest.raises(Refused):
        reopen_day(day=date(2026, 10, 1), actor=actor)
    assert not calendars.read().is_workday(date(2026, 10, 1))


### Deadlines


def test_deadlines_follow_every_change(deadlines: dict[date, date], actor: User) -> None:
    friday = date(2026, 7, 17)
    before = dict(deadlines)
    assert close_days(days=CLOSED, reason="台风", actor=actor).moved.total == 1
    assert deadlines[friday] == before[friday] + timedelta(days=4)  # over the weekend
    assert reopen_day(day=CLOSED[1], actor=actor).moved.total == 1
    assert reopen_day(day=CLOSED[0], actor=actor).moved.total == 1
    assert deadlines == before
    assert land_year(year=2027, days=notice(), source=SOURCE, actor=actor).moved.total == 1
    assert {start for start in before if deadlines[start] != before[start]} == {date(2027, 2, 4)}
    assert [(act, detail["deadlines"]) for act, detail in details()] == [
        ("calendar.close_days", 1),
        ("calendar.reopen_day", 1),
        ("calendar.reopen_day", 1),
        ("calendar.land_year", 1),
    ]


def test_the_trail_says_what_changed(deadlines: dict[date, date], actor: User) -> None:
    land_year(year=2027, days=notice(), source=SOURCE, actor=actor)
    land_year(year=2027, days=notice(d0304="off", d0306="on"), source=SOURCE, actor=actor)
    close_days(days=CLOSED, reason="台风", actor=actor)
    reopen_day(day=CLOSED[1], actor=actor, reason="转晴")
    assert details()[1:] == [
        (
            "calendar.land_year",
            {
                "year": 2027,
                "source": SOURCE,
                "off": ["2027-03-04"],
                "worked": ["2027-03-06"],
                "deadlines": 0,
            },
        ),
        (
            "calendar.close_days",
            {"days": ["2026-07-20", "2026-07-21"], "reason": "台风", "deadlines": 1},
        ),
        (
            "calendar.reopen_day",
            {"on": "2026-07-21", "why": "台风", "reason": "转晴", "deadlines": 1},
        ),
    ]
    assert set(AuditEntry.objects.values_list("actor", flat=True)) == {actor.pk}


def test_what_an_act_would_move_is_told_and_not_done(
    deadlines: dict[date, date], actor: User
) -> None:
    recompute_with(lambda calendar: 2, name="诉求", measure="件")
    kept, before = dict(deadlines), calendars.stamp()

    def recompute(calendar: Calendar) -> int:
        return sum(calendar.due(start, 5) != due for start, due in kept.items())

    calendar_moves._kinds[0] = Kind("任务", "项", recompute)
    for act in (
        partial(close_days, days=CLOSED, reason="台风", actor=actor),
        partial(land_year, year=2027, days=notice(), source=SOURCE, actor=actor),
    ):
        assert str(calendars.foreseen(act, reader=actor).outcome.moved) == "任务 1 项、诉求 2 件"
    assert (calendars.stamp(), details(), calendars.current().is_workday(CLOSED[0])) == (
        before,
        [],
        True,
    )
    assert str(close_days(days=CLOSED, reason="台风", actor=actor).moved) == "任务 1 项、诉求 2 件"


def test_what_can_be_named_is_named_with_its_old_and_new_day() -> None:
    """Kind by kind; what is there only before or after does not move."""
    looks = [
        [{1: due("甲", 3), 2: due("乙", 3), 3: due("丙", 3)}, {1: due("丁", 4)}],
        [{1: due("甲", 5), 2: due("乙", 3), 4: due("戊", 3)}, {1: due("丁", 1)}],
    ]
    assert shifts_between(*looks) == [
        Shift(due("丁", 1), date(2026, 7, 4)),
        Shift(due("甲", 5), date(2026, 7, 3)),
    ]


def due(title: str, day: int) -> Due:
    return Due(title, "", date(2026, 7, day))


def test_what_is_refused_is_refused_beforehand(actor: User) -> None:
    with pytest.raises(Refused, match="本来就不上班"):
        calendars.foreseen(
            partial(close_days, days=[date(2026, 7, 18)], reason="台风", actor=actor), reader=actor
        )


def test_kinds_that_do_not_move_are_not_named() -> None:
    kinds = [Kind(name, "项", lambda calendar: 0) for name in ("任务", "诉求")]
    moves = Moves(tuple(zip(kinds, (0, 3), strict=True)))
    assert (str(moves), moves.total, bool(moves)) == ("诉求 3 项", 3, True)
    assert (str(Moves()), bool(Moves())) == ("", False)


def test_a_change_whose_deadlines_cannot_follow_does_not_happen(
    deadlines: dict[date, date], actor: User
) -> None:
    def broken(calendar: Calendar) -> int:
        raise RuntimeError

    recompute_with(broken, name="任务", measure="项")
    before = calendars.stamp()
    for act in (
        lambda: land_year(year=2027, days=notice(), source=SOURCE, actor=actor),
        lambda: close_days(days=CLOSED, reason="台风", actor=actor),
    ):
        with pytest.raises(RuntimeError):
            act()
    assert (calendars.stamp(), details()) == (before, [])
    assert calendars.current().is_workday(CLOSED[0])


def test_a_deadline_set_by_an_old_calendar_is_moved_later(
    deadlines: dict[date, date], actor: User
) -> None:
    close_days(days=CLOSED, reason="台风", actor=actor)
    deadlines[date(2026, 7, 16)] = date(2026, 7, 23)  # by a process that did not know yet
    recompute_deadlines()
    assert deadlines[date(2026, 7, 16)] == date(2026, 7, 27)
    assert details()[-1] == ("calendar.recompute", {"deadlines": 1})
    trail = details()
    recompute_deadlines()
    assert details() == trail


def test_a_change_that_is_taken_back_leaves_neither_rows_nor_a_line(actor: User) -> None:
    before = calendars.stamp()
    with audit.atomic():
        close_days(days=CLOSED, reason="台风", actor=actor)
        transaction.set_rollback(True)
    assert (calendars.stamp(), details()) == (before, [])


### At the same time


@pytest.mark.django_db(transaction=True)
def test_two_who_close_the_same_day_close_it_once(shared_database: None) -> None:
    done = together([lambda: close_days(days=CLOSED[:1], reason="台风", actor=None)] * 4)
    assert Counter(type(each) for each in done) == {Outcome: 1, Refused: 3}
    assert CalendarDay.objects.filter(source="closure").count() == 1
    assert len(details()) == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_land_the_same_year_land_it_once(shared_database: None) -> None:
    land = partial(land_year, year=2027, days=notice(), source=SOURCE, actor=None)
    assert Counter(done.is_change for done in together([land] * 4)) == {True: 1, False: 3}
    assert CalendarYear.objects.filter(year=2027).count() == 1
    assert CalendarDay.objects.filter(day__year=2027).count() == len(OFF | WORKED)
    assert len(details()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_calendar_stands_again_after_a_test_with_real_commits() -> None:
    assert CalendarDay.objects.count() == 557
