"""The demo's visits."""

from random import Random
from types import SimpleNamespace

import pytest
from django.db import transaction

from organisation.models import User
from reports.management.demo import words
from reports.management.demo.appeals import build_appeals
from reports.management.demo.register import COPIED, MATTERS, build_visits
from tests.personas import World
from visits.choices import FlagKind, Matter, TargetKind
from visits.entry import text_key
from visits.models import Appeal, TruthFlag, Visit
from visits.services.truth import look_at_visits


@pytest.fixture
def world(db: None) -> World:
    """The people of all tests, instead of those of the exports next door."""
    return World().build()


def made(world: World, seed: int) -> list[tuple[object, ...]]:
    """The visits that a seed makes, in the order of their records, undone at once."""
    with transaction.atomic():
        number = build_visits(world.campaign, [world.cadre], Random(seed), world.today)
        rows = list(
            Visit.objects.order_by("id").values_list("visited_on", "target", "token", "heard")
        )
        transaction.set_rollback(True)
    assert number == len(rows)
    return rows


def test_visits_are_recorded_in_the_order_of_their_days(world: World) -> None:
    world.households(30)
    days = [day for day, *_ in made(world, 1)]
    assert len(set(days)) > 5
    assert days == sorted(days)


def test_the_same_seed_makes_the_same_visits(world: World) -> None:
    world.households(30)
    assert made(world, 1) == made(world, 1) != made(world, 2)


def hints(world: World) -> list[tuple[str, int]]:
    """The kinds of hints that the demo's visits raise, with how many visits each is about."""
    build_visits(world.campaign, [world.cadre], Random(3), world.today)
    look_at_visits()
    return list(TruthFlag.objects.order_by("pk").values_list("kind", "number"))


def test_only_who_copied_gets_a_hint(world: World) -> None:
    world.households(60)
    assert hints(world) == [(FlagKind.SAME_TEXT, COPIED)]
    assert Visit.objects.exclude(heard="").count() > 30


def test_every_appeal_has_the_category_of_its_words(world: World) -> None:
    world.households(300)
    build_visits(world.campaign, [world.cadre], Random(5), world.today)
    User.objects.filter(pk=world.organisation.pk).update(username="zuzhibu")
    cast = SimpleNamespace(
        departments=[world.other_unit],
        heads={world.unit.pk: world.head, world.other_unit.pk: world.other_head},
        office=world.city_office,
    )
    build_appeals(world.campaign, cast)  # type: ignore[arg-type]
    filed = [(each.category, each.content) for each in Appeal.objects.exclude(category="")]
    assert {category for category, _ in filed} >= {Matter.WELFARE, Matter.LABOUR, Matter.UTILITIES}
    assert [category for category, _ in filed] == [MATTERS[content] for _, content in filed]


def test_out_of_few_words_come_many_hints(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control."""
    world.households(60)
    few = lambda kind, theme, random, told: f"家里种五亩玉米，收入稳定，没有困难{theme}"  # noqa: E731
    monkeypatch.setattr(words, "heard", few)
    assert len(hints(world)) > 5


@pytest.mark.parametrize("kind", TargetKind)
def test_no_two_are_told_the_same(kind: TargetKind) -> None:
    told: set[str] = set()
    random = Random(1)
    for number in range(300):
        words.heard(kind, number % words.THEMES, random, told)
    assert len({text_key(text) for text in told}) == 300
    assert not {"{", "}"} & set("".join(told))


def test_when_words_run_out_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    told: set[str] = set()
    for _ in range(3):
        words.heard(TargetKind.VILLAGE, 0, Random(1), told)
    assert len(told) == 3
    monkeypatch.setattr(words, "_filled", lambda part, random: "一样")
    for _ in range(2):
        assert words.heard(TargetKind.VILLAGE, 0, Random(1), told) == "一样，一样。"
