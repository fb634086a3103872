"""Writes on units."""

from datetime import date

from django.db.models import Q
from django.utils import timezone

from core import audit
from organisation import rules
from organisation.choices import UnitKind
from organisation.models import Area, Posting, Unit, User
from organisation.services.refused import Refused, some
from organisation.services.tree import hold_tree, place, replant

LONGEST_PATH = 120


@audit.atomic
def create_unit(
    *,
    name: str,
    kind: UnitKind,
    area: Area,
    code: str = "",
    parent: Unit | None = None,
    actor: User | None = None,
) -> Unit:
    """Create a unit under its parent and set its path, audited. Raises Refused.

    Without an actor nobody's scope is asked: the installation's own commands do so.
    """
    hold_tree()
    above = _open_unit(parent) if parent else None
    _check_area(actor, area)
    _check_above(actor, above)
    _check_names(name, code)
    unit = place(Unit(name=name, code=code, kind=kind, area=area, parent=above))
    audit.record(actor=actor, act="organisation.create_unit", subject=unit, name=name, code=code)
    return unit


@audit.atomic
def change_unit(
    *, unit: Unit, name: str, code: str, kind: UnitKind, area: Area, actor: User | None
) -> Unit:
    """Write the unit's own data, audited with what was before. Raises Refused."""
    hold_tree()
    held = _held(unit)
    _check_area(actor, held.area)
    _check_area(actor, area)
    _check_names(name, code, besides=held)
    before = {"name": held.name, "code": held.code, "kind": held.kind, "area": held.area_id}
    held.name, held.code, held.kind, held.area = name, code, kind, area
    after = {"name": name, "code": code, "kind": str(kind), "area": area.pk}
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    if changed:
        held.save(update_fields=["name", "code", "kind", "area"])
        audit.record(actor=actor, act="organisation.change_unit", subject=held, **changed)
    return held


@audit.atomic
def move_unit(*, unit: Unit, parent: Unit | None, actor: User | None) -> Unit:
    """Hang the unit with everything below it under another one, audited. Raises Refused."""
    hold_tree()
    held = _held(unit)
    above = _open_unit(parent) if parent else None
    _check_area(actor, held.area)
    _check_above(actor, above)
    if above and above.is_under(held.path):
        raise Refused(f"{held.name}不能移到自己或自己的下级单位之下，请另选上级单位。")
    if held.parent_id == (above.pk if above else None):
        raise Refused(f"{held.name}已在{above.name if above else '最上级'}下，没有变动。")
    _check_depth(held, above)
    before = held.parent_id
    moved = replant(held, above)
    audit.record(
        actor=actor,
        act="organisation.move_unit",
        subject=held,
        parent=[before, held.parent_id],
        units=moved,
    )
    return held


@audit.atomic
def close_unit(*, unit: Unit, on: date, actor: User | None) -> Unit:
    """Close the unit from that day, audited; it stays in every record. Raises Refused.

    Refused while a unit below is open, or somebody's posting goes on after that day: whoever
    leaves on it does not stand in the way.
    """
    hold_tree()
    held = _held(unit)
    _check_area(actor, held.area)
    if held.closed_on:
        raise Refused(f"{held.name}已于 {held.closed_on} 撤销。")
    if on > timezone.localdate():
        raise Refused(f"撤销日期 {on} 还没有到，请填今天或以前的日期。")
    below = Unit.objects.filter(parent=held, closed_on=None)
    if names := list(below.values_list("name", flat=True)):
        raise Refused(f"{held.name}下面还有{some(names)}没有撤销，请先撤销或移走下级单位。")
    posted = Posting.objects.filter(Q(until=None) | Q(until__gt=on), unit=held)
    if people := list(posted.order_by("pk").values_list("user__name", flat=True)):
        who = some(people, counter="人")
        raise Refused(f"{held.name}在 {on} 以后还有人任职：{who}。请先办理调动或离任。")
    held.closed_on = on
    held.save(update_fields=["closed_on"])
    audit.record(actor=actor, act="organisation.close_unit", subject=held, on=str(on))
    return held


def _held(unit: Unit) -> Unit:
    """The unit as it stands now, kept from others until the act is done."""
    found = Unit.objects.select_for_update(no_key=True).filter(pk=unit.pk).first()
    if found is None:
        raise Refused("没有这个单位，可能已被更改。请刷新页面后再操作。")
    return found


def _open_unit(unit: Unit) -> Unit:
    found = _held(unit)
    if found.closed_on:
        raise Refused(f"{found.name}已于 {found.closed_on} 撤销，不能再设下级单位。")
    return found


def _check_area(actor: User | None, area: Area) -> None:
    if actor is not None and not rules.keeps_area(actor, area):
        raise Refused(f"{area.name}不在您负责的区划内。")


def _check_above(actor: User | None, parent: Unit | None) -> None:
    if parent and actor is not None and not rules.keeps_unit(actor, parent):
        raise Refused(f"{parent.name}不在您负责的区划内，不能作上级单位。")


def _check_names(name: str, code: str, besides: Unit | None = None) -> None:
    if not name.strip():
        raise Refused("请填写单位名称。")
    same = Q(name=name) | Q(code=code) if code else Q(name=name)
    for other in Unit.objects.filter(same).exclude(pk=besides.pk if besides else 0):
        if other.name == name:
            raise Refused(f"已有名为「{name}」的单位，请换一个名称。")
        raise Refused(f"单位编号 {code} 已用于{other.name}，请换一个编号。")


def _check_depth(unit: Unit, parent: Unit | None) -> None:
    paths = Unit.objects.under(unit).values_list("path", flat=True)
    longest = max(map(len, paths), default=0) - len(unit.path)
    if len(parent.path if parent else "/") + len(f"{unit.pk}/") + longest > LONGEST_PATH:
        raise Refused(f"{unit.name}移过去后层级太深，请另选上级单位。")
