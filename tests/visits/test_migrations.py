"""Migrations that take over the rows of an earlier version."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from typing import Any, TypeVar

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.db.models import Model
from django.utils import timezone

from organisation.models import Area
from tests.kept import all_rows
from tests.personas import World
from tests.visits.appeals import appeal_at, called, fresh, raised, step
from tests.visits.test_visit_service import call_on, counters, states
from visits.choices import AppealState, Handling, Locality, Outcome, Size, TargetKind, TargetState
from visits.models import Appeal, CoverageCount, Target, Visit, Voice
from visits.services import add_targets, recount_coverage

M = TypeVar("M", bound=Model)
migration = import_module("visits.migrations.0008_count_in_every_area")


def as_before(world: World) -> None:
    """A visited household, a vacant one, a lost enterprise; one state and one counter for all."""
    Area.objects.filter(pk=world.village.pk).update(settlement="220")
    firm = Target(
        campaign=world.campaign,
        kind=TargetKind.ENTERPRISE,
        code="91350100M000100Y43",
        name="示范公司",
        area=world.village,
        size=Size.MICRO,
    )
    add_targets(campaign=world.campaign, targets=[firm], actor=None)
    met, vacant, _ = world.households(3)
    call_on(world, met)
    call_on(world, vacant, Outcome.EMPTY)
    call_on(world, firm, Outcome.GONE)
    migration.join(apps, None)
    Target.objects.update(locality="")


def test_back_there_is_one_state_and_a_counter_for_each_village(world: World) -> None:
    as_before(world)
    assert Target.objects.filter(state=TargetState.GONE).count() == 2
    rows = CoverageCount.objects.order_by("kind")
    assert list(rows.values_list("area", "kind", "visited", "gone", "pending")) == [
        (world.village.pk, TargetKind.ENTERPRISE, 0, 1, 0),
        (world.village.pk, TargetKind.HOUSEHOLD, 1, 1, 1),
    ]


def test_states_localities_and_counters_are_taken_over(world: World) -> None:
    as_before(world)
    migration.split(apps, None)
    found = Target.objects.order_by("kind", "id").values_list("state", flat=True)
    assert list(found) == ["gone", "visited", "empty", "pending"]
    assert set(Target.objects.values_list("locality", flat=True)) == {Locality.RURAL}
    assert counters(world) == states(visited=1, empty=1, gone=1, pending=1)
    assert CoverageCount.objects.filter(small=True, locality=Locality.RURAL).count() == 4
    assert recount_coverage(campaign=world.campaign) == 0


def test_of_an_archived_campaign_the_counters_are_added_up(world: World) -> None:
    as_before(world)
    type(world.campaign).objects.update(archived_at=timezone.now())
    migration.split(apps, None)
    assert counters(world) == states(visited=1, gone=2, pending=1)


### Appeals on their way: 0017 to 0019

BEFORE, BETWEEN = "0016_why_entries_joined", "0018_appeals_so_far"
appeals_so_far = import_module(f"visits.migrations.{BETWEEN}")
TRIGGERS = {
    "sqlite": "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
    " WHERE NOT tgisinternal AND pg_table_is_visible(tgrelid)",
}
ANEW = {
    "visits_answerseed",
    "visits_appeal",
    "visits_appealevent",
    "visits_callback",
    "visits_voice",
}
KEPT = ("visit", "unit", "content", "due_on", "counted_from")  # by both versions
Values = list[tuple[Any, ...]]


def migrate(name: str = "") -> ProjectState:
    """The tables as of that migration of visits; without one as they are today."""
    executor = MigrationExecutor(connection)
    state = executor.migrate([("visits", name)] if name else executor.loader.graph.leaf_nodes())
    assert state is not None
    return state


def triggers() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        return set(cursor.fetchall())


@pytest.fixture
def tables_of_today(transactional_db: None) -> Iterator[None]:
    """Whatever becomes of them, they come back."""
    yield
    migrate()


def copied(row: M, **changes: Any) -> M:
    """Another row with the same values but for those."""
    another: M = type(row)._base_manager.get(pk=row.pk)
    another.pk = None
    another._state.adding = True
    for name, value in changes.items():
        setattr(another, name, value)
    another.save(force_insert=True)
    return another


def visits_to_raise_at(world: World) -> list[Visit]:
    """Five, the third of another campaign."""
    made = [call_on(world, target) for target in world.households(4)]
    campaign = copied(world.campaign, name="上一次行动")
    target = copied(world.households(1)[0], campaign=campaign)
    elsewhere = copied(Visit.objects.get(pk=made[0].pk), target=target, token=uuid.uuid4())
    return [*made[:2], elsewhere, *made[2:]]


def written_before(state: ProjectState, world: World, visits: list[Visit]) -> None:
    """An appeal of each visit, as an earlier version kept it."""
    due, day = world.today + timedelta(days=7), world.today
    unit = world.unit.pk
    kinds: list[dict[str, Any]] = [
        {"state": "open", "unit_id": unit, "due_on": due, "counted_from": day},
        {"state": "open", "unit_id": unit, "due_on": due, "counted_from": None},
        {"state": "open", "unit_id": None, "due_on": due, "counted_from": day},
        {"state": "answered", "unit_id": unit, "due_on": None, "counted_from": None},
        {"state": "answered", "unit_id": None, "due_on": None, "counted_from": None},
    ]
    appeals = state.apps.get_model("visits", "Appeal").objects
    for visit, kind in zip(visits, kinds, strict=True):
        appeals.create(visit_id=visit.pk, content="修路", handling="dispatch", **kind)


def appeals_in(state: ProjectState, *names: str) -> Values:
    appeals = state.apps.get_model("visits", "Appeal").objects
    return list(appeals.order_by("pk").values_list(*names))


def has_voice_and_first_step(appeal: Appeal) -> bool:
    visit = appeal.visit
    voice, (first, *more) = Voice.objects.get(appeal=appeal), appeal.events.order_by("number")
    said = (voice.raised_as, voice.visit, voice.content) == (appeal, visit, appeal.content)
    named = (first.number, first.step, first.label) == (0, "raise", "提出诉求")
    taken = (first.actor, first.at, first.to_state) == (
        visit.author,
        visit.received_at,
        appeal.state,
    )
    settled = appeal.state == AppealState.SETTLED
    answered = [each.step for each in more] == ["settle"] * settled and bool(
        appeal.answer
    ) >= settled
    return said and named and taken and answered


def test_appeals_go_back_to_earlier_versions_and_come_from_them(
    world: World, tables_of_today: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways in one test, since each takes long: what became of today's appeals there, and
    here of theirs; no trigger and no row of anything else is lost."""
    monkeypatch.setattr(appeals_so_far, "BATCH", 2)  # they are more than one batch
    held, visits = triggers(), visits_to_raise_at(world)
    today = [appeal_at(world, until) for until in ("", "sign", "answer")]
    closed = called(appeal_at(world, "answer"), world.organisation)
    settled = raised(world, Handling.ANSWERED)
    kept = Appeal.objects.order_by("pk").values_list(*KEPT)
    before, rows = list(kept), all_rows()

    back = migrate(BEFORE)
    assert triggers() < held
    states_then = dict(appeals_in(back, "pk", "state"))
    assert [states_then[each.pk] for each in today] == ["open"] * 3
    assert [states_then[each.pk] for each in (closed, settled)] == ["answered"] * 2
    assert appeals_in(back, *KEPT) == before
    written_before(back, world, visits)

    between = migrate(BETWEEN)
    assert appeals_in(between, "state", "workdays", "issued_on")[5:] == [
        ("handling", 5, world.today),
        ("handling", None, None),
        ("unassigned", None, None),
        ("settled", None, None),
        ("settled", None, None),
    ]
    assert [number for (number,) in appeals_in(between, "number")] == [*range(1, 8), 1, 8, 9]
    places = [(each.target.campaign_id, world.village.pk) for each in visits]
    assert appeals_in(between, "campaign", "area")[5:] == places

    migrate()
    assert triggers() == held
    after = all_rows()
    assert {table for table in rows if set(rows[table]) - set(after[table])} <= ANEW
    assert list(kept)[:5] == before
    assert all(has_voice_and_first_step(each) for each in Appeal.objects.select_related("visit"))
    first, second = map(fresh, Appeal.objects.filter(visit__in=visits[:2]))
    for appeal in (first, second):  # they go on the usual way
        answered = step(appeal, "answer", world.liaison, world)
        assert called(answered, world.organisation).state == AppealState.CLOSED
    assert raised(world).number == 10
