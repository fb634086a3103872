"""issues.queries and the queryset: who sees what, what waits for whom."""

from datetime import date, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from issues.choices import Level, State
from issues.models import Issue
from issues.queries import content_hash, is_late, ledger, waiting_for
from issues.rules import moves_for
from organisation.choices import Role
from organisation.models import Posting, User
from organisation.services import grant
from tests.issues.conftest import brought_to, people, prove, put_in
from tests.personas import World

SEES_SUBMITTED = {"cadre", "liaison", "head", "deputy", "office", "city_office", "discipline"}


def everybody(world: World) -> dict[str, User]:
    """All personas, and people in whom roles and postings meet; fresh, without kept scopes."""
    world.insider = world.person("insider", world.unit, Role.DISCIPLINE, area=world.county)
    world.moved = world.person("moved", world.unit, Role.DISCIPLINE, area=world.county)
    gone = world.today - timedelta(days=30)
    Posting.objects.filter(user=world.moved).update(until=gone)
    world.many = world.person("many", world.other_unit, Role.UNIT_HEAD, unit=world.unit)
    grant(user=world.many, role=Role.OFFICE, since=world.today, area=world.county)
    grant(user=world.many, role=Role.DISCIPLINE, since=world.today, area=world.city)
    world.signer = world.person("signer", world.far_unit, Role.DISCIPLINE, area=world.city)
    return {name: User.objects.get(pk=who.pk) for name, who in people(world).items()}


def every_kind_of_item(world: World) -> None:
    """One item for each author, level and state, put there without its history."""
    for author in (world.cadre, world.head, world.discipline, world.office, world.other_head):
        for level in Level:
            for state in State:
                issue = world.issue(author)
                put_in(issue, state, world.signer, level=level)
    other = Issue.objects.filter(author=world.cadre, state=State.RECTIFYING).first()
    Issue.objects.filter(pk=other.pk).update(responsible=world.deputy)
    applied = Issue.objects.filter(author=world.cadre, state=State.APPLIED).first()
    Issue.objects.filter(pk=applied.pk).update(responsible=world.head)


def test_what_waits_is_exactly_what_has_a_button(world: World) -> None:
    """Withdrawing and looking back are open, and nothing waits for them."""
    persons = everybody(world)
    every_kind_of_item(world)
    issues = list(Issue.objects.select_related("unit__area"))
    for name, person in persons.items():
        has_button = {
            issue.pk for issue in issues if any(move.waits for move in moves_for(person, issue))
        }
        waits = list(waiting_for(person).values_list("pk", flat=True))
        assert set(waits) == has_button, name
        assert len(waits) == len(set(waits)), name


def test_what_waits_can_be_opened(world: World) -> None:
    persons = everybody(world)
    every_kind_of_item(world)
    for person in persons.values():
        visible = Issue.objects.visible_to(person).values("pk")
        assert not waiting_for(person).exclude(pk__in=visible).exists()


def test_the_nearest_deadline_comes_first(world: World) -> None:
    dues = [world.today + timedelta(days=n) for n in (9, 2, 5)]
    for due in dues:
        brought_to(world, "submit", world.issue(due_on=due))
    assert [issue.due_on for issue in waiting_for(world.head)] == sorted(dues)


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("cadre", 1), ("head", 2), ("discipline", 2)])
def test_waiting_costs_the_same_for_one_and_three(
    world: World,
    name: str,
    queries: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(number):
        brought_to(world, "submit")
    person = getattr(world, name)
    ledger(person)  # reads the grants once
    with django_assert_num_queries(queries):
        rows = [(i.unit.name, i.author.name, i.category.name) for i in waiting_for(person)]
    assert len(rows) == (number if name == "head" else 0)


def test_a_draft_is_seen_by_its_author_alone(world: World) -> None:
    issue = world.issue()
    assert {n for n, w in people(world).items() if issue in ledger(w)} == {"cadre"}


def test_a_submitted_item_is_seen_by_its_reviewers(world: World) -> None:
    issue = brought_to(world, "submit")
    assert {n for n, w in people(world).items() if issue in ledger(w)} == SEES_SUBMITTED


def test_a_returned_item_is_a_draft_again(world: World) -> None:
    issue = brought_to(world, "submit")
    world.move(issue, "return", world.head, "请补上地点")
    assert {n for n, w in people(world).items() if issue in ledger(w)} == {"cadre"}


def test_a_draft_withdrawn_unread_stays_unread(world: World) -> None:
    """Whoever thought better of it before submitting has told nobody."""
    issue = world.issue()
    world.move(issue, "withdraw", world.cadre, "想清楚了，不属于作风问题")
    assert {n for n, w in people(world).items() if issue in ledger(w)} == {"cadre"}


def test_an_item_withdrawn_after_submission_stays_visible(world: World) -> None:
    issue = brought_to(world, "submit")
    world.move(issue, "withdraw", world.cadre, "记错了")
    assert {n for n, w in people(world).items() if issue in ledger(w)} == SEES_SUBMITTED


def test_who_answers_for_an_item_sees_it(world: World) -> None:
    issue = brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(responsible=world.colleague)
    assert issue in ledger(world.colleague)
    Issue.objects.filter(pk=issue.pk).update(state=State.DRAFT)
    assert issue not in ledger(world.colleague)


def test_late_is_unfinished_and_a_working_day_past_the_date(world: World) -> None:
    late = brought_to(world, "file")
    closed = brought_to(world, "sign_off")
    on_time = brought_to(world, "file")
    friday, saturday, monday = (date(2026, 11, day) for day in (20, 21, 23))
    Issue.objects.filter(pk__in=[late.pk, closed.pk]).update(due_on=friday)
    Issue.objects.filter(pk=on_time.pk).update(due_on=monday)
    assert list(Issue.objects.filter(is_late(saturday))) == []
    assert list(Issue.objects.filter(is_late(monday))) == [late]


def test_items_of_an_area_are_those_of_its_units(world: World) -> None:
    here, there = world.issue(), world.issue(world.stranger_office)
    assert list(Issue.objects.in_area(world.county.path)) == [here]
    assert list(Issue.objects.in_area(world.city.path).order_by("pk")) == [here, there]
    assert list(Issue.objects.in_area(world.township.path)) == []


def test_the_fingerprint_changes_with_text_and_evidence(world: World) -> None:
    issue = brought_to(world, "file")
    plain = content_hash(issue)
    assert content_hash(issue) == plain
    prove(issue, world.cadre)
    assert content_hash(issue) != plain


@pytest.mark.parametrize("number", [1, 3])
def test_the_ledger_page_costs_the_same_for_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        brought_to(world, "submit")
    browser: Client = world.client(world.head)
    with django_assert_num_queries(12):
        answer = browser.get("/issues/")
    assert len(answer.context["page"]) == number
