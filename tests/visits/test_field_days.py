"""How many liars the hints find, and how many honest days they touch."""

from collections import Counter
from datetime import timedelta
from itertools import cycle
from random import Random

import pytest

from organisation.models import Unit, User
from tests.personas import World
from tests.visits.field_days import KINDS, WEIGHTS, Field, honest_day, liar_day, own_words
from visits import services, truth
from visits.choices import FlagKind, TeamSource
from visits.models import Target, TruthFlag, Visit

TEAMS, HONEST, LIARS, DAYS = 12, 4, 3, 8
LEAST_FOUND, MOST_TOUCHED = 0.90, 0.05


def people_of(world: World, number: int) -> list[list[User]]:
    """Teams of one unit each."""
    teams = []
    for team in range(number):
        unit = Unit.objects.create(
            name=f"单位{team}", kind=world.unit.kind, area=world.county, path=""
        )
        Unit.objects.filter(pk=unit.pk).update(path=f"{world.unit.path}{unit.pk}/")
        names = [f"f{team}_{n}" for n in range(HONEST + LIARS)]
        users = [
            User.objects.create(username=name, name=name, password="!", unit=unit) for name in names
        ]
        services.create_team(
            campaign=world.campaign,
            name=f"服务队{team}",
            areas=[world.village],
            members={TeamSource.DEPARTMENT: users},
        )
        teams.append(users)
    return teams


def kinds_of(chance: Random) -> list[str]:
    """How the liars of a team lie; who copies from a sheet does not do so alone."""
    first, second, third = (chance.choices(KINDS, WEIGHTS)[0] for _ in range(LIARS))
    if "sheet" in {first, second, third}:
        return ["sheet", "sheet", third if third != "sheet" else "desk"]
    return [first, second, third]


def lived(world: World, seed: int) -> tuple[dict[int, str], set[tuple[int, object]]]:
    """All days of all people; who lied and how, and the days of the honest."""
    chance = Random(seed)
    Target.objects.all().delete()
    field = Field(chance, world.households(400))
    days = [world.today - timedelta(days=7 + n) for n in range(DAYS)]
    kinds, visits, honest = dict[int, str](), list[Visit](), set[tuple[int, object]]()
    for users in people_of(world, TEAMS):
        sheet = [own_words(chance) for _ in range(200)]  # two of the team copy from it
        lies = kinds_of(chance)
        for place, user in enumerate(users):
            if place < HONEST:
                honest |= {(user.pk, day) for day in days}
                ways = [honest_day] * DAYS
            else:
                kind = kinds[user.pk] = lies[place - HONEST]
                own = cycle([own_words(chance) for _ in range(3)])
                ways = [liar_day(field, kind, iter(sheet) if kind == "sheet" else own)] * DAYS
            for day, way in zip(days, ways, strict=True):
                visits += way(field, user, day)
    Visit.objects.bulk_create(visits, batch_size=50)
    return kinds, honest


def look(kinds: dict[int, str], honest: set[tuple[int, object]]) -> tuple[float, float]:
    """The share of liars with a hint, and of honest days with one; printed by kind."""
    services.look_at_visits()
    links = TruthFlag.visits.through.objects.values_list(
        "visit__author", "visit__visited_on", "truthflag__kind"
    )
    rows = list(links)
    caught = {author for author, _, _ in rows} & set(kinds)
    touched = {(author, day) for author, day, _ in rows} & honest
    by_kind = Counter(kinds.values())
    print(
        "\nliars found", {k: f"{sum(kinds[a] == k for a in caught)}/{by_kind[k]}" for k in by_kind}
    )
    why = Counter(kind for author, day, kind in {*rows} if (author, day) in honest)
    print("honest days touched", f"{len(touched)}/{len(honest)}", dict(why))
    return len(caught) / len(kinds), len(touched) / len(honest)


@pytest.mark.parametrize("seed", [1, 2])
def test_most_liars_are_found_and_few_honest_days_touched(world: World, seed: int) -> None:
    found, touched = look(*lived(world, seed))
    assert found >= LEAST_FOUND
    assert touched <= MOST_TOUCHED


def test_without_the_new_hints_liars_go_unseen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: neither times of entry nor the words of a team are looked at."""
    monkeypatch.setattr(truth, "MOST_ENTERED_AN_HOUR", 10_000)
    monkeypatch.setattr(services.truth, "_by_text_of_several", lambda *_: iter(()))
    found, _ = look(*lived(world, 1))
    assert found < LEAST_FOUND
    assert not TruthFlag.objects.filter(kind=FlagKind.TEAM_TEXT).exists()
