"""visits.queries: coverage at every level equals a slow, obvious count."""

import random
import uuid
from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from campaign.services import create_campaign
from organisation.choices import AreaLevel
from organisation.models import Area
from tests.personas import World, make_area
from tests.stages import four_stages
from visits.choices import OUTCOMES_OF, TargetKind, TeamSource, Way
from visits.coverage import Coverage
from visits.models import Target
from visits.queries import coverage_of, team_coverage, team_targets
from visits.queries.picture import picture
from visits.services import add_targets, create_team, record_visit


def counted(world: World, area: Area, kind: str = "") -> Coverage:
    """The obvious way: look at every target and ask for its area."""
    total = Coverage()
    for target in Target.objects.filter(campaign=world.campaign).select_related("area"):
        if target.area.path.startswith(area.path) and kind in {"", target.kind}:
            total += Coverage(**{target.state: 1})
    return total


@pytest.fixture
def filled(world: World) -> World:
    """All kinds in four villages of two counties, a third of them visited in some way."""
    chance = random.Random(7)
    world.team.areas.set([world.city])
    places = [world.village, world.village2, world.other_village, world.township]
    targets = [
        Target(
            campaign=world.campaign,
            kind=kind,
            code=f"{kind}{n}{place.pk}",
            name=f"{place.name}{n}",
            area=place,
            above_scale=kind == TargetKind.ENTERPRISE and n % 2 == 0,
        )
        for place in places
        for kind in TargetKind
        for n in range(chance.randint(1, 4))
    ]
    add_targets(campaign=world.campaign, targets=targets, actor=None)
    for target in chance.sample(list(Target.objects.all()), len(targets) // 3):
        record_visit(
            token=uuid.uuid4(),
            target=target,
            author=world.cadre,
            visited_on=world.today,
            way=Way.HOME,
            outcome=chance.choice(OUTCOMES_OF[TargetKind(target.kind)]),
        )
    return world


def test_coverage_of_every_area_equals_the_slow_count(filled: World) -> None:
    for area in Area.objects.all():
        assert coverage_of(filled.campaign, area) == counted(filled, area), area


def test_coverage_of_the_parts_equals_the_slow_count_by_kind(filled: World) -> None:
    for area in Area.objects.all():
        found = picture(filled.city_leader, filled.campaign, [area])
        rows = [row for row in found.lines if not row.own]
        assert [row.area for row in rows] == list(area.children.all())
        for row in (*rows, found.whole):
            assert row.total == counted(filled, row.area)
            for kind in TargetKind:
                assert row.cells[kind] == counted(filled, row.area, kind)


def test_the_children_and_its_own_add_up_to_the_parent(filled: World) -> None:
    for area in Area.objects.all():
        rows = picture(filled.city_leader, filled.campaign, [area]).lines
        if rows:
            assert sum((row.total for row in rows), Coverage()) == coverage_of(
                filled.campaign, area
            )
        own = sum(row.total.registered for row in rows if row.own)
        here = [t for t in Target.objects.all() if t.area == area]
        assert own == (len(here) if rows else 0)
    (*_, last) = picture(filled.city_leader, filled.campaign, [filled.township]).lines
    assert last.own


def test_the_city_holds_the_whole_register(filled: World) -> None:
    assert coverage_of(filled.campaign, filled.city).registered == Target.objects.count()


def test_an_area_whose_id_begins_alike_is_another_area(world: World) -> None:
    """Paths end with a slash: area 1 does not hold the targets of area 12."""
    areas = [
        make_area(f"{n:012d}", f"村{n}", AreaLevel.VILLAGE, world.township) for n in range(1, 13)
    ]
    world.households(2, areas[-1])
    for area in areas[:-1]:
        assert coverage_of(world.campaign, area) == Coverage()


def test_another_campaign_counts_for_itself(filled: World) -> None:
    stages = four_stages(filled.today, filled.today + timedelta(days=9))
    other = create_campaign(
        name="另一次行动", area=filled.city, organiser="作风办", stages=stages, lists=[]
    )
    assert coverage_of(other, filled.city) == Coverage()


def test_team_coverage_is_of_the_own_areas(filled: World) -> None:
    filled.team.areas.set([filled.village, filled.other_village])
    rows = team_coverage(filled.cadre, filled.campaign)
    assert [row.area for row in rows] == [filled.village, filled.other_village]
    for row in rows:
        assert row.total == counted(filled, row.area)
    assert team_coverage(filled.colleague, filled.campaign) == []


def test_an_area_inside_another_is_not_counted_twice(filled: World) -> None:
    """One team has the township, another one a village of it; the person is in both."""
    filled.team.areas.set([filled.township])
    create_team(
        campaign=filled.campaign,
        name="二队",
        areas=[filled.village],
        members={TeamSource.GRID: [filled.cadre]},
    )
    (row,) = team_coverage(filled.cadre, filled.campaign)
    assert (row.area, row.total) == (filled.township, counted(filled, filled.township))


def test_the_teams_of_another_campaign_do_not_count(filled: World) -> None:
    stages = four_stages(filled.today, filled.today + timedelta(days=9))
    other = create_campaign(
        name="另一次行动", area=filled.city, organiser="作风办", stages=stages, lists=[]
    )
    assert team_coverage(filled.cadre, other) == []
    assert not team_targets(filled.cadre, other).exists()


def test_what_is_left_on_the_list_is_what_the_coverage_says(filled: World) -> None:
    (row,) = team_coverage(filled.cadre, filled.campaign)
    assert team_targets(filled.cadre, filled.campaign).left().count() == row.total.left


@pytest.mark.parametrize("number", [1, 3])
def test_coverage_costs_two_queries(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    places = [world.village, world.village2, world.other_village][:number]
    world.team.areas.set(places)
    for place in places:
        world.households(number, place)
    with django_assert_num_queries(2):
        assert len(team_coverage(world.cadre, world.campaign)) == number
    with django_assert_num_queries(1):
        coverage_of(world.campaign, world.city)
