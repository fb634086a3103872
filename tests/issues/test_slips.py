"""Supervision slips: who raises them, who takes which step, and what the database holds."""

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from core import calendars
from core.models import Notice
from core.workdays import Calendar
from issues import rules
from issues.choices import SUPERVISED, Pace, SlipReason, SlipState, State
from issues.models import Issue, SlipEvent, SupervisionSlip
from issues.queries import is_slip_late, page_of_slip, slips_waiting_for
from issues.rules import parts_in, raises_slips, steps_for
from issues.services import Stale, raise_slip, recompute_slips, take_slip_step
from issues.slip_way import STEPS, Part, Step
from issues.workflow import Refused
from organisation.choices import Role
from organisation.models import User
from organisation.services import grant
from tests.issues.conftest import NOTE, brought_to, people, put_in
from tests.issues.slips import STATES, WAY, fresh, overdue, raised, slip_at, step
from tests.personas import World

PARTS = {
    "cadre": {Part.HANDLER},
    "liaison": {Part.HANDLER},
    "head": {Part.HANDLER, Part.UNIT_LEADER},
    "deputy": {Part.HANDLER, Part.UNIT_LEADER},
    "discipline": {Part.DISCIPLINE},
}
READERS = {"cadre", "liaison", "head", "deputy", "office", "city_office", "discipline"}


### Raising by hand


def test_a_slip_has_its_number_its_matter_and_its_deadline(world: World) -> None:
    slip = raised(world)
    second = raised(world, brought_to(world, "file"), Pace.ORDINARY)
    year = world.today.year
    assert [str(slip), str(second)] == [f"督办〔{year}〕1号", f"督办〔{year}〕2号"]
    due = calendars.current().due
    assert (slip.due_on, second.due_on) == (due(world.today, 5), due(world.today, 15))
    assert (slip.unit, slip.reason, slip.raised_by) == (
        world.unit, SlipReason.BY_HAND, world.discipline,
    )  # fmt: skip
    (event,) = slip.events.all()
    assert (event.actor, event.label, event.note) == (world.discipline, "出具督办单", slip.request)


def test_numbers_begin_anew_each_year(world: World) -> None:
    slip = raised(world)
    SupervisionSlip.objects.update(year=slip.year - 1, number=7)
    assert raised(world, brought_to(world, "file")).number == 1


def test_the_unit_is_told_when_one_is_raised_by_hand(world: World) -> None:
    slip = raised(world)
    told = Notice.objects.filter(url=page_of_slip(slip))
    assert {each.person for each in told} == {world.cadre, world.head}


def test_the_discipline_office_raises_and_nobody_else(world: World) -> None:
    issue = brought_to(world, "file")
    able = {name for name, who in people(world).items() if raises_slips(who, issue)}
    assert able == {"discipline"}
    for name, who in people(world).items():
        if name not in able:
            with pytest.raises(PermissionDenied):
                raise_slip(
                    issue=issue, actor=who, request="办", pace=Pace.URGENT, token=uuid.uuid4()
                )
    assert not SupervisionSlip.objects.exists()


def test_only_on_what_is_on_file_and_not_signed_off(world: World) -> None:
    issue = world.issue()
    for state in State:
        put_in(issue, state, world.discipline)
        assert raises_slips(world.discipline, issue) is (state in SUPERVISED)


def test_nobody_raises_one_on_the_own_unit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    insider = world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    issue = brought_to(world, "file")
    assert not raises_slips(insider, issue)
    monkeypatch.setattr(rules, "_stands_too_near", lambda user, issue: False)
    assert raises_slips(insider, issue)  # with the control off


def test_the_same_form_sent_twice_raises_one(world: World) -> None:
    issue, token = brought_to(world, "file"), uuid.uuid4()
    asked = {"issue": issue, "actor": world.discipline, "pace": Pace.URGENT, "token": token}
    first, second = (raise_slip(request="办", **asked) for _ in range(2))
    assert (first, SupervisionSlip.objects.count()) == (second, 1)


def test_one_by_hand_is_open_at_a_time(world: World) -> None:
    slip = raised(world)
    with pytest.raises(Refused, match="没有审结"):
        raised(world, slip.issue)
    slip_at(world, "close", slip)
    assert raised(world, slip.issue).number == 2


def test_it_asks_for_something(world: World) -> None:
    issue = brought_to(world, "file")
    with pytest.raises(Refused, match="请写明办理要求"):
        raise_slip(
            issue=issue, actor=world.discipline, request=" ", pace=Pace.URGENT, token=uuid.uuid4()
        )


### Who may do what


def test_each_person_has_the_part_that_belongs_to_him(world: World) -> None:
    slip = raised(world)
    found = {name: parts_in(who, slip) for name, who in people(world).items()}
    assert found == {name: frozenset(PARTS.get(name, ())) for name in people(world)}


def test_who_sees_it(world: World) -> None:
    slip = raised(world)
    seen = {
        name
        for name, who in people(world).items()
        if SupervisionSlip.objects.visible_to(who).filter(pk=slip.pk).exists()
    }
    assert seen == READERS


@pytest.mark.parametrize("until", ["", *WAY])
def test_every_step_in_every_state_by_everybody(world: World, until: str) -> None:
    """Whoever has the part takes the step, and every other is refused without a trace."""
    slip = slip_at(world, until)
    before = (slip.state, slip.step_count, slip.events.count())
    for row in STEPS:
        able = {
            who
            for who, parts in PARTS.items()
            if slip.state in row.sources
            and row.part in parts
            and not (row.part == Part.UNIT_LEADER and getattr(world, who) == slip.answered_by)
        }
        for who, person in people(world).items():
            assert takes(slip, row, person) is (who in able), (row.name, who)
            now = fresh(slip)
            assert (now.state, now.step_count, now.events.count()) == before


def takes(slip: SupervisionSlip, row: Step, person: User) -> bool:
    """Whether the person gets the step through, which is then taken back."""
    with transaction.atomic():
        try:
            assert step(fresh(slip), row.name, person).state == row.target
        except (PermissionDenied, Refused):
            return False
        finally:
            transaction.set_rollback(True)
    return True


def test_the_buttons_are_those_of_the_table(world: World) -> None:
    for until in ("", *WAY):
        slip = slip_at(world, until)
        assert slip.state == STATES[until]
        offered = {
            name: {each.name for each in steps_for(who, slip)}
            for name, who in people(world).items()
            if steps_for(who, slip)
        }
        expected = {
            "": {"cadre": {"receive"}, "liaison": {"receive"}, "head": {"receive"},
                 "deputy": {"receive"}, "discipline": {"withdraw"}},
            "receive": {"cadre": {"answer"}, "liaison": {"answer"}, "head": {"answer"},
                        "deputy": {"answer"}, "discipline": {"withdraw"}},
            "answer": {"head": {"sign", "send_back"}, "deputy": {"sign", "send_back"}},
            "sign": {"discipline": {"close", "redo"}},
            "close": {},
        }  # fmt: skip
        assert offered == expected[until]


def test_what_waits_is_what_the_page_offers(world: World) -> None:
    world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    everybody = {**people(world), "insider": User.objects.get(username="insider")}
    for until in ("", *WAY):
        slip = slip_at(world, until)
        for name, who in everybody.items():
            offered = any(each.waits for each in steps_for(who, slip))
            assert slips_waiting_for(who).filter(pk=slip.pk).exists() is offered, (until, name)


### The way


def test_the_whole_way_keeps_who_when_and_what(world: World) -> None:
    slip = slip_at(world, "close")
    trail = list(slip.events.values_list("number", "step", "actor__username", "to_state"))
    assert trail == [
        (0, "raise", "discipline", "issued"),
        (1, "receive", "liaison", "received"),
        (2, "answer", "cadre", "answered"),
        (3, "sign", "head", "signed"),
        (4, "close", "discipline", "closed"),
    ]
    assert (slip.answered_by, slip.signed_by, slip.closed_by) == (
        world.cadre, world.head, world.discipline,
    )  # fmt: skip


def test_redoing_begins_a_new_deadline_and_takes_the_signature_back(world: World) -> None:
    slip = slip_at(world, "sign")
    SupervisionSlip.objects.update(
        counted_from=world.today - timedelta(days=30), due_on=world.today - timedelta(days=20)
    )
    slip = step(fresh(slip), "redo", world.discipline, "只写了打算，没有做成的事")
    assert (slip.state, slip.signed_by, slip.counted_from) == (
        SlipState.RECEIVED, None, world.today,
    )  # fmt: skip
    assert slip.due_on == calendars.current().due(world.today, 5)
    told = Notice.objects.filter(title__contains="退回重办")
    assert {each.person for each in told} == {world.cadre, world.head}
    for name in ("answer", "sign", "close"):
        slip = step(fresh(slip), name, getattr(world, WAY[name]))
    assert slip.state == SlipState.CLOSED


def test_whoever_is_next_is_told(world: World) -> None:
    slip = slip_at(world, "answer")
    assert {each.person for each in Notice.objects.filter(title__endswith="等您审签")} == {
        world.head
    }
    step(slip, "sign", world.head)
    assert {each.person for each in Notice.objects.filter(title__endswith="等您审结")} == {
        world.discipline
    }


def test_a_step_on_something_else_than_was_seen_is_refused(world: World) -> None:
    slip = slip_at(world, "answer")
    seen = slip.step_count
    step(fresh(slip), "send_back", world.head, "没写日期")
    step(fresh(slip), "answer", world.cadre, "改口了")
    with pytest.raises(Stale):
        take_slip_step(slip=slip, name="sign", actor=world.deputy, seen=seen)  # the old page
    with pytest.raises(Stale):
        take_slip_step(slip=fresh(slip), name="sign", actor=world.deputy, seen=seen)
    assert fresh(slip).state == SlipState.ANSWERED


def test_a_step_sent_twice_is_taken_once(world: World) -> None:
    slip = raised(world)
    step(fresh(slip), "receive", world.liaison)
    with pytest.raises(Stale):
        step(slip, "receive", world.head)
    assert SlipEvent.objects.filter(step="receive").count() == 1


def test_a_withdrawn_one_keeps_its_number(world: World) -> None:
    slip = step(raised(world), "withdraw", world.discipline, "开错了对象")
    assert slip.state == SlipState.WITHDRAWN
    assert raised(world, slip.issue).number == slip.number + 1


### Nobody closes what he answered


def holding_everything(world: World) -> User:
    """The liaison of the unit, whom somebody has given every right."""
    for role in (Role.UNIT_HEAD, Role.DEPUTY):
        grant(user=world.liaison, role=role, since=world.today, unit=world.unit)
    grant(user=world.liaison, role=Role.DISCIPLINE, since=world.today, area=world.county)
    return User.objects.get(pk=world.liaison.pk)


def test_nobody_signs_or_closes_what_he_answered(world: World) -> None:
    person = holding_everything(world)
    slip = step(slip_at(world, "receive"), "answer", person)
    with pytest.raises((PermissionDenied, Refused)):
        step(fresh(slip), "sign", person)
    step(fresh(slip), "sign", world.head)
    with pytest.raises((PermissionDenied, Refused)):
        step(fresh(slip), "close", person)


def test_nor_after_it_was_answered_anew_by_another(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has taken any of the unit's steps closes nothing, wherever he is posted."""
    person = world.person("both", world.office_unit, Role.LIAISON, unit=world.unit)
    grant(user=person, role=Role.DISCIPLINE, since=world.today, area=world.county)
    slip = step(slip_at(world, "receive"), "answer", person)
    step(fresh(slip), "send_back", world.head, "不全")
    step(fresh(slip), "answer", world.cadre)
    slip = fresh(step(fresh(slip), "sign", world.head))
    person = User.objects.get(pk=person.pk)
    with pytest.raises(Refused):
        step(slip, "close", person)
    assert not slips_waiting_for(person).exists()
    monkeypatch.setattr(rules, "UNIT_STEPS", frozenset())
    assert step(fresh(slip), "close", person).closed_by == person  # with the control off


def test_nobody_of_the_unit_closes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slip = slip_at(world, "sign")
    insider = world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    with pytest.raises(PermissionDenied):
        step(slip, "close", insider)
    monkeypatch.setattr(rules, "_stands_too_near", lambda user, issue: False)
    assert step(fresh(slip), "close", insider).closed_by == insider  # with the control off


@pytest.mark.parametrize("own", ["answered_by", "signed_by"])
def test_the_database_refuses_an_own_closure(world: World, own: str) -> None:
    slip = slip_at(world, "sign")
    rows = SupervisionSlip.objects.filter(pk=slip.pk)
    with pytest.raises(IntegrityError, match="slip_nobody_closes_own"), transaction.atomic():
        rows.update(state=SlipState.CLOSED, closed_by=getattr(slip, own))
    with pytest.raises(IntegrityError, match="slip_nobody_signs_own"), transaction.atomic():
        rows.update(signed_by=world.cadre)
    with pytest.raises(IntegrityError, match="slip_closed_by_somebody"), transaction.atomic():
        rows.update(state=SlipState.CLOSED)
    assert rows.update(state=SlipState.CLOSED, closed_by=world.discipline) == 1


def test_the_trail_stays_as_it_was_written(world: World) -> None:
    slip = raised(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SlipEvent.objects.filter(slip=slip).update(note="改过")


### The calendar


def test_open_deadlines_follow_the_calendar(world: World) -> None:
    slip, closed = raised(world), slip_at(world, "close", raised(world, brought_to(world, "file")))
    before = slip.due_on
    assert recompute_slips(calendars.current()) == 0
    closure = {world.today + timedelta(days=n): False for n in range(1, 8)}
    known = frozenset({world.today.year, world.today.year + 1})
    stopped = Calendar(closure, known)
    assert recompute_slips(stopped) == 1
    assert fresh(slip).due_on == stopped.due(world.today, 5) > before
    assert fresh(closed).due_on == before


def test_notes_are_kept_without_blanks(world: World) -> None:
    slip = step(slip_at(world, "receive"), "answer", world.cadre, f"  {NOTE}\n")
    assert slip.events.last().note == NOTE


def test_overdue_is_counted_while_the_unit_has_it(world: World) -> None:
    slip_at(world, "answer", raised(world, overdue(world)))
    SupervisionSlip.objects.update(
        counted_from=world.today - timedelta(days=30), due_on=world.today - timedelta(days=10)
    )
    late = SupervisionSlip.objects.filter(is_slip_late(timezone.localdate()))
    assert late.count() == 1
    step(fresh(late.get()), "sign", world.head)
    assert not late.exists()
    assert Issue.objects.count() == 1
