"""Appeals of one kind that gather at one unit are a hint to the office."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from issues.choices import State
from issues.models import Issue
from issues.services import write_item_of_appeals
from organisation.models import User
from tests.personas import World
from tests.visits.appeals import fresh, raised, step
from visits import followers
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


### Once an item of the unit was made


def made_item(world: World, appeal: Appeal, author: User) -> Issue:
    raised = Appeal.objects.select_related("unit__area", "area", "campaign").get(pk=appeal.pk)
    text = world.text(title="路灯总不修", leader=world.head, responsible=world.colleague)
    return write_item_of_appeals(
        appeals=[raised], author=author, category=world.category, text=text
    )


def test_of_what_an_item_was_made_the_board_says_so(world: World) -> None:
    *_, last = gathered(world, CLUSTER_SIZE)
    item = made_item(world, last, world.office)
    (found,) = clusters_for(world.office)
    assert found.offer is None
    assert found.made is not None
    text = world.client(world.office).get(BOARD).text
    assert "已立项" in text
    assert f'href="/issues/{item.pk}/"' in text
    assert item.number in text
    assert "/issues/of-appeal/" not in text


def test_a_withdrawn_item_is_none(world: World) -> None:
    *_, last = gathered(world, CLUSTER_SIZE)
    item = made_item(world, last, world.office)
    Issue.objects.filter(pk=item.pk).update(state=State.WITHDRAWN)
    (found,) = clusters_for(world.office)
    assert found.offer is not None
    assert found.made is None


def test_of_a_draft_only_who_may_open_it_hears(world: World) -> None:
    """The same as on the appeal's page."""
    *_, last = gathered(world, CLUSTER_SIZE)
    item = made_item(world, last, world.liaison)
    assert clusters_for(world.office)[0].made is None
    Issue.objects.filter(pk=item.pk).update(state=State.RECTIFYING)
    (line,) = [each.made for each in clusters_for(world.office)]
    assert line is not None
    assert (item.number in line.text, bool(line.url)) == (True, True)


def test_an_item_of_another_heap_is_none_of_this(world: World) -> None:
    gathered(world, CLUSTER_SIZE)
    *_, last = gathered(world, CLUSTER_SIZE, "housing")
    made_item(world, last, world.office)
    first, second = clusters_for(world.office)
    assert (first.category, first.made) == ("roads", None)
    assert second.category == "housing"
    assert second.made is not None


def test_what_is_dealt_with_makes_room(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "SHOWN_CLUSTERS", 1)
    *_, last = gathered(world, CLUSTER_SIZE + 1)
    gathered(world, CLUSTER_SIZE, "housing")
    assert clusters_for(world.office)[0].category == "roads"
    made_item(world, last, world.office)
    assert clusters_for(world.office)[0].category == "housing"


def test_without_the_register_the_hint_stays(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    *_, last = gathered(world, CLUSTER_SIZE)
    made_item(world, last, world.office)
    monkeypatch.setattr(followers, "_group_followers", [])
    assert clusters_for(world.office)[0].offer is not None


@pytest.mark.parametrize("heaps", [1, 3])
def test_the_hint_costs_three_queries(
    world: World, heaps: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for category in ("roads", "housing", "health")[:heaps]:
        *_, last = gathered(world, CLUSTER_SIZE, category)
        made_item(world, last, world.office)
    clusters_for(world.office)
    with django_assert_num_queries(3):
        assert len(clusters_for(world.office)) == heaps
