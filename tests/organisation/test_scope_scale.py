"""Who sees whom in a large city: one indexed condition, however many units there are."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet

from organisation.choices import Role, UnitKind
from organisation.models import Area, Grant, Unit, User
from organisation.queries.people import Criteria, roster
from tests.personas import World

pytestmark = pytest.mark.django_db
UNITS, PEOPLE = 300, 3000
DEPARTMENTS = 30  # each with nine sections below it


def fill(area: Area) -> list[Unit]:
    """Many units and people, written in bulk; the departments first."""
    units = Unit.objects.bulk_create(
        Unit(name=f"单位{n}", kind=UnitKind.DEPARTMENT, area=area, path=f"/new{n}/")
        for n in range(UNITS)
    )
    for number, unit in enumerate(units):
        unit.parent = units[number % DEPARTMENTS] if number >= DEPARTMENTS else None
        unit.path = f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"
    Unit.objects.bulk_update(units, ["parent", "path"], batch_size=100)
    User.objects.bulk_create(
        User(username=f"p{n}", name=f"人员{n}", password="!", unit=units[n % UNITS])
        for n in range(PEOPLE)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the database itself does after a while
    return units


@pytest.fixture
def city(world: World) -> World:
    world.units = fill(world.county)
    department = world.units[0]
    Grant.objects.create(
        user=world.liaison,
        role=Role.LIAISON,
        unit=department,
        since=world.today - timedelta(days=1),
    )
    return world


def plan(queryset: QuerySet) -> str:
    """The plan for every row, since a page alone may stop early.

    So few rows PostgreSQL would read one by one if it might: what is asked here is whether
    an index answers, as it does for a hundred thousand.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    return queryset.order_by().explain()


def scans_people(text: str) -> bool:
    """Whether the plan reads the people row by row."""
    return "SCAN organisation_user" in text or "Seq Scan on organisation_user" in text


def test_a_liaison_sees_the_subtree_of_many(city: World) -> None:
    own = 5 + PEOPLE // DEPARTMENTS  # of the own unit, and of the department with its sections
    assert User.objects.visible_to(city.liaison).count() == own
    assert User.objects.visible_to(city.office).count() == User.objects.count() - 1
    assert Unit.objects.visible_to(city.liaison).count() == 1 + UNITS // DEPARTMENTS


@pytest.mark.parametrize("name", ["liaison", "office", "stranger_office"])
def test_seeing_people_is_one_condition_on_the_unit(city: World, name: str) -> None:
    viewer = getattr(city, name)
    sql = str(User.objects.visible_to(viewer).query)
    assert sql.count('"organisation_user"."unit_id" IN (SELECT') == 1
    where = sql.split(" WHERE ", 1)[1]
    assert (where.count("JOIN"), where.count("organisation_user")) == (name != "liaison", 1)


@pytest.mark.parametrize("name", ["liaison", "stranger_office"])
def test_the_condition_is_answered_by_indexes(city: World, name: str) -> None:
    found = plan(User.objects.visible_to(getattr(city, name)))
    assert not scans_people(found), found


def test_the_check_of_plans_sees_a_scan(city: World) -> None:
    found = plan(User.objects.filter(name__contains="人员1"))
    assert scans_people(found), found


def test_a_filter_adds_to_the_condition_and_never_widens_it(city: World) -> None:
    for criteria in (Criteria(words="人员1"), Criteria(unit="单位1"), Criteria(role="cadre")):
        found = set(roster(city.liaison, criteria).values_list("pk", flat=True))
        assert found <= set(User.objects.visible_to(city.liaison).values_list("pk", flat=True))


def test_whom_one_sees_is_whom_ones_grants_cover(city: World) -> None:
    """Against the slow and obvious way: each person's unit beside each grant."""
    people = list(User.objects.select_related("unit__area"))
    grants = Grant.objects.filter(user=city.liaison).select_related("unit")
    expected = {
        person.pk
        for person in people
        if any(person.unit.path.startswith(grant.unit.path) for grant in grants)
    }
    assert set(User.objects.visible_to(city.liaison).values_list("pk", flat=True)) == expected
