"""issues.rules: who stands before an item in what capacity."""

import pytest

from issues.choices import State
from issues.models import Issue
from issues.rules import can_add_evidence, can_edit, can_write, capacities, moves_for
from issues.workflow import Capacity
from organisation.choices import Role
from organisation.models import User
from organisation.services import create_user, grant
from tests.issues.conftest import brought_to, people
from tests.personas import ADMINISTRATORS, World

HELD = {
    "cadre": {Capacity.AUTHOR, Capacity.RESPONSIBLE},
    "head": {Capacity.UNIT_LEADER},
    "deputy": {Capacity.UNIT_LEADER},
    "office": {Capacity.OFFICE},
    "city_office": {Capacity.OFFICE},
    "discipline": {Capacity.DISCIPLINE},
}


def test_each_person_has_one_capacity_or_none(world: World) -> None:
    issue = world.issue()
    found = {name: capacities(who, issue) for name, who in people(world).items()}
    assert found == {name: frozenset(HELD.get(name, ())) for name in people(world)}


def test_capacities_add_up(world: World) -> None:
    grant(user=world.office, role=Role.DISCIPLINE, since=world.today, area=world.city)
    both = User.objects.get(pk=world.office.pk)
    assert capacities(both, world.issue()) == {Capacity.OFFICE, Capacity.DISCIPLINE}


def test_the_author_has_no_second_capacity(world: World) -> None:
    issue = world.issue(world.head)
    assert capacities(world.head, issue) == {Capacity.AUTHOR, Capacity.RESPONSIBLE}
    assert capacities(world.deputy, issue) == {Capacity.UNIT_LEADER}


def test_who_answers_for_the_item_reviews_nothing(world: World) -> None:
    issue = world.issue()
    Issue.objects.filter(pk=issue.pk).update(responsible=world.head)
    issue.refresh_from_db()
    assert capacities(world.head, issue) == {Capacity.RESPONSIBLE}


@pytest.mark.parametrize("name", ["other_head", "stranger_office", "leader", "system_admin"])
def test_others_have_no_button_in_any_state(world: World, name: str) -> None:
    issue = world.issue()
    for state in State:
        issue.state = state
        assert moves_for(getattr(world, name), issue) == []


def test_only_the_author_edits_and_only_a_draft(world: World) -> None:
    issue = world.issue()
    for state in State:
        issue.state = state
        editors = {name for name, who in people(world).items() if can_edit(who, issue)}
        assert editors == ({"cadre"} if state == State.DRAFT else set())


def test_author_and_responsible_add_evidence_while_rectifying(world: World) -> None:
    issue = brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(responsible=world.colleague)
    issue.refresh_from_db()
    for state in State:
        issue.state = state
        adders = {name for name, who in people(world).items() if can_add_evidence(who, issue)}
        assert adders == ({"cadre", "colleague"} if state == State.RECTIFYING else set())


def test_everybody_but_administrators_keeps_a_list(world: World) -> None:
    writers = {name for name, who in people(world).items() if can_write(who)}
    assert writers == set(people(world)) - ADMINISTRATORS
    assert not can_write(create_user(username="nobody", name="无授权"))
