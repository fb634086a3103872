"""A target is one visitor's for some days, and everybody's again by itself."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from tests.personas import World
from tests.threads import shared_database, together
from tests.visits.test_visit_service import call_on, fresh
from visits import services
from visits.choices import Outcome, TeamSource, Way
from visits.models import Target
from visits.queries import as_last_time, villages_left
from visits.services import lease

__all__ = ["shared_database"]


@pytest.fixture
def home(world: World) -> Target:
    """A household of a team of two."""
    services.change_team(
        team=world.team,
        seen_version=1,
        name=world.team.name,
        areas=[world.village, world.village2],
        members={TeamSource.GRID: [world.cadre, world.colleague]},
        leader=None,
        actor=world.organisation,
    )
    return world.households(2)[0]


def test_taken_for_three_days(world: World, home: Target) -> None:
    taken = services.take_target(target=home, actor=world.cadre)
    assert (taken.taken_by, taken.taken_until) == (world.cadre, world.today + timedelta(days=3))
    with pytest.raises(services.TakenByOther, match=f"{world.cadre.name}已认领到"):
        services.take_target(target=home, actor=world.colleague)
    assert fresh(home).taken_by == world.cadre
    services.take_target(target=home, actor=world.cadre)  # from today on


def test_it_returns_by_itself(world: World, home: Target, monkeypatch: pytest.MonkeyPatch) -> None:
    services.take_target(target=home, actor=world.cadre)
    later = world.today + timedelta(days=4)
    monkeypatch.setattr(timezone, "localdate", lambda *_: later)
    assert not fresh(home).is_taken
    services.take_target(target=home, actor=world.colleague)
    assert fresh(home).taken_by == world.colleague


def test_given_back_it_is_free(world: World, home: Target) -> None:
    services.take_target(target=home, actor=world.cadre)
    services.give_back_target(target=home, actor=world.colleague)  # not hers to give
    assert fresh(home).taken_by == world.cadre
    services.give_back_target(target=home, actor=world.cadre)
    assert (fresh(home).taken_by, fresh(home).taken_until) == (None, None)


def test_a_visit_gives_it_back(world: World, home: Target) -> None:
    services.take_target(target=home, actor=world.cadre)
    call_on(world, home, Outcome.ABSENT, author=world.colleague)  # was there all the same
    assert not fresh(home).is_taken


def test_what_is_covered_is_not_taken(world: World, home: Target) -> None:
    call_on(world, home)
    with pytest.raises(services.TakenByOther, match="已经走访到了"):
        services.take_target(target=home, actor=world.cadre)


@pytest.mark.parametrize("name", ["head", "office", "organisation", "system_admin"])
def test_only_the_team_takes(world: World, home: Target, name: str) -> None:
    with pytest.raises(PermissionDenied):
        services.take_target(target=home, actor=getattr(world, name))


@pytest.mark.usefixtures("shared_database")
def test_of_two_at_once_one_has_it(world: World, home: Target) -> None:
    people = [world.cadre, world.colleague] * 4
    found = together(
        [lambda who=who: services.take_target(target=fresh(home), actor=who) for who in people]
    )
    holders = {each.taken_by for each in found if isinstance(each, Target)}
    assert holders == {fresh(home).taken_by}


def test_without_the_condition_the_second_takes_it_away(
    world: World, home: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    services.take_target(target=home, actor=world.cadre)
    monkeypatch.setattr(lease, "_is_others", lambda actor: Q(pk__in=[]))
    services.take_target(target=home, actor=world.colleague)
    assert fresh(home).taken_by == world.colleague


def test_somebody_and_a_day_go_together(world: World, home: Target) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Target.objects.filter(pk=home.pk).update(taken_by=world.cadre)


def test_the_pages_say_who_has_it(world: World, home: Target) -> None:
    mine, hers = world.client(world.cadre), world.client(world.colleague)
    page = mine.post(f"/visits/targets/{home.pk}/take/", follow=True)
    assert "您已认领到" in page.text
    assert f"{world.cadre.name}认领到" in hers.get("/visits/").text
    page = hers.get(f"/visits/targets/{home.pk}/visit/")
    assert "请先问一声" in page.text
    answer = hers.post(f"/visits/targets/{home.pk}/take/", follow=True)
    assert "免得重复上门" in answer.text
    page = mine.post("/visits/search/", {"own": "on"}, follow=True)
    assert [row.entry for row in page.context["page"]] == [home]
    page = mine.post(f"/visits/targets/{home.pk}/give-back/", follow=True)
    assert "打算这几天去" in page.text


# --- the next door ----------------------------------------------------------------------


def test_the_village_of_the_last_visit_comes_first(world: World, home: Target) -> None:
    (there,) = world.households(1, world.village2)
    rows = villages_left(world.cadre, world.campaign)
    assert [(row.code, row.left) for row in rows] == [
        (world.village.code, 2),
        (world.village2.code, 1),
    ]
    call_on(world, there, Outcome.ABSENT)
    rows = villages_left(world.cadre, world.campaign)
    assert [(row.code, row.is_last) for row in rows] == [
        (world.village2.code, True),
        (world.village.code, False),
    ]
    call_on(world, there)  # nothing is left there
    (row,) = villages_left(world.cadre, world.campaign)
    assert (row.code, row.name) == (world.village.code, world.village.name)
    assert f"?area={world.village.code}" not in world.client(world.cadre).get("/visits/").text


def test_the_next_form_begins_as_last_time(world: World, home: Target) -> None:
    assert as_last_time(world.cadre, world.campaign) == {}
    call_on(world, home, way=Way.OFF_HOURS, companions="李四")
    other = world.households(1)[0]
    page = world.client(world.cadre).get(f"/visits/targets/{other.pk}/visit/")
    form = page.context["form"]
    assert (form["way"].value(), form["companions"].value()) == (Way.OFF_HOURS, "李四")
    assert form["visited_on"].value() == world.today
