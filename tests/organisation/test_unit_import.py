"""A list of units from the upload to the tree."""

import pytest
from django.core.exceptions import PermissionDenied

from core.models import AuditEntry
from core.uploads import UploadState
from organisation.models import Unit
from organisation.services import close_unit, create_unit
from organisation.services.imports import UNITS, upload_units
from tests.organisation.imports import apply_list, check_list, counts, faults, texts, unit_list
from tests.personas import World

COUNTY, OTHER_COUNTY = "371524000000", "371525000000"
DEPARTMENT, TOWNSHIP = "部门单位", "乡镇（街道）"


def line(code: str, name: str, parent: str = "", kind: str = DEPARTMENT, area: str = COUNTY):
    return [code, name, kind, area, parent]


def tree() -> list[tuple[str, str, str, str | None]]:
    rows = Unit.objects.exclude(code="").order_by("code")
    return list(rows.values_list("code", "name", "kind", "parent__code"))


def unit(world: World, code: str, name: str, parent: Unit | None = None) -> Unit:
    return create_unit(name=name, code=code, kind=world.unit.kind, area=world.county, parent=parent)


def test_units_come_with_their_tree_whatever_the_order_of_the_rows(world: World) -> None:
    made = check_list(
        unit_list(
            line("A-2", "下级局", "A-1"),
            line("A-1", "上级局"),
            line("T-1", "刘集镇", kind=TOWNSHIP),
        ),
        world.office,
    )
    assert (made.state, counts(made)) == (UploadState.CHECKED, {"created": 3})
    assert tree() == []
    apply_list(made)
    assert tree() == [
        ("A-1", "上级局", "department", None),
        ("A-2", "下级局", "department", "A-1"),
        ("T-1", "刘集镇", "township", None),
    ]
    above, below = Unit.objects.get(code="A-1"), Unit.objects.get(code="A-2")
    assert below.path == f"{above.path}{below.pk}/"


def test_a_second_run_changes_nothing(world: World) -> None:
    content = unit_list(line("A-1", "上级局"), line("A-2", "下级（质监）站", "A-1"))
    apply_list(check_list(content, world.office))
    before = tree()
    again = check_list(content, world.office)
    assert counts(again) == {"unchanged": 2}
    apply_list(again)
    assert tree() == before
    assert (
        AuditEntry.objects.filter(act="organisation.create_unit", detail__code="A-1").count() == 1
    )


def test_units_are_renamed_and_moved_with_all_below(world: World) -> None:
    top, other = unit(world, "A-1", "一局"), unit(world, "B-1", "二局")
    middle = unit(world, "A-2", "科室", top)
    leaf = unit(world, "A-3", "岗位", middle)
    made = check_list(unit_list(line("A-2", "新科室", "B-1")), world.office)
    assert made.report["steps"] == [["移动", 2, "新科室", "名称 科室 → 新科室；上级 一局 → B-1"]]
    assert counts(apply_list(made)) == {"moved": 1, "changed": 1}
    leaf.refresh_from_db()
    assert leaf.path == f"{other.path}{middle.pk}/{leaf.pk}/"


def test_parent_and_child_change_places(world: World) -> None:
    """No order of rows may make a circle in between."""
    top = unit(world, "A-1", "一局")
    unit(world, "A-2", "二局", top)
    made = check_list(unit_list(line("A-1", "一局", "A-2"), line("A-2", "二局")), world.office)
    apply_list(made)
    assert [(code, parent) for code, _, _, parent in tree()] == [("A-1", "A-2"), ("A-2", None)]


def test_a_unit_without_code_takes_the_one_of_its_name(world: World) -> None:
    made = check_list(unit_list(line("ZJ", "东阿县住建局")), world.office)
    assert made.report["steps"] == [["修改", 2, "东阿县住建局", "编号 空 → ZJ"]]
    apply_list(made)
    world.unit.refresh_from_db()
    assert (world.unit.code, Unit.objects.filter(name="东阿县住建局").count()) == ("ZJ", 1)


def test_a_blank_parent_leaves_one_alone_that_cannot_be_named(world: World) -> None:
    child = unit(world, "A-9", "质监站", world.unit)
    assert counts(check_list(unit_list(line("A-9", "质监站")), world.office)) == {"unchanged": 1}
    assert child.parent == world.unit


FAULTY = {
    "no code": ([line("", "甲局")], [(2, "单位编号", "missing")]),
    "bad code": ([line("甲", "甲局")], [(2, "单位编号", "format")]),
    "code twice": ([line("A", "甲局"), line("A", "乙局")], [(3, "单位编号", "repeated")]),
    "name twice": ([line("A", "甲局"), line("B", "甲局")], [(3, "单位名称", "repeated")]),
    "unknown kind": ([line("A", "甲局", kind="公司")], [(2, "类别", "format")]),
    "unknown area": ([line("A", "甲局", area="371599000000")], [(2, "所属区划", "area")]),
    "area of others": ([line("A", "甲局", area=OTHER_COUNTY)], [(2, "所属区划", "scope")]),
    "unknown parent": ([line("A", "甲局", "X")], [(2, "上级单位编号", "unit")]),
    "own parent": ([line("A", "甲局", "A")], [(2, "上级单位编号", "cycle")]),
    "circle": (
        [line("A", "甲局", "C"), line("B", "乙局", "A"), line("C", "丙局", "B")],
        [(row, "上级单位编号", "cycle") for row in (2, 3, 4)],
    ),
    "name of another": (
        [line("A", "东阿县作风办"), line("B", "冠县住建局")],
        [(3, "单位名称", "taken")],
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_told_by_row_column_and_kind_and_writes_nothing(world: World, name: str) -> None:
    rows, expected = FAULTY[name]
    made = check_list(unit_list(*rows), world.office)
    assert (made.state, faults(made)) == (UploadState.REFUSED, expected)
    assert tree() == []
    with pytest.raises(PermissionDenied, match="还没有通过检查"):
        UNITS.request_apply(upload=made, actor=world.office)


def test_a_circle_through_the_units_there_are(world: World) -> None:
    """The file moves one unit under another that already stands below it."""
    top = unit(world, "A-1", "一局")
    unit(world, "A-3", "三局", unit(world, "A-2", "二局", top))
    made = check_list(unit_list(line("A-1", "一局", "A-3")), world.office)
    assert faults(made) == [(2, "上级单位编号", "cycle")]


def test_a_tree_too_deep_is_refused(world: World) -> None:
    rows = [line(f"A-{n}", f"第{n}级", f"A-{n - 1}" if n else "") for n in range(11)]
    assert faults(check_list(unit_list(*rows), world.office)) == [(12, "上级单位编号", "format")]


def test_closed_units_and_those_of_others_are_left_alone(world: World) -> None:
    closed = unit(world, "A-1", "撤销局")
    close_unit(unit=closed, on=world.today, actor=None)
    create_unit(name="冠县某局", code="GX", kind=world.unit.kind, area=world.other_county)
    made = check_list(
        unit_list(
            line("A-1", "撤销局"),
            line("A-2", "甲局", "A-1"),
            line("GX", "东阿某局"),
            line("A-3", "乙局", "GX"),
        ),
        world.office,
    )
    assert faults(made) == [
        (2, "单位编号", "closed"),
        (3, "上级单位编号", "closed"),
        (4, "单位编号", "scope"),
        (5, "上级单位编号", "scope"),
    ]
    assert "冠县" not in "".join(texts(made))


@pytest.mark.parametrize("name", ["liaison", "head", "organisation", "leader", "security_admin"])
def test_nobody_else_imports_units(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied, match="只有作风办"):
        upload_units(name="a.xlsx", content=unit_list(line("A", "甲")), actor=getattr(world, name))


def test_the_trail_has_the_list_and_each_unit(world: World) -> None:
    made = apply_list(check_list(unit_list(line("A-1", "一局")), world.office))
    summary = AuditEntry.objects.get(act="organisation.import_units")
    assert (summary.actor, summary.detail) == (
        world.office,
        {"sha256": made.sha256, "created": 1, "changed": 0, "moved": 0, "unchanged": 0},
    )
