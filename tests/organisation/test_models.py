"""What the database itself refuses, whoever writes."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from organisation.choices import AreaLevel, Role, UnitKind
from organisation.models import Area, Grant, Posting, Unit, User
from tests.personas import World

Write = Callable[[World], models.Model]


def new_grant(world: World, **changes: object) -> Grant:
    values = {"user": world.cadre, "role": Role.LIAISON, "unit": world.unit, "since": world.today}
    return Grant(**(values | changes))


def new_posting(world: World, **changes: object) -> Posting:
    values = {
        "user": world.cadre,
        "unit": world.unit,
        "position": "科员",
        "since": world.today - timedelta(days=900),
        "until": world.today - timedelta(days=800),
    }
    return Posting(**(values | changes))


def new_area(world: World, **changes: object) -> Area:
    values = {
        "code": "371524100203",
        "name": "东关村",
        "level": AreaLevel.VILLAGE,
        "parent": world.township,
        "path": "/0/",
    }
    return Area(**(values | changes))


def new_unit(world: World, **changes: object) -> Unit:
    values = {"name": "新局", "kind": UnitKind.DEPARTMENT, "area": world.county, "path": "/0/"}
    return Unit(**(values | changes))


REFUSED: dict[str, Write] = {
    "grant on unit and area": lambda w: new_grant(w, area=w.county),
    "grant on neither": lambda w: new_grant(w, unit=None),
    "grant of an unknown role": lambda w: new_grant(w, role="superuser"),
    "grant that ends before it begins": lambda w: new_grant(w, until=w.today - timedelta(days=1)),
    "second open posting": lambda w: new_posting(w, until=None),
    "posting that ends before it begins": lambda w: new_posting(w, since=w.today),
    "area of an unknown level": lambda w: new_area(w, level="province"),
    "area without a parent": lambda w: new_area(w, parent=None),
    "area code a second time": lambda w: new_area(w, code=w.village.code),
    "unit of an unknown kind": lambda w: new_unit(w, kind="company"),
    "unit name a second time": lambda w: new_unit(w, name=w.unit.name),
    "user name a second time": lambda w: User(username="cadre", name="乙"),
    "user name in another case": lambda w: User(username="CadRe", name="乙"),
}
TAKEN: dict[str, Write] = {
    "grant on a unit": new_grant,
    "grant on an area": lambda w: new_grant(w, unit=None, area=w.county),
    "grant of one day": lambda w: new_grant(w, until=w.today),
    "earlier posting": new_posting,
    "village": new_area,
    "second city": lambda w: new_area(w, level=AreaLevel.CITY, parent=None),
    "unit": new_unit,
    "user name that begins alike": lambda w: User(username="Cadre2", name="乙"),
}


@pytest.mark.parametrize("write", REFUSED.values(), ids=REFUSED.keys())
def test_refused(world: World, write: Write) -> None:
    row = write(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


@pytest.mark.parametrize("write", TAKEN.values(), ids=TAKEN.keys())
def test_taken(world: World, write: Write) -> None:
    """The neighbours of what is refused: each differs in one value."""
    row = write(world)
    row.save()
    assert row.pk is not None


def test_people_units_and_areas_with_a_history_stay(world: World) -> None:
    for row in (world.cadre, world.unit, world.county):
        with pytest.raises(ProtectedError):
            row.delete()


def test_there_is_no_superuser() -> None:
    names = {field.name for field in User._meta.get_fields()}
    assert names.isdisjoint({"is_superuser", "is_staff", "user_permissions", "groups"})
