"""Scope: what a grant reaches, from when to when, and what it does not."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from organisation.choices import ADMINISTRATORS, UNIT_ROLES, Role, UnitKind
from organisation.models import Area, Grant, Posting, Unit, User
from organisation.queries import holders_of, posting_of, unit_of
from organisation.scope import scope_of
from organisation.services import create_unit, grant, post
from tests.personas import World


def again(user: User) -> User:
    """The person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def units_of(user: User, *roles: Role) -> set[str]:
    return set(Unit.objects.filter(scope_of(user).units(roles, "")).values_list("name", flat=True))


def areas_of(user: User, *roles: Role) -> set[str]:
    return set(Area.objects.filter(scope_of(user).areas(roles, "")).values_list("name", flat=True))


### Reach


def test_a_grant_on_a_unit_reaches_it_and_what_is_below(world: World) -> None:
    create_unit(name="住建局一科", kind=UnitKind.DEPARTMENT, area=world.county, parent=world.unit)
    assert units_of(world.head, Role.UNIT_HEAD) == {"东阿县住建局", "住建局一科"}
    assert areas_of(world.head, Role.UNIT_HEAD) == set()
    assert not scope_of(world.head).reaches_areas([Role.UNIT_HEAD])


def test_a_grant_on_an_area_reaches_its_areas_and_their_units(world: World) -> None:
    assert areas_of(world.office, Role.OFFICE) == {"东阿县", "刘集镇", "前关村", "后关村"}
    assert units_of(world.office, Role.OFFICE) == {
        "东阿县住建局",
        "东阿县民政局",
        "东阿县作风办",
        "东阿县纪委监委",
    }
    assert scope_of(world.office).reaches_areas([Role.OFFICE])


def test_only_the_roles_asked_for_count(world: World) -> None:
    scope = scope_of(world.office)
    assert units_of(world.office, Role.DISCIPLINE, Role.LEADER) == set()
    assert (scope.has(Role.OFFICE), scope.has(Role.DISCIPLINE)) == (True, False)
    assert not scope.covers_unit(world.unit, Role.DISCIPLINE)


def test_answers_about_one_object_agree_with_the_filters(world: World) -> None:
    """Two ways to ask the same: for every person, role and object they answer alike."""
    units, areas = list(Unit.objects.select_related("area")), list(Area.objects.all())
    for user in User.objects.all():
        scope = scope_of(user)
        for role in Role:
            named = {unit.name for unit in units if scope.covers_unit(unit, role)}
            assert named == units_of(user, role)
            reached = {area.name for area in areas if scope.covers_area(area, role)}
            assert reached == areas_of(user, role)


def test_a_path_is_not_taken_for_a_longer_number(world: World) -> None:
    """/1/ must not reach /12/: ids are closed by a slash."""
    for user in User.objects.all():
        for held in scope_of(user).held:
            assert (held.unit_path or held.area_path).endswith("/")
    assert not Area(path="/12/").is_under("/1/")


def test_another_county_is_out_of_reach(world: World) -> None:
    scope = scope_of(world.stranger_office)
    assert scope.covers_unit(world.far_unit, Role.OFFICE)
    assert not scope.covers_unit(world.unit, Role.OFFICE)
    assert not scope.covers_area(world.village, Role.OFFICE)


### Time


@pytest.mark.parametrize(
    ("since", "until", "in_force"),
    [
        (0, None, True),
        (0, 0, True),
        (-5, 0, True),
        (-5, -1, False),
        (1, None, False),
        (1, 5, False),
        (-5, 5, True),
    ],
)
def test_a_grant_holds_from_its_first_to_its_last_day(
    world: World, since: int, until: int | None, in_force: bool
) -> None:
    made = grant(
        user=world.cadre,
        role=Role.LIAISON,
        since=world.today + timedelta(days=since),
        unit=world.unit,
    )
    if until is not None:
        Grant.objects.filter(pk=made.pk).update(until=world.today + timedelta(days=until))
    assert scope_of(again(world.cadre)).has(Role.LIAISON) is in_force


def test_an_ended_grant_is_gone_on_the_next_request(world: World) -> None:
    client = world.client(world.office)
    assert client.get("/rounds/").status_code == 200
    Grant.objects.filter(user=world.office).update(until=world.today - timedelta(days=1))
    assert client.get("/rounds/").status_code == 403


def test_a_disabled_person_has_no_rights_left(world: World) -> None:
    client = world.client(world.office)
    User.objects.filter(pk=world.office.pk).update(is_active=False)
    assert scope_of(again(world.office)).held == ()
    response = client.get("/rounds/")
    assert (response.status_code, response["Location"]) == (302, "/login/?next=/rounds/")


def test_one_query_per_request(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = again(world.office)
    with django_assert_num_queries(1):
        assert scope_of(user) is scope_of(user)


### Taking part


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
def test_administrators_take_no_part(world: World, role: Role) -> None:
    user = world.person(f"only_{role}", world.unit, role, area=world.county)
    assert not scope_of(user).takes_part


@pytest.mark.parametrize("role", sorted(set(Role) - ADMINISTRATORS))
def test_everybody_else_does(world: World, role: Role) -> None:
    over = {"unit": world.unit} if role in UNIT_ROLES else {"area": world.county}
    user = world.person(f"only_{role}", world.unit, role, **over)
    assert scope_of(user).takes_part


def test_without_a_grant_nobody_takes_part(world: World) -> None:
    nobody = User.objects.create(username="nobody", name="甲")
    assert (scope_of(nobody).takes_part, units_of(nobody, *Role)) == (False, set())


### Postings


def test_a_transfer_ends_one_posting_and_begins_another(world: World) -> None:
    Posting.objects.filter(user=world.cadre).update(until=world.today - timedelta(days=1))
    assert unit_of(world.cadre) is None
    post(user=world.cadre, unit=world.other_unit, position="科长", since=world.today)
    posting = posting_of(world.cadre)
    assert posting is not None
    assert (posting.unit, posting.position) == (world.other_unit, "科长")
    history = Posting.objects.filter(user=world.cadre).order_by("since")
    assert [row.unit for row in history] == [world.unit, world.other_unit]


def test_a_posting_of_the_future_is_not_yet_one(world: World) -> None:
    Posting.objects.filter(user=world.cadre).update(since=world.today + timedelta(days=1))
    assert posting_of(world.cadre) is None


### Holders


def names(users: list[User]) -> list[str]:
    return [user.username for user in users]


def test_holders_are_found_above_the_unit_in_both_trees(world: World) -> None:
    child = create_unit(
        name="住建局一科", kind=UnitKind.DEPARTMENT, area=world.township, parent=world.unit
    )
    assert names(holders_of(Role.UNIT_HEAD, unit=child)) == ["head"]
    assert names(holders_of(Role.OFFICE, unit=child)) == ["office", "city_office"]
    assert names(holders_of(Role.LEADER, unit=child)) == ["leader", "city_leader"]
    assert names(holders_of(Role.OFFICE, unit=world.far_unit)) == ["city_office", "stranger_office"]


def test_holders_are_those_whose_scope_covers_the_unit(world: World) -> None:
    for unit in Unit.objects.select_related("area"):
        for role in Role:
            people = User.objects.order_by("id")
            expected = [user for user in people if scope_of(user).covers_unit(unit, role)]
            assert holders_of(role, unit=unit) == expected


def test_holders_are_active_named_once_and_in_time(world: World) -> None:
    yesterday = world.today - timedelta(days=1)
    Grant.objects.create(user=world.head, role=Role.UNIT_HEAD, since=yesterday, area=world.county)
    assert names(holders_of(Role.UNIT_HEAD, unit=world.unit)) == ["head"]
    Grant.objects.filter(user=world.head).update(until=yesterday)
    assert holders_of(Role.UNIT_HEAD, unit=world.unit) == []
    User.objects.filter(pk=world.office.pk).update(is_active=False)
    assert names(holders_of(Role.OFFICE, unit=world.unit)) == ["city_office"]
