"""Units: made, renamed, moved with what is below, closed; and their pages."""

from collections.abc import Callable
from datetime import timedelta
from time import sleep
from unittest.mock import patch

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from core.models import AuditEntry
from organisation import rules
from organisation.choices import Role, UnitKind
from organisation.models import Unit, User
from organisation.services import (
    Refused,
    change_unit,
    close_unit,
    create_unit,
    create_user,
    move_unit,
    post,
    retire,
    units,
)
from tests.personas import World
from tests.searching import sealed
from tests.threads import shared_database, together

__all__ = ["shared_database"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(world: World) -> dict[str, Unit]:
    """局 > 一科 > 一组, and 二科 beside."""
    make = {"kind": UnitKind.DEPARTMENT, "area": world.county}
    top = create_unit(name="局", **make)
    first = create_unit(name="一科", parent=top, **make)
    group = create_unit(name="一组", parent=first, **make)
    second = create_unit(name="二科", parent=top, **make)
    return {"top": top, "first": first, "group": group, "second": second}


def paths() -> dict[str, str]:
    """Each unit's path in names."""
    names = {str(unit.pk): unit.name for unit in Unit.objects.all()}
    return {
        unit.name: "/".join(names[key] for key in unit.path.strip("/").split("/"))
        for unit in Unit.objects.all()
    }


def refusal(act: Callable[[], object]) -> str:
    before = list(Unit.objects.order_by("pk").values())
    with pytest.raises(Refused) as caught:
        act()
    assert list(Unit.objects.order_by("pk").values()) == before
    return str(caught.value)


### Services


def test_a_new_unit_stands_under_its_parent_and_is_audited(world: World) -> None:
    unit = create_unit(
        name="住建局一科",
        code="A01",
        kind=UnitKind.DEPARTMENT,
        area=world.township,
        parent=world.unit,
        actor=world.office,
    )
    assert unit.path == f"{world.unit.path}{unit.pk}/"
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.actor, entry.subject) == (
        "organisation.create_unit",
        world.office,
        f"organisation.Unit:{unit.pk}",
    )


def test_a_move_takes_the_whole_subtree_along(world: World, tree: dict[str, Unit]) -> None:
    move_unit(unit=tree["first"], parent=tree["second"], actor=world.office)
    assert (paths()["一科"], paths()["一组"]) == ("局/二科/一科", "局/二科/一科/一组")
    assert (paths()["局"], paths()["二科"]) == ("局", "局/二科")
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.detail) == (
        "organisation.move_unit",
        {"parent": [tree["top"].pk, tree["second"].pk], "units": 2},
    )
    move_unit(unit=tree["first"], parent=None, actor=world.office)
    assert paths()["一组"] == "一科/一组"


def test_the_paths_of_a_subtree_are_rewritten_by_one_statement(
    world: World, tree: dict[str, Unit]
) -> None:
    for number in range(5):
        create_unit(
            name=f"组{number}", kind=UnitKind.DEPARTMENT, area=world.county, parent=tree["first"]
        )
    with CaptureQueriesContext(connection) as captured:
        move_unit(unit=tree["first"], parent=tree["second"], actor=None)
    written = [query["sql"] for query in captured if "organisation_unit" in query["sql"]]
    written = [sql for sql in written if sql.startswith("UPDATE")]
    assert ['"path" = ' in sql for sql in written] == [True, False]


@pytest.mark.parametrize("below", ["first", "group"])
def test_a_unit_never_stands_under_itself(world: World, tree: dict[str, Unit], below: str) -> None:
    move = lambda: move_unit(unit=tree["first"], parent=tree[below], actor=world.office)  # noqa: E731
    assert refusal(move) == "一科不能移到自己或自己的下级单位之下，请另选上级单位。"


def test_without_the_check_the_tree_would_hold_a_circle(
    world: World, tree: dict[str, Unit]
) -> None:
    with patch.object(Unit, "is_under", lambda unit, path: False):
        move_unit(unit=tree["first"], parent=tree["group"], actor=None)
    first, group = (Unit.objects.get(pk=tree[name].pk) for name in ("first", "group"))
    assert (first.parent, group.parent) == (group, first)


def slow_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment between looking at the tree and writing it, in which others could come."""
    for name, seconds in (("place", 0.3), ("replant", 0.1)):
        write = getattr(units, name)
        slow = lambda *given, act=write, wait=seconds: sleep(wait) or act(*given)  # noqa: E731
        monkeypatch.setattr(units, name, slow)


def test_two_moves_at_the_same_moment_make_no_circle(
    shared_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World().build()
    make = {"kind": UnitKind.DEPARTMENT, "area": world.county}
    one, other = create_unit(name="甲", **make), create_unit(name="乙", **make)
    under_one = create_unit(name="甲下", parent=one, **make)
    under_other = create_unit(name="乙下", parent=other, **make)
    slow_writes(monkeypatch)
    outcomes = together(
        [
            lambda: move_unit(unit=one, parent=under_other, actor=None),
            lambda: move_unit(unit=other, parent=under_one, actor=None),
        ]
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Refused", "Unit"]
    for unit in Unit.objects.select_related("parent"):
        assert unit.path == f"{unit.parent.path if unit.parent else '/'}{unit.pk}/"


def test_a_unit_made_under_one_that_moves_stands_where_that_went(
    shared_database: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World().build()
    make = {"kind": UnitKind.DEPARTMENT, "area": world.county}
    one, other = create_unit(name="甲", **make), create_unit(name="乙", **make)
    below = create_unit(name="甲下", parent=one, **make)
    slow_writes(monkeypatch)
    together(
        [
            lambda: move_unit(unit=one, parent=other, actor=None),
            lambda: create_unit(name="再下", parent=below, **make),
        ]
    )
    assert paths()["再下"] == "乙/甲/甲下/再下"


def bad_acts(world: World, tree: dict[str, Unit]) -> dict[str, tuple[Callable[[], object], str]]:
    """Each refused act and its sentence."""
    far, unit, office = world.far_unit, world.unit, world.office
    data = {"name": "新名", "code": "", "kind": UnitKind.DEPARTMENT, "area": world.county}
    closed = close_unit(unit=create_unit(**data | {"name": "旧局"}), on=world.today, actor=office)
    create_unit(**data | {"name": "有号", "code": "A1"})
    gone = Unit(pk=10**9, name="没有")
    tomorrow = world.today + timedelta(days=1)
    return {
        "a name twice": (
            lambda: create_unit(**data | {"name": unit.name}),
            f"已有名为「{unit.name}」的单位，请换一个名称。",
        ),
        "a code twice": (
            lambda: change_unit(unit=unit, **data | {"code": "A1"}, actor=office),
            "单位编号 A1 已用于有号，请换一个编号。",
        ),
        "no name": (lambda: create_unit(**data | {"name": " "}), "请填写单位名称。"),
        "an area of others": (
            lambda: create_unit(**data | {"area": world.other_county}, actor=office),
            "冠县不在您负责的区划内。",
        ),
        "away into another area": (
            lambda: change_unit(unit=unit, **data | {"area": world.other_county}, actor=office),
            "冠县不在您负责的区划内。",
        ),
        "a unit of others": (
            lambda: change_unit(unit=far, **data, actor=office),
            "冠县不在您负责的区划内。",
        ),
        "a parent of others": (
            lambda: move_unit(unit=unit, parent=far, actor=office),
            "冠县住建局不在您负责的区划内，不能作上级单位。",
        ),
        "a unit nobody knows": (
            lambda: close_unit(unit=gone, on=world.today, actor=office),
            "没有这个单位，可能已被更改。请刷新页面后再操作。",
        ),
        "where it is already": (
            lambda: move_unit(unit=tree["first"], parent=tree["top"], actor=office),
            "一科已在局下，没有变动。",
        ),
        "under a closed one": (
            lambda: move_unit(unit=unit, parent=closed, actor=office),
            f"旧局已于 {world.today} 撤销，不能再设下级单位。",
        ),
        "closed twice": (
            lambda: close_unit(unit=closed, on=world.today, actor=office),
            f"旧局已于 {world.today} 撤销。",
        ),
        "closed in the future": (
            lambda: close_unit(unit=tree["group"], on=tomorrow, actor=office),
            f"撤销日期 {tomorrow} 还没有到，请填今天或以前的日期。",
        ),
        "closed above open ones": (
            lambda: close_unit(unit=tree["top"], on=world.today, actor=office),
            "局下面还有一科、二科没有撤销，请先撤销或移走下级单位。",
        ),
        "closed with people": (
            lambda: close_unit(unit=world.unit, on=world.today, actor=office),
            (
                f"东阿县住建局在 {world.today} 以后还有人任职："
                "甲cadre、甲colleague、甲liaison等 5 人。请先办理调动或离任。"
            ),
        ),
    }


BAD_ACTS = (
    "a name twice",
    "a code twice",
    "no name",
    "an area of others",
    "away into another area",
    "a unit of others",
    "a parent of others",
    "a unit nobody knows",
    "where it is already",
    "under a closed one",
    "closed twice",
    "closed in the future",
    "closed above open ones",
    "closed with people",
)


def test_what_cannot_be_is_refused_with_its_sentence(world: World, tree: dict[str, Unit]) -> None:
    acts = bad_acts(world, tree)
    assert tuple(acts) == BAD_ACTS
    said = {name: refusal(act) for name, (act, _) in acts.items()}
    assert said == {name: sentence for name, (_, sentence) in acts.items()}


def test_without_the_rule_the_office_would_keep_units_of_others(world: World) -> None:
    with patch.object(rules, "keeps_area", lambda user, area: True):
        moved = move_unit(unit=world.unit, parent=world.far_unit, actor=world.office)
    assert moved.parent == world.far_unit


def test_a_unit_closes_when_the_last_has_left(world: World, tree: dict[str, Unit]) -> None:
    user = create_user(username="last", name="最后")
    post(user=user, unit=tree["group"], position="科员", since=world.today - timedelta(days=9))
    retire(user=user, on=world.today - timedelta(days=1), actor=world.office)
    closed = close_unit(unit=tree["group"], on=world.today, actor=world.office)
    assert closed.closed_on == world.today
    with pytest.raises(Refused):
        post(user=world.cadre, unit=closed, position="科员", since=world.today)


def test_changes_are_audited_with_what_was_before(world: World) -> None:
    change_unit(
        unit=world.unit,
        name="住建局",
        code="",
        kind=UnitKind.DEPARTMENT,
        area=world.county,
        actor=world.office,
    )
    entry = AuditEntry.objects.latest("id")
    assert (entry.act, entry.detail) == (
        "organisation.change_unit",
        {"name": ["东阿县住建局", "住建局"]},
    )


### Pages


def names_shown(client: Client, query: str = "") -> list[tuple[str, int]]:
    rows = client.get(sealed(f"/units/{query}")).context["found"].rows
    return [(row.unit.name, row.depth) for row in rows]


def test_the_tree_is_shown_from_the_readers_topmost_unit(
    world: World, tree: dict[str, Unit]
) -> None:
    office = names_shown(world.client(world.office))
    assert [each for each in office if each[0] in {"局", "一科", "一组", "二科"}] == [
        ("局", 0),
        ("一科", 1),
        ("一组", 2),
        ("二科", 1),
    ]
    assert names_shown(world.client(world.liaison)) == [("东阿县住建局", 0)]
    assert names_shown(world.client(world.office), "?words=科") == [("一科", 0), ("二科", 0)]


def test_closed_units_are_shown_when_asked_for(world: World, tree: dict[str, Unit]) -> None:
    close_unit(unit=tree["group"], on=world.today, actor=world.office)
    client = world.client(world.office)
    assert names_shown(client, "?words=一组") == []
    assert names_shown(client, "?words=一组&closed=on") == [("一组", 0)]


def test_a_row_says_who_leads_and_how_many(world: World) -> None:
    (row,) = world.client(world.liaison).get("/units/").context["found"].rows
    assert (row.people, row.heads) == (5, "甲head")


def test_the_list_goes_on_after_its_last_unit(world: World, settings: Settings) -> None:
    client = world.client(world.office)
    everything = [name for name, _ in names_shown(client)]
    settings.PAGE_SIZE = 1  # two units a page
    page = client.get("/units/").context
    following = client.get(f"/units/{page['following']}").context
    rows = [*page["found"].rows, *following["found"].rows]
    assert ([row.unit.name for row in rows], len(everything)) == (everything, 4)
    assert following["following"] == ""


@pytest.mark.parametrize("number", [1, 3])
def test_the_number_of_queries_does_not_grow_with_the_units(
    world: World, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for count in range(number):
        create_unit(
            name=f"科{count}", kind=UnitKind.DEPARTMENT, area=world.county, parent=world.unit
        )
    client = world.client(world.liaison)
    client.get("/units/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/units/")


LIST_QUERIES = 10


def test_a_unit_is_made_renamed_moved_and_closed_by_its_pages(world: World) -> None:
    client = world.client(world.office)
    data = {"name": "新局", "code": "N1", "kind": "department", "area": world.township.pk}
    client.post("/units/new/", data | {"parent": world.unit.name})
    unit = Unit.objects.get(name="新局")
    assert (unit.parent, unit.area) == (world.unit, world.township)
    client.post(f"/units/{unit.pk}/edit/", data | {"name": "新新局"})
    client.post(f"/units/{unit.pk}/move/", {"parent": ""})
    client.post(f"/units/{unit.pk}/close/", {"on": str(world.today)})
    unit.refresh_from_db()
    assert (unit.name, unit.parent, unit.closed_on) == ("新新局", None, world.today)
    assert client.get(f"/units/{unit.pk}/edit/").status_code == 403


def test_a_refusal_stands_on_the_form(world: World) -> None:
    response = world.client(world.office).post(
        f"/units/{world.unit.pk}/close/", {"on": str(world.today)}
    )
    assert response.status_code == 422
    assert "还有人任职" in response.content.decode()


def test_a_unit_nobody_knows_is_no_parent(world: World) -> None:
    for name in ("没有这个单位", world.far_unit.name):
        response = world.client(world.office).post(
            f"/units/{world.unit.pk}/move/", {"parent": name}
        )
        assert response.context["form"].errors["parent"] == [
            f"您的范围里没有在用的单位「{name}」，请从列表里选。"
        ]


def test_the_page_says_that_a_unit_cannot_stand_under_itself(
    world: World, tree: dict[str, Unit]
) -> None:
    client, address = world.client(world.office), f"/units/{tree['first'].pk}/move/"
    said = "一科不能移到自己或自己的下级单位之下，请另选上级单位。"
    for name in ("first", "group"):
        form = client.post(address, {"parent": tree[name].name}).context["form"]
        assert form.errors == {"__all__": [said]}
        assert tree[name].name not in list(form.fields["parent"].widget.names)


def test_a_unit_is_closed_on_the_day_on_which_the_last_one_leaves(
    world: World, tree: dict[str, Unit]
) -> None:
    yesterday = world.today - timedelta(days=1)
    user = world.person("last", tree["group"], Role.CADRE, unit=tree["group"])
    retire(user=user, on=world.today, actor=world.office)
    early = lambda: close_unit(unit=tree["group"], on=yesterday, actor=world.office)  # noqa: E731
    assert refusal(early) == (f"一组在 {yesterday} 以后还有人任职：甲last。请先办理调动或离任。")
    closed = close_unit(unit=tree["group"], on=world.today, actor=world.office)
    assert closed.closed_on == world.today


def test_a_unit_of_others_is_not_found(world: World) -> None:
    pages = ("", "edit/", "move/", "close/")
    client = world.client(world.office)
    answers = [client.get(f"/units/{world.far_unit.pk}/{page}").status_code for page in pages]
    assert answers == [404] * 4


def test_everybody_who_reads_the_roster_reads_the_unit(world: World) -> None:
    readers = (world.office, world.liaison, world.head, world.system_admin, world.security_admin)
    answers = {user: status(world, user, f"/units/{world.unit.pk}/") for user in readers}
    assert set(answers.values()) == {200}
    assert status(world, world.cadre, "/units/") == 403
    assert status(world, world.audit_admin, "/units/") == 403


def status(world: World, user: User, address: str) -> int:
    return world.client(user).get(address).status_code
