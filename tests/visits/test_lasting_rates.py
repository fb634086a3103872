"""visits.queries.appeals.counts_of: what was late stays late, whatever became of it.

Once by hand for each way on which a breach might get lost, and once by walks of any steps,
compared with a plain loop over what happened.
"""

import contextlib
import os
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from core.models import Notice
from organisation.models import User
from tests.personas import World
from tests.visits.appeals import appeal_at, called, fresh, lapsed, raised, step
from tests.visits.slow_rates import slow_counts
from visits import rules
from visits.appeal_rates import Counts, rates_of
from visits.appeal_way import Refused
from visits.choices import AppealState, CallResult, Decision, Handling
from visits.models import Appeal, AppealExtension
from visits.queries.appeals import counts_of, steps_for
from visits.queries.unit_rates import counts_by_unit
from visits.services import Stale, ask_for_days, decide_on_days, merge_appeal, unmerge_appeal
from visits.services import appeal_days as days_services
from visits.services import appeal_steps as step_services
from visits.services import merging as merge_services

WALKS = int(os.environ.get("WALKS", "4"))  # more of them when somebody has the time
START = date(2026, 7, 13)  # a Monday
TIMES = (
    "signed_in_time", "signed_late", "answered_in_time", "answered_late", "called",
    "uncalled_late", "redone", "judged",
)  # fmt: skip


@pytest.fixture(autouse=True)
def start(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, START)


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: day)


def counted(**expected: int) -> None:
    """Those of the counts that speak of time; what is not named is nought."""
    found = counts_of(Appeal.objects.all())
    assert {name: getattr(found, name) for name in TIMES} == dict.fromkeys(TIMES, 0) | expected


def of_unit(unit: Any) -> Counts:
    return counts_by_unit(Appeal.objects.all())[unit.pk]


### What goes away late


def late_return(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appeal_at(world, "assign")
    on(monkeypatch, date(2026, 7, 15))
    step(appeal, "return", world.liaison, world)


def late_reassignment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appeal_at(world, "assign")
    on(monkeypatch, date(2026, 7, 16))
    step(appeal, "reassign", world.office, world)


def late_merge(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appeal_at(world, "assign")
    on(monkeypatch, date(2026, 7, 16))
    into = raised(world)
    merge_appeal(appeal=appeal, into=into, actor=world.office, seen=1, reason="同一件")


GOING = [late_return, late_reassignment, late_merge]


@pytest.mark.parametrize("go", GOING)
def test_who_goes_late_stays_late(
    world: World, monkeypatch: pytest.MonkeyPatch, go: Callable[..., None]
) -> None:
    go(world, monkeypatch)
    counted(signed_late=1)
    assert of_unit(world.unit).signed_late == 1


@pytest.mark.parametrize("go", GOING)
def test_control_without_the_keeping_it_is_washed_away(
    world: World, monkeypatch: pytest.MonkeyPatch, go: Callable[..., None]
) -> None:
    for module in (step_services, merge_services):
        monkeypatch.setattr(module, "breach_of", lambda appeal: {})
        monkeypatch.setattr(module, "late_unit_of", lambda appeal: {})
    go(world, monkeypatch)
    counted()


def test_the_next_unit_is_in_time_and_the_first_was_late(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The appeal was late; of the units only the one that was."""
    appeal = appeal_at(world, "sign")
    on(monkeypatch, date(2026, 7, 21))
    appeal = step(appeal, "reassign", world.office, world)
    appeal = step(appeal, "sign", world.other_head, world)
    step(appeal, "answer", world.other_head, world)
    counted(signed_in_time=1, answered_late=1)
    first, second = of_unit(world.unit), of_unit(world.other_unit)
    assert (first.answered_in_time, first.answered_late) == (0, 1)
    assert (second.answered_in_time, second.answered_late) == (1, 0)


def test_a_merged_one_that_was_not_late_is_not_counted(world: World) -> None:
    into, appeal = appeal_at(world, "sign"), appeal_at(world, "sign")
    merge_appeal(
        appeal=appeal, into=into, actor=world.office, seen=appeal.step_count, reason="同一件"
    )
    counted(signed_in_time=1)


### Redoing


def redone(world: World) -> Appeal:
    return called(appeal_at(world, "answer"), world.organisation, CallResult.DISSATISFIED)


def test_redoing_has_a_time_of_its_own(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = redone(world)
    counted(signed_in_time=1, redone=1, judged=1)  # not due yet
    on(monkeypatch, date(2026, 7, 21))
    counted(signed_in_time=1, redone=1, judged=1, answered_late=1)
    step(appeal, "answer", world.liaison, world)
    counted(signed_in_time=1, redone=1, judged=1, answered_late=1)


def test_redone_in_time_and_not_called_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = step(redone(world), "answer", world.liaison, world)
    rest = {"signed_in_time": 1, "answered_in_time": 1, "redone": 1, "judged": 1}
    counted(**rest)
    on(monkeypatch, date(2026, 7, 16))
    counted(**rest, uncalled_late=1)
    called(appeal, world.organisation)
    counted(**rest, called=1)


def test_whom_nobody_reached_counts_as_called(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # the tries are made on days of the clock, one each
    appeal = lapsed(appeal_at(world, "answer"), world.organisation, monkeypatch)
    assert appeal.state == AppealState.LAPSED
    counted(signed_in_time=1, answered_in_time=1, called=1, judged=1)
    assert counts_of(Appeal.objects.all()).reached == 0


### Waiting and more time


def test_a_pause_is_not_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = step(appeal_at(world, "sign"), "pause", world.liaison, world)
    on(monkeypatch, date(2026, 8, 24))
    counted(signed_in_time=1)
    appeal = step(appeal, "resume", world.liaison, world)
    step(appeal, "answer", world.liaison, world)
    counted(signed_in_time=1, answered_in_time=1)


def test_granted_in_time_it_is_in_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appeal_at(world, "sign")
    asked = ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")
    decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    on(monkeypatch, date(2026, 7, 27))
    step(fresh(appeal), "answer", world.liaison, world)
    counted(signed_in_time=1, answered_in_time=1)


def test_the_office_hears_of_a_request_and_the_unit_of_the_answer(world: World) -> None:
    asked = own_request(world)
    told = Notice.objects.filter(title__contains="申请延期", person=world.office)
    assert told.get().body == "等材料"
    decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    assert Notice.objects.filter(title__contains="同意延期").get().person == world.liaison


def late_grant(world: World, monkeypatch: pytest.MonkeyPatch) -> Appeal:
    appeal = appeal_at(world, "sign")
    asked = ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")
    on(monkeypatch, date(2026, 7, 21))
    with contextlib.suppress(Refused):
        decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    return fresh(appeal)


def test_after_the_deadline_nothing_is_granted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = late_grant(world, monkeypatch)
    assert (appeal.due_on, AppealExtension.objects.get().decision) == (date(2026, 7, 20), "")
    counted(signed_in_time=1, answered_late=1)


def test_control_granted_late_it_would_be_in_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days_services, "is_in_time", lambda appeal: True)
    assert late_grant(world, monkeypatch).due_on == date(2026, 7, 27)
    counted(signed_in_time=1)


def moved_on(world: World) -> tuple[Appeal, AppealExtension]:
    """Asked for by one unit; with another since."""
    appeal = appeal_at(world, "sign")
    ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")
    appeal = step(appeal, "reassign", world.office, world)
    return step(appeal, "sign", world.other_head, world), AppealExtension.objects.get()


def test_what_one_unit_asked_for_is_not_granted_to_another(world: World) -> None:
    appeal, asked = moved_on(world)
    assert (asked.decision, asked.decided_by) == (Decision.MOOT, None)
    with pytest.raises(Refused):
        decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    again = ask_for_days(appeal=appeal, actor=world.other_head, workdays=3, reason="等设备")
    decide_on_days(extension=again, actor=world.office, decision=Decision.GRANTED)
    assert fresh(appeal).workdays == 8


def test_control_what_does_not_fall_is_granted_to_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step_services, "end_request", lambda appeal: None)
    appeal, asked = moved_on(world)
    decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)
    assert fresh(appeal).workdays == 10


@pytest.mark.parametrize("way", ["answer", "merge"])
def test_what_nobody_decided_falls_with_its_clock(world: World, way: str) -> None:
    appeal = appeal_at(world, "sign")
    ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")
    if way == "answer":
        step(appeal, "answer", world.liaison, world)
    else:
        merge_appeal(
            appeal=appeal, into=raised(world), actor=world.office,
            seen=appeal.step_count, reason="同一件",
        )  # fmt: skip
    assert AppealExtension.objects.get().decision == Decision.MOOT


def own_request(world: World) -> AppealExtension:
    appeal = appeal_at(world, "sign")
    return ask_for_days(appeal=appeal, actor=world.liaison, workdays=5, reason="等材料")


def test_nobody_decides_on_the_own_request(world: World) -> None:
    asked = own_request(world)
    AppealExtension.objects.update(asked_by=world.office)
    asked.refresh_from_db()
    assert not rules.decides_on_days(world.office, fresh(asked.appeal), asked.asked_by_id)
    with pytest.raises(PermissionDenied):
        decide_on_days(extension=asked, actor=world.office, decision=Decision.GRANTED)


def test_control_without_the_rule_the_database_still_refuses(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days_services, "decides_on_days", lambda *_: True)
    asked = own_request(world)
    with pytest.raises(IntegrityError, match="appeal_extension_nobody_grants_own"):
        decide_on_days(extension=asked, actor=world.liaison, decision=Decision.GRANTED)


@pytest.mark.parametrize("decision", Decision)
def test_a_decision_has_somebody_and_what_fell_has_nobody(world: World, decision: str) -> None:
    asked = own_request(world)
    who = world.office if decision == Decision.MOOT else None
    with pytest.raises(IntegrityError, match="decided_by_somebody"), transaction.atomic():
        AppealExtension.objects.filter(pk=asked.pk).update(
            decision=decision, decided_by=who, decided_at=timezone.now()
        )


### What nobody sent


def test_what_was_taken_up_is_not_returned(world: World) -> None:
    appeal = raised(world, Handling.OWN_UNIT)
    assert "return" not in {each.name for each in steps_for(world.liaison, appeal)}
    with pytest.raises(Refused, match="首接"):
        step(appeal, "return", world.liaison, world)
    appeal = step(appeal, "reassign", world.office, world)
    found = counts_of(Appeal.objects.all())
    assert (found.dispatched, found.returned) == (1, 0)


def test_control_returned_without_a_dispatch_it_still_is_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So no share is more than the whole, whatever old rows say."""
    monkeypatch.setattr("visits.appeal_way._hindrance", lambda *_: "")
    appeal = step(raised(world, Handling.OWN_UNIT), "return", world.liaison, world)
    step(appeal, "assign", world.office, world)
    found = counts_of(Appeal.objects.all())
    assert (found.dispatched, found.returned) == (1, 0)
    assert all(rate.n <= rate.d for rate in rates_of(found))


### The category


@pytest.mark.parametrize("name", ["assign", "answer"])
def test_without_a_category_nobody_sends_or_answers(world: World, name: str) -> None:
    appeal = raised(world, Handling.DISPATCH if name == "assign" else Handling.OWN_UNIT)
    actor = world.office if name == "assign" else world.cadre
    with pytest.raises(Refused, match="类别"):
        step(appeal, name, actor, world, category="")
    assert step(appeal, name, actor, world, category="roads").category == "roads"


def test_control_where_none_is_needed_none_is_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = step_services._check
    monkeypatch.setattr(
        step_services, "_check",
        lambda appeal, one, *rest: plain(fresh_with("x", appeal), one, *rest),
    )  # fmt: skip
    assert step(raised(world), "assign", world.office, world, category="").category == ""


def fresh_with(category: str, appeal: Appeal) -> Appeal:
    same = fresh(appeal)
    same.category = category
    return same


def test_the_unit_corrects_it_and_silence_keeps_it(world: World) -> None:
    appeal = step(raised(world), "assign", world.office, world, category="roads")
    appeal = step(appeal, "sign", world.liaison, world)
    appeal = step(appeal, "pause", world.liaison, world)
    appeal = step(appeal, "resume", world.liaison, world)
    assert appeal.category == "roads"
    appeal = step(appeal, "answer", world.liaison, world, category="utilities")
    assert appeal.category == "utilities"


def test_to_12345_it_goes_with_its_category(world: World) -> None:
    appeal = raised(world)
    address = reverse("visits:appeal-step", args=[appeal.pk, "hotline"])
    sent = {"seen": 0, "number": "LC1"}
    refused = world.client(world.office).post(address, sent)
    assert (refused.status_code, "请选择诉求的类别" in refused.text) == (422, True)
    world.client(world.office).post(address, sent | {"category": "utilities"})
    assert fresh(appeal).category == "utilities"


### Any way


PEOPLE = ("liaison", "other_head", "office", "organisation")


class Walk(RuleBasedStateMachine):
    """Three appeals, anybody's open steps in any order, and days that pass."""

    world: World
    clock: list[date]

    def __init__(self) -> None:
        super().__init__()
        self.clock[0] = START
        ways = (Handling.DISPATCH, Handling.OWN_UNIT, Handling.DISPATCH)
        self.appeals = [raised(self.world, each) for each in ways]
        self.days: dict[tuple[int, int], date] = {}
        self.note()

    @rule(which=st.integers(0, 2), who=st.sampled_from(PEOPLE), n=st.integers(0, 5))
    def takes_a_step(self, which: int, who: str, n: int) -> None:
        appeal, actor = fresh(self.appeals[which]), getattr(self.world, who)
        if opened := steps_for(actor, appeal):
            name = opened[n % len(opened)].name
            other = appeal.unit is None or appeal.unit == self.world.other_unit
            unit = self.world.unit if other else self.world.other_unit
            changes: dict[str, Any] = {"unit": unit} if name in {"assign", "reassign"} else {}
            self.tries(lambda: step(appeal, name, actor, self.world, **changes))

    @rule(which=st.integers(0, 2), result=st.sampled_from(CallResult), solved=st.booleans())
    def calls(self, which: int, result: CallResult, solved: bool) -> None:
        appeal = fresh(self.appeals[which])
        for voice in range(appeal.voices.count()):
            self.tries(
                lambda voice=voice: called(  # type: ignore[misc]
                    fresh(appeal), self.world.organisation, result, solved=solved, voice=voice
                )
            )

    @rule(which=st.integers(0, 2), granted=st.booleans())
    def asks_for_days(self, which: int, granted: bool) -> None:
        appeal = fresh(self.appeals[which])
        actor: User = self.world.liaison
        if appeal.unit == self.world.other_unit:
            actor = self.world.other_head
        self.tries(lambda: ask_for_days(appeal=appeal, actor=actor, workdays=4, reason="等材料"))
        asked = AppealExtension.objects.filter(appeal=appeal, decision="").first()
        if asked is not None and granted:
            said = {"extension": asked, "actor": self.world.office}
            self.tries(lambda: decide_on_days(**said, decision=Decision.GRANTED))

    @rule(one=st.integers(0, 2), two=st.integers(0, 2))
    def merges(self, one: int, two: int) -> None:
        appeal, into = fresh(self.appeals[one]), fresh(self.appeals[two])
        seen = {"seen": appeal.step_count, "actor": self.world.office}
        self.tries(lambda: merge_appeal(appeal=appeal, into=into, reason="同一件", **seen))

    @rule(which=st.integers(0, 2))
    def unmerges(self, which: int) -> None:
        appeal = fresh(self.appeals[which])
        seen = {"seen": appeal.step_count, "actor": self.world.office}
        self.tries(lambda: unmerge_appeal(appeal=appeal, reason="两件事", **seen))

    @rule(days=st.integers(1, 4))
    def time_passes(self, days: int) -> None:
        self.clock[0] += timedelta(days=days)
        self.compare()

    def teardown(self) -> None:
        self.compare()

    def tries(self, act: Callable[[], object]) -> None:
        with contextlib.suppress(PermissionDenied, Refused, Stale), transaction.atomic():
            act()
        self.note()

    def note(self) -> None:
        """Today is the day of every step that is new."""
        for appeal in self.appeals:
            for number in appeal.events.values_list("number", flat=True):
                self.days.setdefault((appeal.pk, number), self.clock[0])

    def compare(self) -> None:
        rows = Appeal.objects.filter(pk__in=[each.pk for each in self.appeals])
        whole, units = slow_counts(rows, self.days, self.clock[0])
        assert counts_of(rows) == whole
        assert all(rate.n <= rate.d for rate in rates_of(whole))
        by_unit = counts_by_unit(rows)
        for unit in (self.world.unit, self.world.other_unit):
            found = by_unit.get(unit.pk, Counts())
            told = units.get(unit.pk, {})
            for name in TIMES[:4]:
                assert getattr(found, name) == told.get(name, 0), (unit, name)
        assert sum(each.dispatched for each in by_unit.values()) == whole.dispatched
        assert sum(each.returned for each in by_unit.values()) == whole.returned


def walk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [START]
    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_: clock[0])
    monkeypatch.setattr(Walk, "world", world, raising=False)
    monkeypatch.setattr(Walk, "clock", clock, raising=False)
    quick = settings(
        max_examples=WALKS,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(Walk, settings=quick)


def test_walks_of_any_steps_agree_with_the_plain_loop(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk(world, monkeypatch)
