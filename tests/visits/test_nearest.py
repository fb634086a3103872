"""The work list: one village at a time, the nearest to the last visit first."""

import pytest
from django.test import Client

from organisation.choices import AreaLevel
from organisation.models import Area
from tests.personas import World
from tests.searching import sealed
from tests.visits.conftest import area
from tests.visits.test_visit_service import call_on
from visits.choices import Outcome, TargetKind
from visits.models import Target, Team
from visits.queries import to_visit, villages_left, way_around
from visits.queries.to_visit import VillageLeft


def page(client: Client, query: str = "") -> set[str]:
    return {row.name for row in client.get(sealed(f"/visits/{query}")).context["page"]}


@pytest.fixture
def around(world: World) -> dict[str, Area]:
    """Villages of two townships of the county, all of the cadre's team, one target in each."""
    Target.objects.all().delete()
    town, county = world.village.parent, world.county
    other = area(f"{county.code[:6]}900000", "远镇", AreaLevel.TOWNSHIP, county)
    code = town.code[:9]
    found = {
        "a": area(f"{code}401", "甲村", AreaLevel.VILLAGE, town),
        "b": area(f"{code}402", "乙村", AreaLevel.VILLAGE, town),
        "c": area(f"{code}409", "丙村", AreaLevel.VILLAGE, town),
        "d": area(f"{county.code[:6]}900201", "丁村", AreaLevel.VILLAGE, other),
        "e": area(f"{county.code[:6]}900202", "戊村", AreaLevel.VILLAGE, other),
    }
    Team.objects.filter(members=world.cadre).first().areas.set(found.values())
    for each in found.values():
        world.households(2, each)
    return found


def order(world: World) -> str:
    names = {"甲村": "a", "乙村": "b", "丙村": "c", "丁村": "d", "戊村": "e"}
    return "".join(names[each.name] for each in villages_left(world.cadre, world.campaign))


def test_nearness_is_village_township_then_codes(world: World, around: dict[str, Area]) -> None:
    assert order(world) == "abcde"
    (last, _) = Target.objects.filter(area=around["b"])
    call_on(world, last)
    assert order(world) == "bacde"
    (last, other) = Target.objects.filter(area=around["e"])
    call_on(world, last)
    assert order(world) == "edcba"
    call_on(world, other)  # nothing is left there: the next of the township
    assert order(world) == "dcba"


def test_the_list_shows_one_village_and_leads_to_the_next(
    world: World, around: dict[str, Area]
) -> None:
    client = world.client(world.cadre)
    (last, other) = Target.objects.filter(area=around["d"])
    call_on(world, last, Outcome.ABSENT)
    assert page(client) == {last.name, other.name}
    shown = client.get("/visits/")
    assert "只看丁村（上次去的）" in shown.text
    assert "下一个村：戊村（还剩 2）" in shown.text
    following = shown.context["way"].following
    names = {t.name for t in Target.objects.filter(area=around["e"])}
    assert page(client, f"?area={following.code}") == names
    assert len(client.get("/visits/?area=all").context["page"]) == 10
    assert "下一个村" not in client.get("/visits/?area=all").text
    end = client.get(f"/visits/?area={villages_left(world.cadre, world.campaign)[-1].code}")
    assert "下一个村" not in end.text


def test_who_looks_for_something_looks_everywhere(world: World, around: dict[str, Area]) -> None:
    client = world.client(world.cadre)
    everything = {target.name for target in Target.objects.all()}
    assert page(client, f"?kind={TargetKind.HOUSEHOLD}") == everything
    target = Target.objects.filter(area=around["e"]).first()
    assert page(client, f"?words={target.code}") == {target.name}
    assert page(client, "?own=on") == set()


def test_pages_stay_in_the_village_while_somebody_visits_elsewhere(
    world: World, around: dict[str, Area], settings
) -> None:
    settings.PAGE_SIZE = 3
    world.households(6, around["a"])
    client = world.client(world.cadre)
    first = client.get("/visits/").context["page"]
    seen = [row.name for row in first]
    call_on(world, Target.objects.filter(area=around["e"]).first())
    following = first.following
    while following:
        answer = client.get(f"/visits/{following}").context["page"]
        seen += [row.name for row in answer]
        following = answer.following
    assert sorted(seen) == sorted(t.name for t in Target.objects.filter(area=around["a"]))


def test_a_page_of_a_village_that_was_finished_meanwhile(
    world: World, around: dict[str, Area], settings
) -> None:
    settings.PAGE_SIZE = 1
    client = world.client(world.cadre)
    following = client.get("/visits/").context["page"].following
    for target in Target.objects.filter(area=around["a"]):
        call_on(world, target)
    answer = client.get(f"/visits/{following}")
    assert (answer.status_code, len(answer.context["page"])) == (200, 0)


def test_no_village_is_cut_off_in_silence(
    world: World, around: dict[str, Area], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = world.client(world.cadre)
    assert "更多（还有" not in client.get("/visits/").text
    monkeypatch.setattr(to_visit, "NEAR", 2)
    text = client.get("/visits/").text
    assert "更多（还有 3 个村）" in text
    assert all(f"area={each.code}" in text for each in around.values())
    monkeypatch.setattr(to_visit, "FOLDED", 1)
    assert "另有 2 个村没有列出" in client.get("/visits/").text


def test_the_list_costs_no_more_for_its_villages(
    world: World, around: dict[str, Area], django_assert_num_queries
) -> None:
    client = world.client(world.cadre)
    client.get("/visits/")
    with django_assert_num_queries(15):
        client.get("/visits/")
    with django_assert_num_queries(15):
        client.get("/visits/?area=all")


def test_one_village_needs_no_choice() -> None:
    only = VillageLeft("371502001201", "甲村", "/1/", 3, is_last=False)
    assert way_around([only], "", is_narrowed=False).shown is None
    assert way_around([], "", is_narrowed=False).following is None
    two = [only, VillageLeft("371502001202", "乙村", "/2/", 3, is_last=False)]
    assert way_around(two, "", is_narrowed=False).following == two[1]
    assert way_around(two, "", is_narrowed=True).shown is None
    assert way_around(two, "999", is_narrowed=False).shown is None
