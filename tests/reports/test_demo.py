"""The demo's visits."""

from random import Random

import pytest
from django.db import transaction

from reports.management.demo.register import build_visits
from tests.personas import World
from visits.models import Visit


@pytest.fixture
def world(db: None) -> World:
    """The people of all tests, instead of those of the exports next door."""
    return World().build()


def made(world: World, seed: int) -> list[tuple[object, ...]]:
    """The visits that a seed makes, in the order of their records, undone at once."""
    with transaction.atomic():
        number = build_visits(world.campaign, [world.cadre], Random(seed), world.today)
        rows = list(Visit.objects.order_by("id").values_list("visited_on", "target", "token"))
        transaction.set_rollback(True)
    assert number == len(rows)
    return rows


def test_visits_are_recorded_in_the_order_of_their_days(world: World) -> None:
    world.households(30)
    days = [day for day, *_ in made(world, 1)]
    assert len(set(days)) > 5
    assert days == sorted(days)


def test_the_same_seed_makes_the_same_visits(world: World) -> None:
    world.households(30)
    assert made(world, 1) == made(world, 1) != made(world, 2)
