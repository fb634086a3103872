"""issues.filters: the bar above the ledger."""

import pytest

from issues.filters import LedgerFilter
from issues.models import Issue
from issues.queries import ledger
from tests.issues.conftest import brought_to
from tests.personas import World


@pytest.fixture
def items(world: World) -> dict[str, Issue]:
    """The head sees the cadre's item and an own draft."""
    return {
        "late": brought_to(world, "submit", world.issue(title="材料被搁置 9 天")),
        "own": world.issue(world.head, title="会议开得太多"),
    }


def found(world: World, **query: object) -> set[int]:
    """What the head finds, by the bar and its lists."""
    bar = LedgerFilter(query, viewer=world.head, campaign=world.campaign)
    return {issue.pk for each in bar.criteria.lists(world.head) for issue in each.rows}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("搁置", {"late"}),
        ("会议", {"own"}),
        ("甲cadre", {"late"}),
        ("不存在", set()),
        ("", {"late", "own"}),
        ("%", set()),
        ("9" * 30, set()),
        ("W", set()),
    ],
)
def test_words(world: World, items: dict[str, Issue], words: str, expected: set[str]) -> None:
    assert found(world, words=words) == {items[name].pk for name in expected}


def test_a_number_is_found_as_it_is_printed(world: World, items: dict[str, Issue]) -> None:
    number = items["own"].number
    for words in (number, number.lower(), f" {number} ", number.removeprefix("W")):
        assert items["own"].pk in found(world, words=words)


def test_state_and_category(world: World, items: dict[str, Issue]) -> None:
    assert found(world, state="submitted") == {items["late"].pk}
    assert found(world, state="draft", words="会议") == {items["own"].pk}
    assert found(world, category=world.category.pk) == {i.pk for i in items.values()}


def test_what_waits_for_the_reader(world: World, items: dict[str, Issue]) -> None:
    assert found(world, waiting="on") == {i.pk for i in items.values()}
    world.move(items["late"], "confirm", world.head)
    assert found(world, waiting="on") == {items["own"].pk}
    assert found(world, waiting="on", state="confirmed") == set()


def test_nonsense_filters_nothing_and_shows_nothing_more(
    world: World, items: dict[str, Issue]
) -> None:
    seen = {issue.pk for issue in ledger(world.head)}
    assert found(world, state="nonsense", category="x") == seen == {i.pk for i in items.values()}
