"""`python -m bench.city`: the registers and visits of a whole city, the same for the same seed.

Fills the database of the environment, which must be migrated and empty: areas down to the
villages, a team over each township, the three registers, visits with every outcome, the
counters by a recount, some days of the trend. The full size is the default: 2,000,000
households, 200,000 enterprises, 6,500 villages, 5,000,000 visits.
"""

import argparse
import os
import random
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from typing import Any

import django

COUNTIES = 8
VILLAGES_OF_A_TOWNSHIP = 50
AT_ONCE = 10_000  # targets in one transaction, with their visits
BATCH = 2_000
DAYS = 10
NOT_YET = 0.25  # of the register that nobody has been to
AUTHORS = 200
RANK = {"absent": 1, "refused": 2, "empty": 3, "gone": 4, "visited": 5}
OUTCOMES = {
    "enterprise": (("effective", "absent", "refused", "gone"), (85, 7, 3, 5)),
    "village": (("effective", "absent"), (98, 2)),
    "household": (("effective", "absent", "refused", "empty"), (80, 13, 4, 3)),
}
WAYS = ("home", "meeting", "appointment", "off_hours")


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    households: int = 2_000_000
    enterprises: int = 200_000
    villages: int = 6_500
    visits: int = 5_000_000
    seed: int = 1

    @classmethod
    def of(cls, households: int) -> "Size":
        """A city of so many households in the proportions of the full one, and on its areas.

        So a page shows as many rows as it does of the full one.
        """
        part = households / cls.households
        return cls(
            households,
            max(int(cls.enterprises * part), 20),
            cls.villages,
            int(cls.visits * part),
        )


def filled(households: int) -> dict[str, float]:
    """A city of so many households, filled once for all scenarios that are kept together."""
    from bench.filling import filled_once

    return filled_once(lambda: fill(Size.of(households)), "city")


def fill(size: Size) -> dict[str, float]:
    """Fill the database; how many seconds each part took."""
    from core import audit
    from visits.services import keep_days, recount_coverage

    seconds, start = {}, time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        seconds[name], start = time.perf_counter() - start, time.perf_counter()

    with audit.atomic():
        campaign, villages, authors = _ground(size)
    lap("areas, s")
    _registers(size, campaign, villages, authors)
    lap("registers and visits, s")
    recount_coverage(campaign=campaign)
    lap("recount, s")
    today = _today()
    for ago in range(DAYS, 0, -1):
        keep_days(today - timedelta(days=ago))
    lap(f"{DAYS} days of the trend, s")
    return seconds


def _ground(size: Size) -> tuple[Any, list[Any], list[int]]:
    """The areas, the campaign, the people; returns the villages and the visitors' keys."""
    from campaign.services import create_campaign
    from organisation.choices import Role, UnitKind
    from organisation.models import Grant, SecurityPolicy, User
    from organisation.services import create_unit
    from tests.stages import four_stages

    SecurityPolicy.objects.create(second_factor=False)
    city, townships, villages = _areas(size)
    today = _today()
    campaign = create_campaign(
        name="三遍访",
        area=city,
        organiser="市作风办",
        stages=four_stages(today - timedelta(60), today + timedelta(60)),
        lists=[],
    )
    unit = create_unit(name="市直机关", kind=UnitKind.DEPARTMENT, area=city)
    authors = User.objects.bulk_create(
        User(username=f"v{n}", name=f"队员{n}", password="!", unit=unit) for n in range(AUTHORS)
    )
    for name, role, area in (
        ("office", Role.OFFICE, city),
        ("township", Role.OFFICE, townships[0]),
        ("discipline", Role.DISCIPLINE, city),
    ):
        reader = User.objects.create(username=name, name=name, password="!", unit=unit)
        Grant.objects.create(user=reader, role=role, since=today, area=area)
    return campaign, villages, [author.pk for author in authors]


def _areas(size: Size) -> tuple[Any, list[Any], list[Any]]:
    """The city, its townships, its villages; half of the townships are urban."""
    from organisation.choices import AreaLevel
    from organisation.models import Area
    from organisation.services.tree import place

    def placed(code: str, level: str, parent: Any, settlement: str = "") -> Any:
        name = f"区划{code.rstrip('0')[4:]}"
        made = Area(code=code, name=name, level=level, parent=parent, settlement=settlement)
        return place(made)

    city = placed("370100000000", AreaLevel.CITY, None)
    counties = [placed(f"3701{n:02}000000", AreaLevel.COUNTY, city) for n in range(1, COUNTIES + 1)]
    number = max(-(-size.villages // VILLAGES_OF_A_TOWNSHIP), COUNTIES)
    townships = [
        placed(f"{county.code[:6]}{n + 1:03}000", AreaLevel.TOWNSHIP, county)
        for n, county in zip(range(number), cycle(counties), strict=False)
    ]
    villages = [
        placed(
            f"{townships[n % number].code[:9]}{n // number + 1:03}",
            AreaLevel.VILLAGE,
            townships[n % number],
            "111" if n % number % 2 else "220",
        )
        for n in range(size.villages)
    ]
    return city, townships, villages


def _registers(size: Size, campaign: Any, villages: list[Any], authors: list[int]) -> None:
    from core import audit
    from visits.models import Target, Visit

    chance = random.Random(size.seed)
    whole = size.households + size.enterprises + size.villages
    visits_of_one = size.visits / (whole * (1 - NOT_YET))
    made = _targets(size, campaign, villages, chance)
    for start in range(0, whole, AT_ONCE):
        with audit.atomic():
            some, outcomes = [], []
            for _ in range(min(AT_ONCE, whole - start)):
                values = next(made)
                found = _outcomes(values["kind"], visits_of_one, chance)
                some.append(Target(**values, **_after(found)))
                outcomes.append(found)
            Target.objects.bulk_create(some, batch_size=BATCH)
            Visit.objects.bulk_create(
                _visits(some, outcomes, campaign, authors, chance), batch_size=BATCH
            )


def _targets(
    size: Size, campaign: Any, villages: list[Any], chance: random.Random
) -> Iterator[dict[str, Any]]:
    """Columns of every target, village by village in turn."""
    for village in villages:
        yield _entry(campaign, "village", village.code, village.name, village)
    for n in range(size.households):
        village = villages[n % len(villages)]
        code = f"{village.code}{n // len(villages) + 1:05}"
        yield _entry(campaign, "household", code, f"户主{n}", village)
    for n in range(size.enterprises):
        village = villages[chance.randrange(len(villages))]
        scale = {
            "above_scale": chance.random() < 0.03,
            "industrial": chance.random() < 0.3,
            "size": chance.choices(("large", "medium", "small", "micro"), (1, 4, 25, 70))[0],
            "status": "normal",
        }
        yield _entry(campaign, "enterprise", f"91{n:016}", f"企业{n}", village) | scale


def _entry(campaign: Any, kind: str, code: str, name: str, village: Any) -> dict[str, Any]:
    locality = {"1": "urban", "2": "rural"}.get(village.settlement[:1], "")
    return {
        "campaign": campaign,
        "kind": kind,
        "code": code,
        "name": name,
        "area": village,
        "locality": locality,
    }


def _outcomes(kind: str, number: float, chance: random.Random) -> list[str]:
    if chance.random() < NOT_YET:
        return []
    times = int(number) + (chance.random() < number % 1)
    known, weights = OUTCOMES[kind]
    return chance.choices(known, weights, k=max(times, 1))


def _after(outcomes: list[str]) -> dict[str, Any]:
    """The state that the outcomes give, as ``visits.coverage`` ranks them."""
    if not outcomes:
        return {}
    states = ["visited" if each == "effective" else each for each in outcomes]
    return {"state": max(states, key=RANK.__getitem__), "last_visited_on": _today()}


def _visits(
    targets: list[Any],
    outcomes: list[list[str]],
    campaign: Any,
    authors: list[int],
    chance: random.Random,
) -> Iterator[Any]:
    from django.utils import timezone

    from visits.models import Visit

    now = timezone.now()
    for target, found in zip(targets, outcomes, strict=True):
        for ago, outcome in enumerate(reversed(found)):
            yield Visit(
                token=uuid.UUID(int=chance.getrandbits(128)),
                target=target,
                author_id=chance.choice(authors),
                visited_on=now.date() - timedelta(days=ago * 7),
                way=WAYS[ago % len(WAYS)],
                outcome=outcome,
                received_at=now - timedelta(days=ago * 7),
            )


def _today() -> date:
    from django.utils import timezone

    return timezone.localdate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name, value in vars(Size()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    for part, seconds in fill(Size(**vars(parser.parse_args()))).items():
        print(f"{part:28}{seconds:10.1f}")


if __name__ == "__main__":
    main()
