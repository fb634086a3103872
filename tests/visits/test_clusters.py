"""Appeals of one kind that gather at one unit are a hint to the office."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from tests.personas import World
from tests.visits.appeals import fresh, raised, step
from visits.models import Appeal
from visits.queries import clusters as reads
from visits.queries.clusters import CLUSTER_DAYS, CLUSTER_SIZE, clusters_for

BOARD = "/visits/appeals/"


def gathered(world: World, number: int, category: str = "roads") -> list[Appeal]:
    return [
        step(raised(world), "assign", world.office, world, category=category) for _ in range(number)
    ]


def test_enough_of_one_kind_with_one_unit(world: World) -> None:
    gathered(world, CLUSTER_SIZE - 1)
    gathered(world, 2, "housing")
    assert clusters_for(world.office) == []
    gathered(world, 1)
    (found,) = clusters_for(world.office)
    assert (found.unit, found.category, found.number) == (world.unit.pk, "roads", CLUSTER_SIZE)


def test_another_unit_is_another_heap(world: World) -> None:
    *_, last = gathered(world, CLUSTER_SIZE)
    step(last, "reassign", world.office, world)
    assert clusters_for(world.office) == []


def test_old_ones_do_not_count(world: World) -> None:
    gathered(world, CLUSTER_SIZE)
    day = world.today - timedelta(days=CLUSTER_DAYS)
    Appeal.objects.update(issued_on=day)
    assert len(clusters_for(world.office)) == 1
    Appeal.objects.filter(pk=Appeal.objects.earliest("pk").pk).update(
        issued_on=day - timedelta(days=1)
    )
    assert clusters_for(world.office) == []


def test_each_office_sees_its_own_areas(world: World) -> None:
    gathered(world, CLUSTER_SIZE)
    assert len(clusters_for(world.city_office)) == 1
    assert clusters_for(world.stranger_office) == []
    assert clusters_for(world.head) == []


def test_without_the_scope_another_office_would_see_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered(world, CLUSTER_SIZE)
    everything = Appeal.objects.exclude(unit=None)
    monkeypatch.setattr(reads, "_recent", lambda user: everything)
    assert clusters_for(world.stranger_office)


def test_the_board_says_so_and_leads_on(world: World) -> None:
    made = gathered(world, CLUSTER_SIZE)
    gathered(world, 1, "housing")
    client = world.client(world.office)
    text = client.get(BOARD).text
    assert f"东阿县住建局：道路交通 {CLUSTER_SIZE} 件" in text
    assert "件数多不等于办得差" in text
    narrowed = client.get(BOARD, {"category": "roads", "held_by": world.unit.pk})
    assert len(narrowed.context["page"].rows) == CLUSTER_SIZE
    assert "同类诉求较多" not in narrowed.text
    (found,) = clusters_for(world.office)
    assert found.offer is not None
    form = client.get(found.offer.url)
    assert list(form.context["appeals"]) == [fresh(each) for each in made]


def test_units_see_no_hint(world: World) -> None:
    gathered(world, CLUSTER_SIZE)
    for who in (world.head, world.liaison, world.leader, world.discipline):
        assert "同类诉求较多" not in world.client(who).get(BOARD).text


@pytest.mark.parametrize("unit", ["x", "0", "99999999999999999999"])
def test_a_unit_that_is_none_finds_nothing(world: World, unit: str) -> None:
    gathered(world, 1)
    assert not world.client(world.office).get(BOARD, {"held_by": unit}).context["page"].rows


@pytest.mark.parametrize("heaps", [1, 3])
def test_the_hint_costs_two_queries(
    world: World, heaps: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for category in ("roads", "housing", "health")[:heaps]:
        gathered(world, CLUSTER_SIZE, category)
    clusters_for(world.office)
    with django_assert_num_queries(2):
        assert len(clusters_for(world.office)) == heaps
