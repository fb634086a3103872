"""Times the pages of the roster in a city of 1,500 units; prints the medians as JSON.

Started by bench/run.py in an environment of its own, whose database it fills first.
"""

import json
import os
import sys
from datetime import date

import django

from bench.pages import measure

UNITS = 1500
BELOW = 10  # units of which the first leads the others
BATCH = 2000
SINCE = date(2025, 1, 1)


def main(people: int, rounds: int) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.db import transaction

    from tests.searching import sealed

    with transaction.atomic():
        last = fill(people)
    pages = {
        "roster, city office": ("/people/", "office"),
        "roster, one township": ("/people/", "township"),
        "roster, one unit": ("/people/", "liaison"),
        "in the middle": (f"/people/?after={last // 2}", "office"),
        "by a rare name": (sealed(f"/people/?words=p{people - 7}"), "office"),
        "by unit": (sealed("/people/?unit=单位77"), "office"),
        "by tier": ("/people/?tier=leading", "office"),
        "by power": ("/people/?power=allocates", "township"),
        "by role": ("/people/?role=unit_head", "office"),
        "one person": (f"/people/{last // 2}/", "office"),
        "units, city office": ("/units/", "office"),
        "units, one unit": ("/units/", "liaison"),
    }
    print(json.dumps(measure(pages, rounds)))


def fill(people: int, units_wanted: int = UNITS) -> int:
    """Areas, units, people with posts and rights, three readers; the last person's number."""
    from organisation.choices import AreaLevel, Role
    from organisation.models import Area, Grant, SecurityPolicy, User

    SecurityPolicy.objects.create(second_factor=False)
    city = _area("370000000000", AreaLevel.CITY, None)
    counties = [_area(f"3701{n:02}000000", AreaLevel.COUNTY, city) for n in range(10)]
    towns = [
        _area(f"3701{n % 10:02}{n // 10 + 1:02}0000", AreaLevel.TOWNSHIP, counties[n % 10])
        for n in range(100)
    ]
    units = _units([*counties, *towns], units_wanted)
    _people(people, units)
    last = User.objects.latest("id").pk
    for username, role, over in (
        ("office", Role.OFFICE, {"area": city}),
        ("township", Role.OFFICE, {"area": towns[7]}),
        ("liaison", Role.LIAISON, {"unit": units[BELOW]}),
    ):
        reader = User.objects.create(username=username, name=username, unit=units[0])
        Grant.objects.create(user=reader, role=role, since=SINCE, **over)
    assert Area.objects.count() == 111
    return last


def _area(code: str, level: str, parent: object) -> object:
    from organisation.models import Area
    from organisation.services.tree import place

    return place(Area(code=code, name=f"区划{code[4:8]}", level=level, parent=parent))


def _units(areas: list[object], wanted: int) -> list[object]:
    from organisation.models import Unit

    units = Unit.objects.bulk_create(
        Unit(name=f"单位{n}", kind="department", area=areas[n % len(areas)], path=f"/n{n}/")
        for n in range(wanted)
    )
    for number, unit in enumerate(units):
        unit.parent = units[number - number % BELOW] if number % BELOW else None
        unit.path = f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"
    Unit.objects.bulk_update(units, ["parent", "path"], batch_size=500)
    return units


def _people(number: int, units: list[object]) -> None:
    """Every tenth in a key post, every fiftieth a leader who allocates funds."""
    from organisation.models import Grant, Posting, User

    users = User.objects.bulk_create(
        (User(username=f"p{n}", name=f"人员{n}", password="!", unit=units[n % len(units)])
         for n in range(number)),
        batch_size=BATCH,
    )  # fmt: skip
    Posting.objects.bulk_create(
        (Posting(user=user, unit=user.unit, position="科员", since=SINCE, **_post(n))
         for n, user in enumerate(users)),
        batch_size=BATCH,
    )  # fmt: skip
    Grant.objects.bulk_create(
        (Grant(user=user, unit=user.unit, since=SINCE,
               role="unit_head" if n < len(units) else "cadre")
         for n, user in enumerate(users)),
        batch_size=BATCH,
    )  # fmt: skip


def _post(number: int) -> dict[str, object]:
    if number % 50 == 0:
        return {"tier": "leading", "allocates": True}
    return {"tier": "key_post", "approves": True} if number % 10 == 0 else {}


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
