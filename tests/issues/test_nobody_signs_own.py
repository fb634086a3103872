"""Promise P4: nobody signs an own item, whatever the grants; the database holds it too."""

from datetime import timedelta
from itertools import combinations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from issues.choices import Level, State
from issues.models import Issue
from issues.rules import moves_for
from issues.workflow import MOVES, Capacity, Refused
from organisation.choices import Role
from organisation.models import Posting, User
from organisation.services import grant
from tests.issues.conftest import brought_to, take
from tests.personas import World

SIGNING = (Role.UNIT_HEAD, Role.DEPUTY, Role.OFFICE, Role.DISCIPLINE)
COMBINATIONS = [roles for number in range(1, 5) for roles in combinations(SIGNING, number)]
REVIEWS = [
    (move.name, state, level)
    for move in MOVES
    if move.capacity is not Capacity.AUTHOR
    for state in move.sources
    for level in move.levels
]


def with_roles(world: World, name: str, roles: tuple[Role, ...]) -> User:
    """A cadre of the unit who holds these roles over the unit and the county as well."""
    person = world.person(name, world.unit, Role.CADRE, unit=world.unit)
    for role in roles:
        over = {"unit": world.unit} if role in SIGNING[:2] else {"area": world.county}
        grant(user=person, role=role, since=world.today, **over)
    return User.objects.get(pk=person.pk)


def refused_everywhere(world: World, issue: Issue, person: User) -> None:
    for name, state, level in REVIEWS:
        Issue.objects.filter(pk=issue.pk).update(state=state, level=level)
        issue.refresh_from_db()
        with pytest.raises((PermissionDenied, Refused)):
            world.move(issue, name, person, "理由")
        issue.refresh_from_db()
        assert issue.state == state


@pytest.mark.parametrize("roles", COMBINATIONS, ids="+".join)
def test_no_combination_of_roles_lets_the_author_review(
    world: World, roles: tuple[Role, ...]
) -> None:
    person = with_roles(world, "several", roles)
    refused_everywhere(world, world.issue(person), person)


@pytest.mark.parametrize("roles", COMBINATIONS, ids="+".join)
def test_nor_the_person_who_answers_for_it(world: World, roles: tuple[Role, ...]) -> None:
    person = with_roles(world, "several", roles)
    issue = world.issue()
    Issue.objects.filter(pk=issue.pk).update(responsible=person)
    issue.refresh_from_db()
    refused_everywhere(world, issue, person)


def test_the_same_roles_review_the_item_of_another(world: World) -> None:
    """Control: what is refused above is refused for the person, not for the role."""
    person = with_roles(world, "several", SIGNING[:3])
    issue = world.issue()
    for name, state, level in REVIEWS:
        if name in {"sign_off", "refuse"}:  # the person is posted in the unit
            continue
        Issue.objects.filter(pk=issue.pk).update(state=state, level=level)
        issue.refresh_from_db()
        world.move(issue, name, person, "理由")
        assert issue.state != state


def signer_posted(world: World, *, until: int | None) -> User:
    """A discipline officer posted in the unit of the item until that many days ago."""
    person = world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    if until is not None:
        ended = world.today - timedelta(days=until)
        Posting.objects.filter(user=person).update(until=ended)
    return person


@pytest.mark.parametrize(
    ("until", "may_sign"), [(None, False), (-1, False), (0, False), (9, False), (10, False),
                            (11, True)]
)  # fmt: skip
def test_the_discipline_office_does_not_sign_for_its_own_unit(
    world: World, until: int | None, may_sign: bool
) -> None:
    """Written ten days ago: whoever was posted there on that day or later does not sign."""
    issue = brought_to(world, "unit_sign")
    written = timezone.now() - timedelta(days=10)
    Issue.objects.filter(pk=issue.pk).update(created_at=written)
    issue.refresh_from_db()
    person = signer_posted(world, until=until)
    names = [move.name for move in moves_for(person, issue)]
    assert names == (["sign_off", "refuse"] if may_sign else [])
    if may_sign:
        take(world, issue, "sign_off", person)
    else:
        with pytest.raises(PermissionDenied):
            take(world, issue, "sign_off", person)
    assert (issue.state == State.CLOSED) is may_sign


CLOSED = {"state": State.CLOSED, "level": Level.PERSONAL}


@pytest.mark.parametrize("own", ["author", "responsible"])
def test_the_database_refuses_an_own_sign_off(world: World, own: str) -> None:
    issue = brought_to(world, "unit_sign")
    Issue.objects.filter(pk=issue.pk).update(**{own: world.colleague})
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="issue_nobody_signs_off_own"), transaction.atomic():
        rows.update(**CLOSED, closed_at=timezone.now(), signed_off_by=world.colleague)
    # Control: another person's signature is what the constraint lets through.
    assert rows.update(**CLOSED, closed_at=timezone.now(), signed_off_by=world.discipline) == 1


@pytest.mark.parametrize("own", ["author", "responsible"])
def test_the_database_refuses_an_own_unit_signature(world: World, own: str) -> None:
    issue = brought_to(world, "apply")
    Issue.objects.filter(pk=issue.pk).update(**{own: world.colleague})
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="issue_nobody_unit_signs_own"), transaction.atomic():
        rows.update(unit_signed_by=world.colleague)
    assert rows.update(unit_signed_by=world.head) == 1


def test_the_database_refuses_a_closed_item_without_a_signature(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="issue_closed_is_signed"), transaction.atomic():
        rows.update(state=State.CLOSED, closed_at=timezone.now())
    with pytest.raises(IntegrityError, match="issue_closed_is_signed"), transaction.atomic():
        rows.update(signed_off_by=world.discipline)


def test_the_database_refuses_a_vague_item_once_submitted(world: World) -> None:
    issue = world.issue(place="")
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="issue_concrete"), transaction.atomic():
        rows.update(state=State.SUBMITTED)
