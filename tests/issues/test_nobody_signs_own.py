"""Promise P4: nobody signs an own item, whatever the grants; the database holds it too."""

from datetime import datetime, time, timedelta
from itertools import combinations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from core import append_only
from issues.choices import Level, State
from issues.models import Issue, IssueEvent, IssueVersion, SignOff
from issues.queries import shown_hash, waiting_for
from issues.rules import moves_for
from issues.workflow import MOVES, REVIEWING, Capacity, Refused
from organisation.choices import Role
from organisation.models import Posting, User
from organisation.services import create_unit, grant
from tests.issues.conftest import brought_to, put_in, take
from tests.personas import World

SIGNING = (Role.UNIT_HEAD, Role.DEPUTY, Role.OFFICE, Role.DISCIPLINE)
COMBINATIONS = [roles for number in range(1, 5) for roles in combinations(SIGNING, number)]
REVIEWS = [
    (move.name, state, level)
    for move in MOVES
    if move.capacity in REVIEWING and not move.with_list
    for state in move.sources
    for level in move.levels
]

OF_DISCIPLINE = {move.name for move in MOVES if move.capacity is Capacity.DISCIPLINE}


def with_roles(world: World, name: str, roles: tuple[Role, ...]) -> User:
    """A cadre of the unit who holds these roles over the unit and the county as well."""
    person = world.person(name, world.unit, Role.CADRE, unit=world.unit)
    for role in roles:
        over = {"unit": world.unit} if role in SIGNING[:2] else {"area": world.county}
        grant(user=person, role=role, since=world.today, **over)
    return User.objects.get(pk=person.pk)


def refused_everywhere(world: World, issue: Issue, person: User) -> None:
    for name, state, level in REVIEWS:
        put_in(issue, state, world.discipline, level=level)
        with pytest.raises((PermissionDenied, Refused)):
            world.move(issue, name, person, "写清理由")
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


@pytest.mark.parametrize("own", ["author", "responsible"])
def test_no_combination_signs_off_its_own_by_page_post_or_sql(world: World, own: str) -> None:
    """Ready for the signature, and every role that a signer could have."""
    issue = brought_to(world, "unit_sign")
    form = {"note": "逐份看过了", "seen_hash": shown_hash(issue)}
    rows = Issue.objects.filter(pk=issue.pk)
    for number, roles in enumerate(COMBINATIONS):
        person = with_roles(world, f"several{number}", roles)
        rows.update(**{own: person})
        browser = world.client(person)
        assert f"{page_of(issue)}sign-off/" not in browser.get(page_of(issue)).text
        assert browser.get(f"{page_of(issue)}sign-off/").status_code == 403
        browser.post(f"{page_of(issue)}moves/sign_off/", form)
        with pytest.raises(IntegrityError), transaction.atomic():
            signed(Issue.objects.get(pk=issue.pk), person)
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**CLOSED, closed_at=timezone.now(), signed_off_by=person)
        assert (rows.get().state, rows.get().sign_offs.count()) == (State.UNIT_SIGNED, 0)
    # Control: the same page, post and form in the hands of another.
    browser = world.client(world.discipline)
    assert f"{page_of(issue)}sign-off/" in browser.get(page_of(issue)).text
    browser.post(f"{page_of(issue)}moves/sign_off/", form)
    assert (rows.get().state, rows.get().sign_offs.count()) == (State.CLOSED, 1)


def page_of(issue: Issue) -> str:
    return f"/issues/{issue.pk}/"


def test_the_same_roles_review_the_item_of_another(world: World) -> None:
    """Control: what is refused above is refused for the person, not for the role."""
    person = with_roles(world, "several", SIGNING[:3])
    issue = world.issue()
    for name, state, level in REVIEWS:
        if name in {
            "sign_off",
            "refuse",
            "consolidate",
            "relapse",
        }:  # the person is posted in the unit
            continue
        Issue.objects.filter(pk=issue.pk).update(state=state, level=level)
        issue.refresh_from_db()
        world.move(issue, name, person, "写清理由")
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


# PostgreSQL asks the trigger first, SQLite the constraint.
UNSIGNED = "issue_closed_is_signed|closed_item_has_a_signature"
OWN_OR_UNSIGNED = "issue_nobody_signs_off_own|closed_item_has_a_signature"
CLOSED = {"state": State.CLOSED, "level": Level.PERSONAL}


@pytest.mark.parametrize("own", ["author", "responsible"])
def test_the_database_refuses_an_own_sign_off(world: World, own: str) -> None:
    issue = brought_to(world, "unit_sign")
    Issue.objects.filter(pk=issue.pk).update(**{own: world.colleague})
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match=OWN_OR_UNSIGNED), transaction.atomic():
        rows.update(**CLOSED, closed_at=timezone.now(), signed_off_by=world.colleague)
    with pytest.raises(IntegrityError, match="signer_stands_apart"), transaction.atomic():
        signed(issue, world.colleague)
    # Control: another person's signature is what both let through.
    signed(issue, world.discipline)
    assert rows.update(**CLOSED, closed_at=timezone.now(), signed_off_by=world.discipline) == 1


def signed(issue: Issue, signer: User) -> SignOff:
    """A signature put into the table by hand."""
    return SignOff.objects.create(
        issue=issue, signer=signer, responsible_id=issue.responsible_id, version=1, evidence=[]
    )


def test_the_database_refuses_a_sign_off_without_a_signature(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    rows = Issue.objects.filter(pk=issue.pk)
    closed = CLOSED | {"closed_at": timezone.now(), "signed_off_by": world.discipline}
    with pytest.raises(IntegrityError, match="closed_item_has_a_signature"), transaction.atomic():
        rows.update(**closed)
    signed(issue, world.city_office)  # by somebody else
    with pytest.raises(IntegrityError, match="closed_item_has_a_signature"), transaction.atomic():
        rows.update(**closed)
    signed(issue, world.discipline)
    assert rows.update(**closed) == 1


def test_who_has_written_on_an_item_does_not_sign_it(world: World) -> None:
    """By page and by SQL, though he is neither its author nor answers for it."""
    issue = brought_to(world, "unit_sign")
    IssueVersion.objects.create(
        issue=issue, number=2, author=world.discipline, text={}, sha256="0" * 64
    )
    assert moves_for(world.discipline, issue) == []
    with pytest.raises(PermissionDenied):
        take(world, issue, "sign_off")
    with pytest.raises(IntegrityError, match="signer_stands_apart"), transaction.atomic():
        signed(issue, world.discipline)


@pytest.mark.parametrize(("place", "may"), [("above", False), ("below", False), ("beside", True)])
def test_units_above_and_below_are_the_same_unit(world: World, place: str, may: bool) -> None:
    section = create_unit(name="窗口", kind=world.unit.kind, area=world.county, parent=world.unit)
    posted, own = {
        "above": (world.unit, section),
        "below": (section, world.unit),
        "beside": (world.other_unit, world.unit),
    }[place]
    signer = world.person("signer", posted, Role.DISCIPLINE, area=world.county)
    issue = brought_to(world, "unit_sign")
    Issue.objects.filter(pk=issue.pk).update(unit=own)
    issue = Issue.objects.select_related("unit__area").get(pk=issue.pk)
    names = [move.name for move in moves_for(signer, issue)]
    assert names == (["sign_off", "refuse"] if may else [])
    assert waiting_for(signer).filter(pk=issue.pk).exists() is may
    if may:
        signed(issue, signer)
    else:
        with pytest.raises(IntegrityError, match="signer_stands_apart"), transaction.atomic():
            signed(issue, signer)


@pytest.mark.parametrize(("days", "may"), [(0, False), (1, True)])
def test_the_database_counts_days_as_the_page_does(world: World, days: int, may: bool) -> None:
    """Posted in the unit until the day the item was written, or until the day before."""
    issue = brought_to(world, "unit_sign")
    wrote = timezone.make_aware(datetime.combine(world.today - timedelta(days=9), time(0, 30)))
    Issue.objects.filter(pk=issue.pk).update(created_at=wrote)
    issue.refresh_from_db()
    signer = signer_posted(world, until=9 + days)
    assert bool(moves_for(signer, issue)) is may
    if may:
        signed(issue, signer)
    else:
        with pytest.raises(IntegrityError, match="signer_stands_apart"), transaction.atomic():
            signed(issue, signer)


@pytest.mark.parametrize("model", [IssueVersion, IssueEvent, SignOff])
def test_what_was_written_and_signed_stays(world: World, model: type[Model]) -> None:
    brought_to(world, "sign_off")
    row = model.objects.first()
    with pytest.raises(DatabaseError, match="is append-only"), transaction.atomic():
        row.save()
    table = model._meta.db_table
    connection.check_constraints()  # PostgreSQL alters no table before
    append_only.thaw(connection, table)  # the control switched off
    row.save()


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
    with pytest.raises(IntegrityError, match=UNSIGNED), transaction.atomic():
        rows.update(signed_off_by=world.discipline)


def test_the_database_refuses_a_vague_item_once_submitted(world: World) -> None:
    issue = world.issue(place="")
    rows = Issue.objects.filter(pk=issue.pk)
    with pytest.raises(IntegrityError, match="issue_concrete"), transaction.atomic():
        rows.update(state=State.SUBMITTED)


def test_who_leads_the_unit_from_outside_does_not_sign_for_it(world: World) -> None:
    """A leader's grant over the unit, though posted elsewhere; the queue holds the same."""
    issue = brought_to(world, "unit_sign")
    signer = world.person("signer", world.other_unit, Role.DISCIPLINE, area=world.county)
    assert [move.name for move in moves_for(signer, issue)] == ["sign_off", "refuse"]
    assert issue in waiting_for(signer)  # control: without that grant
    grant(user=signer, role=Role.DEPUTY, since=world.today, unit=world.unit)
    signer = User.objects.get(pk=signer.pk)
    assert moves_for(signer, issue) == []
    assert issue not in waiting_for(signer)
    with pytest.raises((PermissionDenied, Refused)):
        take(world, issue, "sign_off", signer)


@pytest.mark.parametrize("let_pass", [True, False])
def test_who_has_let_it_pass_does_not_sign_it_off(world: World, let_pass: bool) -> None:
    """Countersigned for the unit, and in the discipline office since; False is the control."""
    issue = brought_to(world, "apply")
    signer = world.person("signer", world.other_unit, Role.DISCIPLINE, area=world.county)
    given = grant(user=signer, role=Role.DEPUTY, since=world.today, unit=world.unit)
    take(world, issue, "unit_sign", User.objects.get(pk=signer.pk) if let_pass else None)
    given.delete()
    signer = User.objects.get(pk=signer.pk)
    assert bool(moves_for(signer, issue)) is not let_pass
    assert (issue in waiting_for(signer)) is not let_pass


def test_the_database_refuses_the_signature_of_an_earlier_round(world: World) -> None:
    issue = brought_to(world, "sign_off")
    take(world, issue, "relapse", world.discipline)
    rows = Issue.objects.filter(pk=issue.pk)
    closed = CLOSED | {"closed_at": timezone.now(), "signed_off_by": world.discipline}
    with pytest.raises(IntegrityError, match="closed_item_has_a_signature"), transaction.atomic():
        rows.update(**closed)
    signed(issue, world.discipline)
    assert rows.update(**closed) == 1


def test_the_database_refuses_two_signatures_of_one_person(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    signed(issue, world.discipline)
    rows = Issue.objects.filter(pk=issue.pk)
    closed = CLOSED | {"closed_at": timezone.now(), "signed_off_by": world.discipline}
    with pytest.raises(IntegrityError, match="closed_item_has_a_signature"), transaction.atomic():
        rows.update(unit_signed_by=world.discipline, **closed)
    assert rows.update(unit_signed_by=world.head, **closed) == 1
