"""The tree of units as a reader sees it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Grant, Unit, User

DEEPEST_INDENT = 5


@dataclass(frozen=True)
class UnitRow:
    """One unit on the screen: how deep below the reader's topmost, who leads it, how many."""

    unit: Unit
    depth: int
    people: int
    heads: str


@dataclass(frozen=True)
class UnitPage:
    """A stretch of the tree; ``following`` is the number of the last unit shown, or empty."""

    rows: list[UnitRow]
    following: str
    whole: int


def unit_page(viewer: User, *, words: str = "", closed: bool = False, after: str = "") -> UnitPage:
    """The units in the reader's scope in the order of the tree, after the unit numbered so.

    Four queries: all units in short, those of the page, their people, their heads.
    """
    units = Unit.objects.visible_to(viewer)
    if not closed:
        units = units.filter(closed_on=None)
    if words:
        units = units.filter(Q(name__icontains=words) | Q(code__icontains=words))
    order = list(_in_tree_order(units.values_list("pk", "parent_id", "code", "name")))
    places = {str(pk): place for place, (pk, _) in enumerate(order, start=1)}
    start = places.get(after, 0)
    shown = order[start : start + settings.PAGE_SIZE * 2]
    more = start + len(shown) < len(order)
    following = str(shown[-1][0]) if more else ""
    return UnitPage(_rows(shown, flat=bool(words)), following, len(order))


def _in_tree_order(
    units: Iterable[tuple[int, int | None, str, str]],
) -> Iterator[tuple[int, int]]:
    """Number and depth of each unit, the parent first, siblings by code and name.

    The database's own order of paths depends on its collation.
    """
    found = sorted(units, key=lambda unit: (unit[2] == "", unit[2], unit[3]))
    known = {unit[0] for unit in found}
    below: dict[int | None, list[int]] = defaultdict(list)
    for pk, parent, _, _ in found:
        below[parent if parent in known else None].append(pk)
    waiting = [(pk, 0) for pk in reversed(below[None])]
    while waiting:
        pk, depth = waiting.pop()
        yield pk, depth
        waiting += [(child, depth + 1) for child in reversed(below[pk])]


def _rows(shown: list[tuple[int, int]], *, flat: bool) -> list[UnitRow]:
    keys = [pk for pk, _ in shown]
    units = Unit.objects.select_related("area", "parent").in_bulk(keys)
    people = _people_in(keys)
    heads = _heads_of(keys)
    return [
        UnitRow(
            units[pk],
            0 if flat else min(depth, DEEPEST_INDENT),
            people.get(pk, 0),
            "、".join(heads[pk]),
        )
        for pk, depth in shown
    ]


def _people_in(units: list[int]) -> dict[int, int]:
    counted = User.objects.filter(unit__in=units, is_active=True).values("unit")
    return {row["unit"]: row["n"] for row in counted.annotate(n=Count("pk")).order_by()}


def _heads_of(units: list[int]) -> dict[int, list[str]]:
    heads: dict[int, list[str]] = defaultdict(list)
    for unit, name in (
        Grant.objects.current(timezone.localdate())
        .filter(unit__in=units, role=Role.UNIT_HEAD, user__is_active=True)
        .order_by("id")
        .values_list("unit", "user__name")
    ):
        heads[unit].append(name)
    return heads


def leaders_of(unit: Unit) -> QuerySet[Grant]:
    """The rights of the unit's head and deputies in force, the head first."""
    grants = Grant.objects.current(timezone.localdate())
    found = grants.filter(unit=unit, role__in=UNIT_LEADERS, user__is_active=True)
    return found.select_related("user").order_by("-role", "id")


def units_below(unit: Unit) -> QuerySet[Unit]:
    """The open units directly below."""
    return Unit.objects.filter(parent=unit, closed_on=None).order_by("code", "name")
