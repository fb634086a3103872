"""visits.services: appeals from the dispatch to what the person says at the call-back."""

import contextlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from campaign.models import Campaign
from core import calendars
from core.calendars import close_days
from core.models import AuditEntry, Notice
from organisation.choices import Role
from organisation.models import Posting, User
from organisation.services import grant
from tests.personas import World
from tests.visits.appeals import (
    STATES,
    a_working_day_later,
    appeal_at,
    called,
    fresh,
    lapsed,
    raised,
    step,
)
from visits import appeal_way, rules
from visits.appeal_way import STEPS, Part, Refused
from visits.choices import ENDED, AppealState, CallResult, CallWay, Decision, Handling
from visits.models import Appeal, AppealEvent, AppealPause, CallBack, Voice
from visits.queries.appeals import counts_of, waiting_for
from visits.rules import parts_in
from visits.services import (
    Stale,
    ask_for_days,
    call_backs,
    decide_on_days,
    merge_appeal,
)
from visits.services import appeal_steps as services
from visits.services.appeal_steps import offices_of, title_of_step

PEOPLE = (
    "cadre", "colleague", "liaison", "head", "deputy", "other_head", "office", "organisation",
    "discipline", "leader", "city_office", "stranger_office", "system_admin",
)  # fmt: skip
OFFICES = {"office", "city_office"}
OWN = {"liaison", "head", "deputy"}
CALLERS = {"office", "city_office", "organisation"}
NAMES = [each.name for each in STEPS if not each.apart]


def due(days: int, start: date | None = None) -> date:
    return calendars.current().due(start or timezone.localdate(), days)


### Who takes which step


@pytest.mark.parametrize("state", [*STATES, "pause", "hotline"])
def test_every_step_by_everybody(world: World, state: str) -> None:
    """State x step x person: taken exactly where the table and the part allow it."""
    wanted = {
        Part.OFFICE: OFFICES,
        Part.UNIT: OWN if state in {"assign", "sign", "answer", "pause"} else set(),
    }
    appeal = _brought(world, state)
    for name, who in product(NAMES, PEOPLE):
        expected = any(
            appeal.state in each.sources and who in wanted.get(each.part, set())
            for each in STEPS
            if each.name == name
        )
        assert _may(appeal, name, getattr(world, who), world) == expected, (state, name, who)


def _brought(world: World, state: str) -> Appeal:
    if state == "pause":
        return step(appeal_at(world, "sign"), "pause", world.liaison, world)
    if state == "hotline":
        return step(raised(world), "hotline", world.office, world)
    return appeal_at(world, state)


def _may(appeal: Appeal, name: str, actor: User, world: World) -> bool:
    try:
        with transaction.atomic():
            step(appeal, name, actor, world)
            transaction.set_rollback(True)
    except (PermissionDenied, Refused):
        return False
    appeal.refresh_from_db()
    return True


def test_another_unit_is_refused_and_does_not_see_it(world: World) -> None:
    appeal = appeal_at(world, "sign")
    with pytest.raises(PermissionDenied):
        step(appeal, "answer", world.other_head, world)
    assert not Appeal.objects.visible_to(world.other_head).exists()
    assert fresh(appeal).state == AppealState.HANDLING


def test_a_unit_that_assists_sees_it_and_does_not_answer(world: World) -> None:
    appeal = step(raised(world), "assign", world.office, world, assisting=[world.other_unit])
    assert Appeal.objects.visible_to(world.other_head).get() == appeal
    assert parts_in(world.other_head, appeal) == frozenset()


def test_who_heard_it_takes_it_up_for_the_own_unit(world: World) -> None:
    appeal = raised(world, Handling.OWN_UNIT)
    assert (appeal.handler, appeal.unit) == (world.cadre, world.unit)
    assert step(appeal, "answer", world.cadre, world).state == AppealState.ANSWERED


### One step, one event, one audit row


def test_each_step_leaves_one_event_and_one_audit_row(world: World) -> None:
    appeal = appeal_at(world, "answer")
    events = list(appeal.events.values_list("number", "step", "to_state", "unit"))
    unit = world.unit.pk
    assert events == [
        (0, "raise", "unassigned", None),
        (1, "assign", "issued", unit),
        (2, "sign", "handling", unit),
        (3, "answer", "answered", unit),
    ]
    acts = AuditEntry.objects.filter(act__startswith="visits.appeal_").order_by("id")
    assert list(acts.values_list("act", flat=True)) == [
        "visits.appeal_assign", "visits.appeal_sign", "visits.appeal_answer",
    ]  # fmt: skip
    told = Notice.objects.filter(event__startswith=f"visits.appeal:{appeal.pk}:")
    assert {each.person for each in told} == {world.liaison, world.organisation}


def test_a_notice_says_where_the_appeal_stands_and_says_it_once(world: World) -> None:
    appeal = appeal_at(world, "answer")
    for state, label, words in (
        (AppealState.HANDLING, "重办", "已重办，现在办理中"),
        (AppealState.CLOSED, "办结", "已办结"),
        (AppealState.LAPSED, "无法回访办结", "已按无法回访办结"),
        (AppealState.HOTLINE, "转12345", "已转12345"),
    ):
        appeal.state = state
        title = title_of_step(appeal, label, world.organisation)
        assert title == f"{appeal}：{world.organisation.name}{words}"
    assert title_of_step(appeal, "转12345", None) == f"{appeal}：群众作答后已转12345"


def test_what_was_not_seen_is_not_moved(world: World) -> None:
    appeal = appeal_at(world, "assign")
    old = fresh(appeal)
    step(appeal, "sign", world.liaison, world)
    with pytest.raises(Stale):
        step(old, "sign", world.head, world)
    assert appeal.events.count() == 3


def test_without_its_condition_a_step_is_taken_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the plain write in place of the conditional one."""
    appeal = appeal_at(world, "assign")
    old = fresh(appeal)

    def plain(row: Appeal, changes: Any, *, seen: int) -> None:
        row.step_count = Appeal.objects.get(pk=row.pk).step_count + 1
        Appeal.objects.filter(pk=row.pk).update(step_count=row.step_count, **changes)
        row.state = changes["state"]

    monkeypatch.setattr(services, "move", plain)
    step(appeal, "sign", world.liaison, world)
    step(old, "sign", world.head, world)
    assert appeal.events.filter(step="sign").count() == 2


@pytest.mark.parametrize(
    ("name", "changes"),
    [("assign", {"unit": None}), ("hotline", {"number": " "})],
)
def test_what_a_step_needs_is_asked_for(world: World, name: str, changes: dict[str, Any]) -> None:
    appeal = raised(world)
    with pytest.raises(Refused):
        step(appeal, name, world.office, world, **changes)
    assert fresh(appeal).state == AppealState.UNASSIGNED


def test_nothing_moves_in_an_archived_campaign(world: World) -> None:
    appeal = appeal_at(world, "answer")
    Campaign.objects.update(archived_at=timezone.now())
    with pytest.raises(PermissionDenied):
        called(appeal, world.organisation)
    with pytest.raises(PermissionDenied):
        step(appeal_at(world, "", appeal), "assign", world.office, world)


### Clocks


def test_each_state_has_its_clock(world: World) -> None:
    for name, days in (("", 1), ("assign", 1), ("sign", 5), ("answer", 2)):
        assert appeal_at(world, name).due_on == due(days)


def test_a_return_goes_to_the_office_and_the_next_unit_keeps_it(world: World) -> None:
    appeal = step(appeal_at(world, "assign"), "return", world.liaison, world)
    assert (appeal.state, appeal.unit, appeal.designated) == (AppealState.UNASSIGNED, None, True)
    appeal = step(appeal, "assign", world.office, world, unit=world.other_unit)
    with pytest.raises(Refused, match="不能再退回"):
        step(appeal, "return", world.other_head, world)


@pytest.mark.parametrize(("days", "may"), [(2, True), (3, False)])
def test_a_return_comes_within_two_working_days(world: World, days: int, may: bool) -> None:
    appeal = appeal_at(world, "sign")
    day = world.today
    while calendars.current().workdays_left(day, world.today) < days:
        day -= timedelta(days=1)
    Appeal.objects.filter(pk=appeal.pk).update(issued_on=day)
    assert _may(fresh(appeal), "return", world.liaison, world) == may


def test_the_clock_stands_while_waiting_for_the_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two of five working days have passed; three are left whenever he comes back."""
    monday = date(2026, 7, 13)
    _today(monkeypatch, monday)
    appeal = appeal_at(world, "sign")
    assert appeal.due_on == date(2026, 7, 20)
    _today(monkeypatch, date(2026, 7, 15))
    appeal = step(appeal, "pause", world.liaison, world)
    assert (appeal.due_on, AppealPause.objects.get().workdays_left) == (None, 3)
    _today(monkeypatch, date(2026, 7, 29))
    appeal = step(appeal, "resume", world.liaison, world)
    assert appeal.due_on == date(2026, 8, 3)
    assert AppealPause.objects.get().resumed_on == date(2026, 7, 29)


def test_what_is_late_cannot_pause_and_is_answered_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _today(monkeypatch, date(2026, 7, 13))
    appeal = appeal_at(world, "sign")
    _today(monkeypatch, date(2026, 7, 21))
    with pytest.raises(Refused):
        step(appeal, "pause", world.liaison, world)
    appeal = step(appeal, "answer", world.liaison, world)
    assert (appeal.signed_in_time, appeal.answered_in_time) == (True, False)


def test_every_running_clock_follows_the_calendar(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One day is closed: each clock that counts over it is a working day longer."""
    _today(monkeypatch, date(2026, 7, 13))
    rows = {name: appeal_at(world, name) for name in STATES}
    close_days(days=[date(2026, 7, 14)], reason="台风", actor=world.city_office)
    found = {name: fresh(row).due_on for name, row in rows.items()}
    assert found == {
        "": date(2026, 7, 15), "assign": date(2026, 7, 15),
        "sign": date(2026, 7, 21), "answer": date(2026, 7, 16),
    }  # fmt: skip


def _today(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: day)


### More time


def test_time_is_asked_for_once_and_granted_by_the_office(world: World) -> None:
    appeal = appeal_at(world, "sign")
    asked = ask_for_days(appeal=appeal, actor=world.liaison, workdays=10, reason="等材料")
    with pytest.raises(Refused):
        ask_for_days(appeal=appeal, actor=world.head, workdays=3, reason="还要等")
    with pytest.raises(PermissionDenied):
        decide_on_days(extension=asked, actor=world.head, decision=Decision.GRANTED)
    decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    assert fresh(appeal).due_on == due(15)
    with pytest.raises(Refused):
        decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    assert fresh(appeal).due_on == due(15)


@pytest.mark.parametrize(("workdays", "reason"), [(0, "等"), (11, "等"), (5, " ")])
def test_ten_working_days_and_a_reason(world: World, workdays: int, reason: str) -> None:
    appeal = appeal_at(world, "sign")
    with pytest.raises(Refused):
        ask_for_days(appeal=appeal, actor=world.liaison, workdays=workdays, reason=reason)


def test_what_was_answered_meanwhile_gets_no_time(world: World) -> None:
    appeal = appeal_at(world, "sign")
    asked = ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")
    step(appeal, "answer", world.liaison, world)
    with pytest.raises(Refused):
        decide_on_days(
            extension=type(asked).objects.get(), actor=world.office, decision=Decision.GRANTED
        )
    assert fresh(appeal).due_on == due(2)


### The call-back


@pytest.mark.parametrize("who", PEOPLE)
def test_who_calls_back(world: World, who: str) -> None:
    appeal = appeal_at(world, "answer")
    if who in CALLERS:
        assert called(appeal, getattr(world, who)).state == AppealState.CLOSED
        return
    with pytest.raises(PermissionDenied):
        called(appeal, getattr(world, who))
    assert fresh(appeal).state == AppealState.ANSWERED


@pytest.mark.parametrize(
    ("result", "solved", "state", "count"),
    [
        (CallResult.SATISFIED, True, AppealState.CLOSED, 0),
        (CallResult.BASICALLY, True, AppealState.CLOSED, 0),
        (CallResult.SATISFIED, False, AppealState.HANDLING, 1),
        (CallResult.DISSATISFIED, True, AppealState.HANDLING, 1),
        (CallResult.DISSATISFIED, False, AppealState.HANDLING, 1),
        (CallResult.UNREACHABLE, None, AppealState.ANSWERED, 0),
    ],
)
def test_what_the_person_says_decides(
    world: World, result: CallResult, solved: bool | None, state: AppealState, count: int
) -> None:
    appeal = called(appeal_at(world, "answer"), world.organisation, result, solved=solved)
    assert (appeal.state, appeal.redo_count) == (state, count)
    if state == AppealState.HANDLING:
        assert (appeal.due_on, appeal.designated) == (due(5), True)


def test_nobody_reached_three_times_ends_it_unheard(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = appeal_at(world, "answer")
    for state in (AppealState.ANSWERED, AppealState.ANSWERED, AppealState.LAPSED):
        appeal = called(appeal, world.organisation, CallResult.UNREACHABLE, solved=None)
        assert appeal.state == state
        a_working_day_later(monkeypatch)
    assert CallBack.objects.count() == 3


def _try_in_vain(appeal: Appeal, actor: User) -> Appeal:
    return called(appeal, actor, CallResult.UNREACHABLE, solved=None)


def test_one_vain_try_counts_a_working_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever it is that tries; who is reached the same day is heard."""
    friday = datetime(2026, 7, 17, 9, tzinfo=timezone.get_current_timezone())
    monkeypatch.setattr("django.utils.timezone.now", lambda: friday)
    appeal = _try_in_vain(appeal_at(world, "answer"), world.organisation)
    for later in (timedelta(minutes=1), timedelta(hours=14), timedelta(days=1), timedelta(days=2)):
        monkeypatch.setattr("django.utils.timezone.now", lambda after=later: friday + after)
        with pytest.raises(Refused, match="下一次联系不上最早 7月20日"):
            _try_in_vain(appeal, world.office)
    monkeypatch.setattr("django.utils.timezone.now", lambda: friday + timedelta(days=3))
    appeal = _try_in_vain(appeal, world.office)
    assert called(appeal, world.office).state == AppealState.CLOSED


def test_without_the_check_the_database_still_counts_one_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = _try_in_vain(appeal_at(world, "answer"), world.organisation)
    monkeypatch.setattr(call_backs, "vain_try", lambda _: (None, None))
    with pytest.raises(DatabaseError), transaction.atomic():
        _try_in_vain(appeal, world.office)
    a_working_day_later(monkeypatch)
    _try_in_vain(appeal, world.office)
    assert CallBack.objects.count() == 2


def test_of_two_voices_each_is_tried_on_its_own(world: World) -> None:
    appeal = raised(world)
    merge_appeal(appeal=raised(world), into=appeal, actor=world.office, seen=0, reason="同一件事")
    appeal = appeal_at(world, "answer", fresh(appeal))
    for voice in (0, 1):
        appeal = called(
            appeal, world.organisation, CallResult.UNREACHABLE, solved=None, voice=voice
        )
    assert CallBack.objects.count() == 2


@pytest.mark.parametrize(
    ("result", "solved"), [(CallResult.DISSATISFIED, False), (CallResult.SATISFIED, False)]
)
def test_what_was_said_once_stays_when_the_next_round_reaches_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch, result: CallResult, solved: bool
) -> None:
    appeal = called(appeal_at(world, "answer"), world.organisation, result, solved=solved)
    appeal = lapsed(step(appeal, "answer", world.liaison, world), world.organisation, monkeypatch)
    assert (appeal.state, appeal.result, appeal.solved) == (AppealState.LAPSED, result, solved)
    found = counts_of(Appeal.objects.all())
    assert (found.reached, found.solved, found.called, found.ended) == (1, 0, 1, 1)


def test_of_nobody_ever_reached_nothing_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = lapsed(appeal_at(world, "answer"), world.organisation, monkeypatch)
    assert (appeal.result, appeal.solved) == (CallResult.UNREACHABLE, None)
    assert counts_of(Appeal.objects.all()).reached == 0


@pytest.mark.parametrize("tries", [0, 2])
def test_the_database_lets_nothing_lapse_untried(
    world: World, monkeypatch: pytest.MonkeyPatch, tries: int
) -> None:
    appeal = appeal_at(world, "answer")
    for _ in range(tries):
        appeal = _try_in_vain(appeal, world.organisation)
        a_working_day_later(monkeypatch)
    with pytest.raises(DatabaseError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.LAPSED)
    monkeypatch.setattr(call_backs, "verdict", lambda _: "lapse")
    if tries < 2:
        with pytest.raises(DatabaseError), transaction.atomic():
            _try_in_vain(appeal, world.organisation)


def test_what_was_designated_once_stays_so_when_it_is_redone(world: World) -> None:
    """Returned by a unit, then answered by 12345: the unit that gets it next keeps it."""
    appeal = step(appeal_at(world, "assign"), "return", world.liaison, world)
    appeal = step(appeal, "hotline", world.office, world)
    appeal = step(appeal, "hotline_result", world.office, world)
    appeal = called(appeal, world.organisation, CallResult.DISSATISFIED)
    assert (appeal.state, appeal.designated) == (AppealState.UNASSIGNED, True)
    appeal = step(appeal, "assign", world.office, world)
    with pytest.raises(Refused, match="不能再退回"):
        step(appeal, "return", world.liaison, world)


def test_redone_and_called_again(world: World) -> None:
    appeal = called(appeal_at(world, "answer"), world.organisation, CallResult.DISSATISFIED)
    appeal = step(appeal, "answer", world.liaison, world)
    appeal = called(appeal, world.office)
    assert (appeal.state, appeal.redo_count) == (AppealState.CLOSED, 1)
    assert list(CallBack.objects.values_list("round", "attempt")) == [(0, 1), (1, 1)]
    found = counts_of(Appeal.objects.all())
    assert (found.redone, found.called, found.satisfied, found.solved) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("result", "solved", "said"),
    [(CallResult.SATISFIED, None, ""), (CallResult.DISSATISFIED, False, " ")],
)
def test_an_incomplete_call_is_refused(
    world: World, result: CallResult, solved: bool | None, said: str
) -> None:
    appeal = appeal_at(world, "answer")
    with pytest.raises(Refused):
        called(appeal, world.organisation, result, solved=solved, said=said)
    assert not CallBack.objects.exists()


def test_who_moved_into_the_unit_that_handled_it_does_not_call(world: World) -> None:
    appeal = appeal_at(world, "answer")
    world.organisation.postings.update(unit=world.unit)
    with pytest.raises(PermissionDenied):
        called(appeal, world.organisation)
    assert appeal not in waiting_for(world.organisation)


def _assisted(world: World) -> Appeal:
    """Answered by a unit that the organisation department's helped."""
    (helping,) = {post.unit for post in world.organisation.postings.all()}
    appeal = appeal_at(world, "answer")
    appeal.assisting.add(helping)
    return appeal


def test_who_is_posted_in_a_unit_that_assists_does_not_call(world: World) -> None:
    appeal = _assisted(world)
    with pytest.raises(PermissionDenied):
        called(appeal, world.organisation)
    assert appeal not in waiting_for(world.organisation)
    appeal.assisting.clear()
    assert appeal in waiting_for(world.organisation)


def test_without_the_rule_the_database_refuses_who_assisted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = _assisted(world)
    monkeypatch.setattr(call_backs, "parts_in", lambda *_: {Part.CALLER})
    with pytest.raises(DatabaseError), transaction.atomic():
        called(appeal, world.organisation)
    appeal.assisting.clear()
    assert called(appeal, world.organisation).state == AppealState.CLOSED


def test_who_handled_it_before_a_reassignment_does_not_call(world: World) -> None:
    both = world.person("both", world.unit, Role.ORGANISATION, area=world.county)
    appeal = appeal_at(world, "assign")
    Appeal.objects.filter(pk=appeal.pk).update(handler=both)
    appeal = step(fresh(appeal), "sign", both, world)
    Posting.objects.filter(user=both).update(unit=world.office_unit)
    appeal = step(appeal, "reassign", world.office, world)
    appeal = step(appeal, "sign", world.other_head, world)
    appeal = step(appeal, "answer", world.other_head, world)
    with pytest.raises(PermissionDenied):
        called(appeal, both)


def test_without_the_rule_the_database_still_refuses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule switched off: only the trigger stands between the handler and the call-back."""
    appeal = appeal_at(world, "answer")
    monkeypatch.setattr(call_backs, "parts_in", lambda *_: {Part.CALLER})
    for handler in (world.liaison, world.colleague):
        with pytest.raises(DatabaseError), transaction.atomic():
            called(appeal, handler)
    assert fresh(appeal).state == AppealState.ANSWERED


def test_the_database_closes_nothing_unheard(world: World) -> None:
    appeal = appeal_at(world, "answer")
    with pytest.raises(DatabaseError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.CLOSED)
    voice = appeal.voices.get()
    CallBack.objects.create(
        appeal=appeal, voice=voice, round=0, attempt=1, caller=world.organisation,
        way=CallWay.PHONE, result=CallResult.DISSATISFIED, solved=False, said="没修",
    )  # fmt: skip
    with pytest.raises(DatabaseError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(state=AppealState.CLOSED)


@pytest.mark.parametrize("model", [AppealEvent, CallBack])
def test_what_was_said_and_done_is_not_rewritten(world: World, model: Any) -> None:
    called(appeal_at(world, "answer"), world.organisation)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**({"note": "改"} if model is AppealEvent else {"said": "改"}))


@pytest.mark.parametrize(
    "values",
    [
        {"state": "open"},
        {"state": AppealState.ISSUED, "due_on": None},
        {"state": AppealState.HANDLING, "unit": None},
        {"state": AppealState.ANSWERED, "answer": ""},
        {"state": AppealState.HOTLINE, "hotline_number": ""},
        {"state": AppealState.MERGED},
        {"category": "x"},
        {"result": "x"},
    ],
)
def test_the_database_holds_what_a_state_means(world: World, values: dict[str, Any]) -> None:
    appeal = raised(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(**values)


### 12345


def test_handed_to_12345_and_back(world: World) -> None:
    appeal = step(raised(world), "hotline", world.office, world)
    assert (appeal.hotline_number, appeal.due_on) == ("LC20260001", None)
    appeal = step(appeal, "hotline_back", world.office, world)
    assert appeal.due_on == due(1)
    appeal = step(appeal, "hotline", world.office, world)
    appeal = step(appeal, "hotline_result", world.office, world)
    with pytest.raises(PermissionDenied):  # who wrote the result down does not ask about it
        called(appeal, world.office)
    appeal = called(appeal, world.organisation, CallResult.DISSATISFIED)
    assert (appeal.state, appeal.unit) == (AppealState.UNASSIGNED, None)


### Merging


def test_merged_ones_keep_their_people_and_everybody_is_asked(world: World) -> None:
    into, other = appeal_at(world, "sign"), raised(world, content="路灯又不亮")
    merge_appeal(
        appeal=other, into=into, actor=world.office, seen=other.step_count, reason="同一盏灯"
    )
    other, into = fresh(other), fresh(into)
    assert (other.state, other.merged_into) == (AppealState.MERGED, into)
    assert not other.has_clock
    assert [voice.content for voice in into.voices.all()] == ["路灯不亮", "路灯又不亮"]
    into = step(into, "answer", world.liaison, world)
    into = called(into, world.organisation)
    assert into.state == AppealState.ANSWERED
    into = called(into, world.organisation, CallResult.BASICALLY, voice=1)
    assert (into.state, into.result) == (AppealState.CLOSED, CallResult.BASICALLY)
    assert counts_of(Appeal.objects.all()).raised == 1


@pytest.mark.parametrize("until", ["answer", "self"])
def test_into_what_is_answered_or_itself_nothing_merges(world: World, until: str) -> None:
    appeal = raised(world)
    into = appeal if until == "self" else appeal_at(world, until)
    with pytest.raises(Refused):
        merge_appeal(
            appeal=appeal, into=into, actor=world.office, seen=appeal.step_count, reason="同一件"
        )
    assert Voice.objects.filter(appeal=appeal).count() == 1


def merged(world: World, one: Appeal, into: Appeal) -> Appeal:
    merge_appeal(appeal=one, into=into, actor=world.office, seen=one.step_count, reason="同一盏灯")
    return fresh(into)


def redone_of_two(world: World) -> Appeal:
    """One of its two people was content, the other sent it back."""
    both = merged(world, raised(world, content="路灯又不亮"), appeal_at(world, "sign"))
    both = called(step(both, "answer", world.liaison, world), world.organisation)
    return called(both, world.organisation, CallResult.DISSATISFIED, solved=False, voice=1)


def answered_by_all(world: World, appeal: Appeal) -> Appeal:
    appeal = step(appeal, "answer", world.liaison, world)
    for voice in range(appeal.voices.count()):
        appeal = called(appeal, world.organisation, voice=voice)
    return appeal


def test_one_that_is_redone_takes_in_another_and_is_not_merged_itself(world: World) -> None:
    """Its people were asked in rounds that the other one does not have."""
    redone, other = redone_of_two(world), appeal_at(world, "sign")
    with pytest.raises(Refused, match="回访过"):
        merged(world, redone, other)
    assert answered_by_all(world, merged(world, other, redone)).state == AppealState.CLOSED


def test_without_that_nobody_could_end_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: who was content in the round of that number is not asked any more."""
    redone, other = redone_of_two(world), appeal_at(world, "sign")
    monkeypatch.setattr(appeal_way, "_hindrance", lambda *_: "")
    with pytest.raises(Refused, match="已经"):
        answered_by_all(world, merged(world, redone, other))


def test_only_the_office_merges(world: World) -> None:
    one, two = appeal_at(world, "sign"), appeal_at(world, "sign")
    for who in (world.liaison, world.organisation, world.stranger_office):
        with pytest.raises(PermissionDenied):
            merge_appeal(appeal=one, into=two, actor=who, seen=one.step_count, reason="同一件")


### What waits


def test_what_waits_is_what_somebody_may_do(world: World) -> None:
    """At every state, for everybody: the list and the parts agree."""
    rows = [_brought(world, state) for state in [*STATES, "pause", "hotline"]]
    for who in PEOPLE:
        person = getattr(world, who)
        found = set(waiting_for(person).values_list("pk", flat=True))
        expected = {row.pk for row in rows if _waits(person, row)}
        assert found == expected, who


def _waits(person: User, appeal: Appeal) -> bool:
    parts = parts_in(person, appeal)
    if appeal.state == AppealState.ANSWERED:
        return Part.CALLER in parts
    with_unit = {AppealState.ISSUED, AppealState.HANDLING, AppealState.PAUSED}
    return (Part.UNIT if appeal.state in with_unit else Part.OFFICE) in parts


def test_control_without_the_rule_the_handler_gets_the_part(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = appeal_at(world, "answer")
    world.organisation.postings.update(unit=world.unit)
    monkeypatch.setattr(rules, "stands_too_near", lambda *_: False)
    assert Part.CALLER in parts_in(world.organisation, appeal)


### A walk


TRYING = ("liaison", "head", "office", "organisation")


class Walk(RuleBasedStateMachine):
    """Anybody tries anything, in any order."""

    world: World
    patch: pytest.MonkeyPatch

    def __init__(self) -> None:
        super().__init__()
        self.appeal = raised(self.world)

    @rule(name=st.sampled_from(NAMES), who=st.sampled_from(TRYING))
    def tries_a_step(self, name: str, who: str) -> None:
        self._try(lambda: step(self.appeal, name, getattr(self.world, who), self.world))

    @rule(result=st.sampled_from(CallResult), solved=st.booleans(), who=st.sampled_from(TRYING))
    def tries_a_call(self, result: CallResult, solved: bool, who: str) -> None:
        self._try(lambda: called(self.appeal, getattr(self.world, who), result, solved=solved))

    @rule()
    def a_working_day_passes(self) -> None:
        a_working_day_later(self.patch)

    def _try(self, act: Callable[[], object]) -> None:
        with contextlib.suppress(PermissionDenied, Refused), transaction.atomic():
            act()
        self.appeal = fresh(self.appeal)

    @invariant()
    def closed_means_heard(self) -> None:
        appeal = self.appeal
        calls = appeal.call_backs.filter(round=appeal.redo_count)
        if appeal.state == AppealState.CLOSED:
            assert calls.get(solved=True).result in {"satisfied", "basically"}
        if appeal.state == AppealState.LAPSED:
            assert calls.filter(result=CallResult.UNREACHABLE).count() == 3

    @invariant()
    def each_step_is_kept_once(self) -> None:
        numbers = list(self.appeal.events.values_list("number", flat=True))
        assert numbers == list(range(self.appeal.step_count + 1))
        assert self.appeal.events.last().to_state == self.appeal.state

    @invariant()
    def a_clock_runs_or_it_has_none(self) -> None:
        waiting = {AppealState.PAUSED, AppealState.HOTLINE}
        assert (self.appeal.due_on is None) == (self.appeal.state in ENDED | waiting)
        open_pauses = AppealPause.objects.filter(appeal=self.appeal, resumed_on=None).count()
        assert open_pauses == (self.appeal.state == AppealState.PAUSED)


def test_a_walk_of_any_steps_keeps_the_promise(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Walk, "world", world, raising=False)
    monkeypatch.setattr(Walk, "patch", monkeypatch, raising=False)
    quick = settings(
        max_examples=8,
        stateful_step_count=25,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=quick)


def test_who_answers_for_the_unit_by_a_right_does_not_call(world: World) -> None:
    """Posted elsewhere, and a colleague took the steps: still the handler's side."""
    appeal = appeal_at(world, "answer")
    grant(user=world.organisation, role=Role.LIAISON, unit=appeal.unit, since=world.today)
    person = User.objects.get(pk=world.organisation.pk)
    assert parts_in(person, appeal) == {Part.UNIT}
    assert appeal not in waiting_for(person)


NOBODY = "现在没有人可以回访"


def test_where_all_of_a_place_have_handled_it_those_above_call_back(world: World) -> None:
    above = world.person("above", world.discipline_unit, Role.OFFICE, area=world.city)
    appeal = _assisted(world)  # the others are all posted in the same unit
    assert offices_of(appeal) == [above]
    assert NOBODY not in world.client(world.liaison).get(f"/visits/appeals/{appeal.pk}/").text
    assert called(appeal, above).state == AppealState.CLOSED


def test_where_nobody_may_call_back_the_page_says_so(world: World) -> None:
    appeal = _assisted(world)
    assert offices_of(appeal) == []
    for person in (world.office, world.liaison):
        assert NOBODY in world.client(person).get(f"/visits/appeals/{appeal.pk}/").text
    assert NOBODY not in world.client(world.liaison).get("/visits/appeals/").text
