"""issues.queries.criteria: what the ledger finds, and in which order, page by page."""

import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db.models import F, Q
from django.test import RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from core.lights import Light
from core.paging import NEWEST, Order, page_of, page_of_all
from issues.choices import Level, Source, State
from issues.models import Disclosure, Issue
from issues.queries import Criteria, ledger, reach, waiting_for
from issues.queries.criteria import GROUPS, ORDERS, light_is
from organisation.models import User
from tests.issues.conftest import brought_to, put_in
from tests.issues.test_queries import every_kind_of_item, everybody
from tests.personas import World


def pages(lists: Callable[[], list], between: Callable[[], object] = lambda: None) -> list[int]:
    """All rows, page by page; ``between`` runs after each page."""
    seen: list[int] = []
    query = ""
    for _ in range(200):
        page = page_of_all(lists(), RequestFactory().get(f"/issues/{query}"))
        seen += [row.pk for row in page]
        if not page.following:
            return seen
        query = page.following
        between()
    raise AssertionError("the pages do not end")


def found(viewer: User, **asked: str) -> set[int]:
    return {issue.pk for each in Criteria(**asked).lists(viewer) for issue in each.rows}


@pytest.fixture
def many(world: World) -> list[Issue]:
    """Items of three units, some due the same day, two drafts without a deadline."""
    authors = (world.cadre, world.head, world.other_head)
    made = [
        world.issue(authors[n % 3], due_on=world.today + timedelta(days=n % 4)) for n in range(11)
    ]
    for issue in made:
        put_in(issue, State.SUBMITTED, world.discipline)
    return [*made, *(world.issue(world.office, due_on=None) for _ in range(2))]


@pytest.mark.parametrize("sort", ["", *ORDERS])
def test_the_pages_joined_are_the_whole_list(
    world: World, many: list[Issue], settings: Settings, sort: str
) -> None:
    settings.PAGE_SIZE = 3
    seen = pages(lambda: Criteria(sort=sort).lists(world.office))
    assert len(seen) == len(set(seen)) == 13
    expected = {
        "": ["-id"],
        "newest": ["-id"],
        "due": [F("due_on").asc(nulls_last=True), "id"],
        "unit": ["unit_id", "id"],
    }[sort]
    assert seen == list(Issue.objects.order_by(*expected).values_list("pk", flat=True))


@pytest.mark.parametrize("sort", list(ORDERS))
def test_rows_that_come_meanwhile_shift_none(
    world: World, many: list[Issue], settings: Settings, sort: str
) -> None:
    settings.PAGE_SIZE = 2
    chance = random.Random(5)

    def add() -> None:
        day = world.today + timedelta(days=chance.randrange(5))
        put_in(world.issue(world.cadre, due_on=day), State.SUBMITTED, world.discipline)

    seen = pages(lambda: Criteria(sort=sort).lists(world.office), add)
    assert len(seen) == len(set(seen))
    assert {issue.pk for issue in many} <= set(seen)


def test_ordered_by_the_column_alone_rows_would_be_lost(
    world: World, many: list[Issue], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control switched off: of those due on the same day as the last one, none follows."""
    settings.PAGE_SIZE = 2

    def beyond(self: Order, rows: object, value: str, last: int | None) -> object:
        kept = Issue.objects.filter(due_on__isnull=False)
        return (kept.filter(due_on__gt=value) if value else kept).order_by("due_on", "id")

    monkeypatch.setattr(Order, "_valued", beyond)
    assert len(pages(lambda: Criteria(sort="due").lists(world.office))) < 13


@pytest.mark.parametrize("after", ["x", "1~x", "no day~5", "2026-01-01~", "~~", "a~b~3"])
@pytest.mark.parametrize("sort", ["due", "unit"])
def test_a_position_that_is_none_is_refused(world: World, sort: str, after: str) -> None:
    request = RequestFactory().get("/issues/", {"after": after})
    with pytest.raises(SuspiciousOperation):
        page_of(Issue.objects.all(), request, ORDERS[sort])


def test_a_position_of_another_order_is_refused(world: World) -> None:
    request = RequestFactory().get("/issues/", {"after": "2026-01-01~5"})
    with pytest.raises(SuspiciousOperation):
        page_of(Issue.objects.all(), request, NEWEST)


def test_what_is_near_is_what_is_visible(world: World) -> None:
    """The hint to the database narrows nothing, whoever reads."""
    persons = everybody(world)
    every_kind_of_item(world)
    for name, person in persons.items():
        visible = set(Issue.objects.visible_to(person).values_list("pk", flat=True))
        assert {issue.pk for issue in ledger(person)} == visible, name
        assert found(person) == visible, name


def test_a_hint_that_narrows_would_be_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    brought_to(world, "submit")
    monkeypatch.setattr("issues.queries.criteria.near_to", lambda viewer: Q(author=viewer))
    assert not ledger(world.head).exists()


def test_the_queue_is_what_waits(world: World, settings: Settings) -> None:
    settings.PAGE_SIZE = 7
    persons = everybody(world)
    every_kind_of_item(world)
    for name, person in persons.items():
        seen = pages(lambda who=person: Criteria(waiting="on").lists(who))
        assert len(seen) == len(set(seen)), name
        whole = {issue.pk: issue.due_on for issue in waiting_for(person)}
        assert set(seen) == set(whole), name
        assert [whole[key] for key in seen] == sorted(whole.values()), name


def test_few_and_many_units_find_the_same(
    world: World, many: list[Issue], monkeypatch: pytest.MonkeyPatch
) -> None:
    few = [found(who) for who in (world.head, world.cadre, world.office)]
    by_unit = found(world.office, unit="住建局")
    monkeypatch.setattr(reach, "FEW", 0)
    monkeypatch.setattr("issues.queries.criteria.FEW", 0)
    assert [found(who) for who in (world.head, world.cadre, world.office)] == few
    assert found(world.office, unit="住建局") == by_unit != set()


@pytest.mark.parametrize("light", list(Light))
def test_a_lamp_asked_for_is_the_lamp_shown(world: World, light: Light) -> None:
    for state in State:
        for days in (-9, -1, 0, 1, 3, 9):
            issue = world.issue(due_on=world.today + timedelta(days=days))
            put_in(issue, state, world.discipline)
    lit = Issue.objects.with_lights(world.today).filter(light=light)
    asked = Issue.objects.filter(light_is(light, world.today))
    assert set(asked.values_list("pk", flat=True)) == set(lit.values_list("pk", flat=True)) != set()


@pytest.mark.parametrize("group", list(GROUPS))
def test_a_group_of_states(world: World, group: str) -> None:
    for state in State:
        put_in(world.issue(), state, world.discipline)
    states = Issue.objects.filter(pk__in=found(world.cadre, state=group)).values_list("state")
    assert {state for (state,) in states} == set(GROUPS[group][1])
    assert found(world.office, state=group) == found(world.cadre, state=group)


def test_each_condition_narrows(world: World) -> None:
    issue = brought_to(world, "submit", world.issue(source=Source.TELEVISION))
    other = brought_to(world, "submit", world.issue(world.head, due_on=world.today))
    Disclosure.objects.create(issue=other, person=world.head)
    Issue.objects.filter(pk=other.pk).update(
        level=Level.UNIT, unit=world.other_unit, relapse_count=1, extension_count=2
    )
    due = str(issue.due_on)
    one, two = {issue.pk}, {other.pk}
    for asked, expected in (
        ({"source": "television"}, one),
        ({"level": "unit"}, two),
        ({"level": "personal"}, one),
        ({"relapsed": "on"}, two),
        ({"extended": "on"}, two),
        ({"disclosed": "on"}, two),
        ({"unit": "民政"}, two),
        ({"unit": "没有这个单位"}, set()),
        ({"due_from": due}, one),
        ({"due_to": str(world.today)}, two),
        ({"category": str(world.category.pk)}, one | two),
        ({"category": "x"}, set()),
        ({"campaign": str(world.campaign.pk)}, one | two),
        ({"campaign": "0"}, set()),
        ({"campaign": "all"}, one | two),
        ({"words": issue.number}, one),
        ({"state": "nonsense"}, set()),
        ({"light": "nonsense"}, set()),
        ({"due_from": "nonsense", "due_to": "2026-02-31"}, one | two),
    ):
        assert found(world.office, **asked) == expected, asked


def test_what_is_asked_survives_being_kept() -> None:
    asked = Criteria(words="张三", state="under_way", sort="due")
    assert Criteria.read(asked.written | {"owner": "7", "pk__gt": "0"}) == asked
    assert asked.narrowing == {"words": "张三", "state": "under_way"}


@pytest.mark.parametrize(("name", "lists"), [("cadre", 2), ("head", 4), ("office", 5)])
def test_a_queue_is_one_query_for_each_step(
    world: World, name: str, lists: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = Criteria(waiting="on").lists(getattr(world, name))
    with django_assert_num_queries(lists + 1):  # own ones may lack a deadline
        page_of_all(found, RequestFactory().get("/issues/"))


@pytest.fixture
def wide(many: list[Issue], monkeypatch: pytest.MonkeyPatch) -> list[Issue]:
    """The same, where the reader's units are taken to have more items than can be sorted."""
    monkeypatch.setattr(reach, "FEW_ITEMS", 0)
    return many


@pytest.mark.parametrize("sort", list(ORDERS))
def test_a_page_looks_through_a_span_and_goes_on(
    world: World, wide: list[Issue], settings: Settings, sort: str
) -> None:
    """Whatever its length, the pages joined are the whole list in its order."""
    asked = {"campaign": str(world.campaign.pk), "level": "personal", "sort": sort}
    whole = pages(lambda: Criteria(**asked).lists(world.office))
    settings.PAGE_SIZE = 3
    for settings.PAGE_SPAN in (1, 2, 3, 5, 50):
        assert pages(lambda: Criteria(**asked).lists(world.office)) == whole
    assert len(whole) == 13


@pytest.mark.parametrize("sort", list(ORDERS))
def test_several_lists_are_looked_through_together(
    world: World, wide: list[Issue], settings: Settings, sort: str
) -> None:
    for number, issue in enumerate(wide[:11]):
        put_in(issue, sorted(GROUPS["under_way"][1])[number % 4], world.discipline)
    asked = {"campaign": str(world.campaign.pk), "state": "under_way", "level": "personal"}
    asked["sort"] = sort
    whole = pages(lambda: Criteria(**asked).lists(world.office))
    settings.PAGE_SIZE = 2
    for settings.PAGE_SPAN in (1, 2, 4):
        assert pages(lambda: Criteria(**asked).lists(world.office)) == whole
    assert len(whole) == 11


def test_a_page_reads_no_more_than_its_span(
    world: World, wide: list[Issue], settings: Settings
) -> None:
    settings.PAGE_SPAN = 4
    asked = Criteria(campaign=str(world.campaign.pk), words="没有这几个字")
    (listed,) = asked.lists(world.office)
    assert listed.within is not None
    page = page_of_all([listed], RequestFactory().get("/issues/"))
    assert (page.rows, page.is_partial) == ([], True)
    position = sorted(Issue.objects.values_list("pk", flat=True), reverse=True)[3]
    assert page.following == f"?after={position}"


def test_what_an_index_knows_is_not_cut(world: World, wide: list[Issue]) -> None:
    for asked in ({}, {"state": "submitted"}, {"sort": "due", "light": "red"}, {"relapsed": "on"}):
        lists = Criteria(campaign=str(world.campaign.pk), **asked).lists(world.office)
        assert {each.within for each in lists} == {None}, asked


def test_the_rest_of_a_search_comes_by_itself(
    world: World, wide: list[Issue], settings: Settings
) -> None:
    settings.PAGE_SPAN = 4
    page = world.client(world.office).get("/issues/?level=unit")
    (further,) = re.findall(r'hx-get="([^"]+)" hx-trigger="revealed"', page.text)
    assert "还在往前找" in page.text
    assert f'href="{further}"' in page.text
