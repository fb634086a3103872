"""Migrations that take over the rows of an earlier version."""

from importlib import import_module

from django.apps import apps
from django.utils import timezone

from organisation.models import Area
from tests.personas import World
from tests.visits.test_visit_service import call_on, counters, states
from visits.choices import Locality, Outcome, Size, TargetKind, TargetState
from visits.models import CoverageCount, Target
from visits.services import add_targets, recount_coverage

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
