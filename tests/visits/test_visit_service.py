"""visits.services: a visit, the target's state, the counters, the appeal."""

import random
import uuid
from collections import Counter
from datetime import date, datetime, time, timedelta
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Sum
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import create_campaign
from core import calendars
from core.models import AuditEntry
from organisation.models import User
from tests.personas import World
from tests.stages import four_stages
from tests.threads import shared_database, together
from tests.visits.appeals import draft
from visits.appeal_way import Refused
from visits.choices import (
    OUTCOMES_OF,
    AppealState,
    Handling,
    Outcome,
    TargetKind,
    TargetState,
    TeamSource,
    Way,
)
from visits.coverage import state_after
from visits.models import Appeal, CoverageCount, Target, Visit
from visits.queries import coverage_of
from visits.services import AppealDraft, add_targets, create_team, record_visit, recount_coverage
from visits.services import visit as visit_service
from visits.services.counters import move_count

__all__ = ["shared_database"]


def call_on(
    world: World,
    target: Target,
    outcome: Outcome = Outcome.EFFECTIVE,
    *,
    author: User | None = None,
    **more: object,
) -> Visit:
    """The cadre's visit of today, unless told otherwise."""
    values = {"token": uuid.uuid4(), "visited_on": world.today, "way": Way.HOME} | more
    return record_visit(target=target, author=author or world.cadre, outcome=outcome, **values)


def counters(world: World) -> dict[str, int]:
    rows = CoverageCount.objects.filter(campaign=world.campaign, area=world.city)
    return rows.aggregate(**{state.value: Sum(state.value) for state in TargetState})


def states(**changed: int) -> dict[str, int]:
    return {state.value: changed.get(state.value, 0) for state in TargetState}


def fresh(target: Target) -> Target:
    return Target.objects.get(pk=target.pk)


def test_an_effective_visit_moves_the_target_and_the_counter_by_one(world: World) -> None:
    target = world.households(3)[0]
    visit = call_on(world, target)
    assert (fresh(target).state, fresh(target).last_visited_on) == (
        TargetState.VISITED,
        world.today,
    )
    assert counters(world) == states(pending=2, visited=1)
    assert (visit.author, visit.target) == (world.cadre, target)
    assert timezone.now() - visit.received_at < timedelta(minutes=1)
    entry = AuditEntry.objects.get(act="visits.record")
    assert (entry.actor, entry.detail) == (world.cadre, {"target": target.pk})


def test_a_second_visit_does_not_count_twice(world: World) -> None:
    target = world.households(3)[0]
    call_on(world, target)
    call_on(world, target)
    assert counters(world) == states(pending=2, visited=1)
    assert target.visits.count() == 2


def test_a_household_met_the_second_time_moves_on(world: World) -> None:
    target = world.households(3)[0]
    call_on(world, target, Outcome.ABSENT)
    assert counters(world) == states(pending=2, absent=1)
    call_on(world, target)
    assert counters(world) == states(pending=2, visited=1)


def test_a_household_once_met_stays_visited(world: World) -> None:
    target = world.households(1)[0]
    call_on(world, target)
    for outcome in (Outcome.ABSENT, Outcome.REFUSED, Outcome.EMPTY):
        call_on(world, target, outcome)
    assert (fresh(target).state, counters(world)) == (TargetState.VISITED, states(visited=1))


def one_of(world: World, kind: TargetKind) -> Target:
    """A target of that kind in the cadre's village."""
    target = Target(
        campaign=world.campaign, kind=kind, code=f"{kind}1", name="一号", area=world.village
    )
    add_targets(campaign=world.campaign, targets=[target], actor=None)
    return target


FITTING = [(kind, outcome) for kind in TargetKind for outcome in OUTCOMES_OF[kind]]


@pytest.mark.parametrize(("kind", "outcome"), FITTING)
def test_only_people_met_or_proven_gone_are_covered(
    world: World, kind: TargetKind, outcome: Outcome
) -> None:
    call_on(world, one_of(world, kind), outcome)
    covered = coverage_of(world.campaign, world.city).covered
    assert covered == (outcome not in {Outcome.ABSENT, Outcome.REFUSED})


@pytest.mark.parametrize(
    ("kind", "outcome"), [pair for pair in product(TargetKind, Outcome) if pair not in FITTING]
)
def test_an_outcome_of_another_kind_is_refused(
    world: World, kind: TargetKind, outcome: Outcome
) -> None:
    """A household does not fall off the register of firms, and a village is always there."""
    target = one_of(world, kind)
    with pytest.raises(PermissionDenied, match="空挂户只用于群众"):
        call_on(world, target, outcome)
    assert (Visit.objects.count(), counters(world)) == (0, states(pending=1))


def test_a_visit_counts_in_every_area_above(world: World) -> None:
    target, _ = world.households(2)
    call_on(world, target)
    above = [world.village, world.township, world.county, world.city]
    for area in above:
        (counter,) = CoverageCount.objects.filter(area=area, kind=target.kind)
        assert (counter.pending, counter.visited) == (1, 1)
    assert CoverageCount.objects.count() == len(above)


def test_a_late_entry_does_not_turn_back_the_last_visit(world: World) -> None:
    target = world.households(1)[0]
    call_on(world, target)
    call_on(world, target, visited_on=world.today - timedelta(days=9), late_reason="没有信号")
    assert fresh(target).last_visited_on == world.today


def test_the_same_words_of_a_day_are_the_same_visit(world: World) -> None:
    """Of who went back to the form and saved once more; other words, or none, are a new one."""
    (target,) = world.households(1)
    said = {"heard": "路灯坏了", "appeals": [draft("路灯坏了", Handling.DISPATCH)]}
    first = call_on(world, target, **said)
    assert call_on(world, target, **said) == first
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 1)
    others = [
        call_on(world, target, heard="路灯修好了"),
        call_on(world, target, heard="路灯修好了", began=time(9, 30)),
        *(call_on(world, target, Outcome.ABSENT) for _ in range(2)),
    ]
    assert Visit.objects.count() == 1 + len(others)


def test_a_retry_is_the_same_visit_and_the_same_appeal(world: World) -> None:
    target = world.households(1)[0]
    token, appeals = uuid.uuid4(), [AppealDraft("路灯不亮", Handling.DISPATCH)]
    first, second = (call_on(world, target, token=token, appeals=appeals) for _ in range(2))
    assert first == second
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 1)
    assert counters(world) == states(visited=1)
    assert AuditEntry.objects.filter(act="visits.record").count() == 1


def test_the_token_of_another_author_is_refused(world: World) -> None:
    target = world.households(1)[0]
    world.team.members.add(world.colleague)
    token = call_on(world, target).token
    with pytest.raises(PermissionDenied):
        call_on(world, target, token=token, author=world.colleague)
    assert Visit.objects.count() == 1


def test_the_token_of_another_target_is_refused(world: World) -> None:
    """Otherwise the page would say "saved" about a visit that was not saved."""
    one, two = world.households(2)
    token = call_on(world, one).token
    with pytest.raises(PermissionDenied):
        call_on(world, two, token=token)
    assert counters(world) == states(pending=1, visited=1)


@pytest.mark.parametrize("name", ["colleague", "head", "office", "organisation", "system_admin"])
def test_only_the_team_visits(world: World, name: str) -> None:
    target = world.households(1)[0]
    with pytest.raises(PermissionDenied):
        call_on(world, target, author=getattr(world, name))
    assert (Visit.objects.count(), counters(world)) == (0, states(pending=1))


def test_another_village_belongs_to_another_team(world: World) -> None:
    world._team("民情书记服务2队", world.colleague, world.village2)
    (target,) = world.households(1, world.village2)
    with pytest.raises(PermissionDenied):
        call_on(world, target)
    call_on(world, target, author=world.colleague)
    assert fresh(target).state == TargetState.VISITED


def test_the_team_of_an_earlier_campaign_visits_for_that_one_only(world: World) -> None:
    """Membership ends with the campaign: the areas are the same, the teams are not."""
    stages = four_stages(world.today, world.today + timedelta(days=9))
    earlier = create_campaign(
        name="去年的行动", area=world.city, organiser="作风办", stages=stages, lists=[]
    )
    create_team(
        campaign=earlier,
        name="去年一队",
        areas=[world.village],
        members={TeamSource.GRID: [world.colleague]},
    )
    (target,) = world.households(1)
    assert not Target.objects.visible_to(world.colleague).exists()
    with pytest.raises(PermissionDenied):
        call_on(world, target, author=world.colleague)


# --- appeals ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handling", "state", "workdays"),
    [
        (Handling.ANSWERED, AppealState.SETTLED, None),
        (Handling.EXPLAINED, AppealState.SETTLED, None),
        (Handling.OWN_UNIT, AppealState.HANDLING, 5),
        (Handling.DISPATCH, AppealState.UNASSIGNED, 1),
        (Handling.HOTLINE, AppealState.UNASSIGNED, 1),
    ],
)
def test_an_appeal_is_settled_at_once_taken_up_or_dispatched(
    world: World, handling: Handling, state: AppealState, workdays: int | None
) -> None:
    visit = call_on(world, world.households(1)[0], appeals=[draft("要求修路", handling)])
    appeal = visit.appeals.get()
    assert (appeal.content, appeal.handling, appeal.state) == ("要求修路", handling, state)
    assert appeal.unit == (None if state == AppealState.UNASSIGNED else world.unit)
    assert appeal.due_on == (calendars.current().due(world.today, workdays) if workdays else None)


def test_five_appeals_of_one_visit_at_most(world: World) -> None:
    """Each with its own number; a sixth is refused, and the visit with it."""
    target, *_ = world.households(1)
    drafts = [AppealDraft(f"第{number}条", Handling.DISPATCH) for number in range(6)]
    visit = call_on(world, target, appeals=drafts[:5])
    assert list(visit.appeals.order_by("id").values_list("number", flat=True)) == [1, 2, 3, 4, 5]
    with pytest.raises(Refused):
        call_on(world, target, appeals=drafts)
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 5)


def test_a_clock_skips_the_holiday(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """30 September 2025 is a Tuesday: the holiday lasts to 8 October, the 11th is worked."""
    day = date(2025, 9, 30)
    Campaign.objects.update(starts_on=day)
    monkeypatch.setattr(visit_service.timezone, "localdate", lambda *_: day)
    visit = call_on(
        world,
        world.households(1)[0],
        visited_on=day,
        received_at=datetime.combine(day, time(9), timezone.get_current_timezone()),
        appeals=[AppealDraft("要求修路", Handling.DISPATCH)],
    )
    assert visit.appeals.get().due_on == date(2025, 10, 9)
    works = calendars.current().is_workday
    assert [d for d in range(1, 15) if works(date(2025, 10, d))] == [9, 10, 11, 13, 14]


def test_without_an_appeal_there_is_none(world: World) -> None:
    call_on(world, world.households(1)[0])
    assert Appeal.objects.count() == 0


# --- many at once, and long histories -----------------------------------------


@pytest.mark.usefixtures("shared_database")
def test_ten_visits_to_one_household_at_once_count_once(world: World) -> None:
    target, *_ = world.households(3)
    work = [lambda: call_on(world, Target.objects.get(pk=target.pk)) for _ in range(10)]
    outcomes = together(work)
    assert [type(outcome) for outcome in outcomes] == [Visit] * 10
    assert counters(world) == states(pending=2, visited=1)
    assert recount_coverage(campaign=world.campaign) == 0


@pytest.mark.usefixtures("shared_database")
def test_ten_different_outcomes_at_once_end_in_one_state(world: World) -> None:
    target, *_ = world.households(3)
    outcomes = [*OUTCOMES_OF[TargetKind.HOUSEHOLD]] * 2
    together([lambda o=o: call_on(world, target, o) for o in outcomes])
    assert counters(world) == states(pending=2, visited=1)


@pytest.mark.usefixtures("shared_database")
def test_one_form_sent_ten_times_at_once_is_one_visit(world: World) -> None:
    target, token = world.households(1)[0], uuid.uuid4()
    appeals = [AppealDraft("路灯不亮", Handling.DISPATCH)]
    sent = [lambda: call_on(world, target, token=token, appeals=appeals) for _ in range(10)]
    assert len({outcome.pk for outcome in together(sent)}) == 1
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 1)


@pytest.mark.usefixtures("shared_database")
def test_ten_households_of_a_village_at_once_are_all_counted(world: World) -> None:
    targets = world.households(10)
    together([lambda each=each: call_on(world, each) for each in targets])
    assert counters(world) == states(visited=10)


@pytest.mark.usefixtures("shared_database")
def test_a_plain_write_counts_twice(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: with the state read beforehand and no condition, two visits count as two."""
    target, *_ = world.households(3)

    def careless(of: Target, visit: Visit) -> None:
        Target.objects.filter(pk=of.pk).update(state=TargetState.VISITED)
        after = state_after(of.state, visit.outcome)
        move_count(of, of.state, after)

    monkeypatch.setattr(visit_service, "_move_target", careless)
    together([lambda: call_on(world, target), lambda: call_on(world, target)])
    assert counters(world) == states(pending=1, visited=2)
    assert recount_coverage(campaign=world.campaign) == 4


@pytest.mark.parametrize("seed", range(3))
def test_counters_equal_a_recount_after_any_history(world: World, seed: int) -> None:
    chance = random.Random(seed)
    world.team.areas.add(world.village2)
    targets = world.households(6) + world.households(4, world.village2)
    expected = {target.pk: TargetState.PENDING for target in targets}
    for _ in range(40):
        target = chance.choice(targets)
        outcome = chance.choice(OUTCOMES_OF[TargetKind.HOUSEHOLD])
        call_on(world, target, outcome)
        expected[target.pk] = state_after(expected[target.pk], outcome)
    assert {t.pk: t.state for t in Target.objects.all()} == expected
    assert counters(world) == states(**Counter(state.value for state in expected.values()))
    assert recount_coverage(campaign=world.campaign) == 0


def test_a_recount_mends_what_is_wrong(world: World) -> None:
    call_on(world, world.households(3)[0])
    world.households(1, world.village2)
    CoverageCount.objects.filter(area=world.village).update(visited=9)
    CoverageCount.objects.filter(area=world.village2).delete()
    CoverageCount.objects.filter(area=world.city).update(pending=9)
    assert recount_coverage(campaign=world.campaign) == 3
    assert counters(world) == states(pending=3, visited=1)
    assert recount_coverage(campaign=world.campaign) == 0


def test_a_team_is_audited(world: World) -> None:
    team = create_team(
        campaign=world.campaign,
        name="二队",
        areas=[world.village],
        members={TeamSource.GRID: [world.cadre, world.colleague]},
        actor=world.organisation,
    )
    entry = AuditEntry.objects.filter(act="visits.create_team").last()
    assert (entry.actor, entry.subject) == (world.organisation, f"visits.Team:{team.pk}")
    assert (list(team.areas.all()), team.members.count()) == ([world.village], 2)
