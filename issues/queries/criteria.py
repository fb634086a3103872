"""The ledger: the items a reader sees, narrowed, in one of three orders, page by page.

A page costs the same among a thousand items and among a million, so every list is either read
along an index in its order, or holds so few rows that they can be sorted.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from campaign.models import Campaign
from core.lights import Light, bounds_on
from core.paging import NEWEST, Order
from issues.choices import APPLIED, FILED, NOT_HANDED_IN, RUNNING, SETTLED, State
from issues.models import Issue, is_behind
from issues.queries.items import BY_DUE, HEAVY, is_late, waiting_lists
from issues.queries.reach import FEW, loosely, near_to
from organisation.models import Unit, User

ORDERS = {"newest": NEWEST, "due": BY_DUE, "unit": Order("unit_id")}
ORDER_NAMES = {"newest": "最新的在前", "due": "期限近的在前", "unit": "按单位和编号"}
GROUPS: dict[str, tuple[str, Collection[str]]] = {
    "under_way": ("在途（未销号）", frozenset({State.CONFIRMED, State.RECTIFYING}) | APPLIED),
    "asked": ("申请销号中", APPLIED),
    "settled": ("已销号（含巩固）", SETTLED),
    "filed": ("已备案的全部", FILED),
}
EVERY_CAMPAIGN = "all"
_HANDED_IN = frozenset(State.values) - NOT_HANDED_IN | set(GROUPS)
_NUMBER = re.compile(r"[Ww][0-9]{6,18}")


@dataclass(frozen=True)
class Criteria:
    """What the ledger is narrowed to. A value that nobody knows finds nothing.

    ``unit`` is a part of a name and stands for those units and all below them.
    """

    words: str = ""
    campaign: str = ""
    unit: str = ""
    level: str = ""
    state: str = ""
    light: str = ""
    category: str = ""
    source: str = ""
    kind: str = ""
    nature: str = ""
    due_from: str = ""
    due_to: str = ""
    relapsed: str = ""
    extended: str = ""
    waiting: str = ""
    sort: str = ""

    @classmethod
    def read(cls, values: Mapping[str, object]) -> "Criteria":
        """From a form, a saved view or a job; what else stands there is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: str(value or "") for key, value in values.items() if key in known})

    @property
    def written(self) -> dict[str, str]:
        return {key: value for key, value in asdict(self).items() if value}

    @property
    def narrowing(self) -> dict[str, str]:
        """What narrows the list: all but its order and its campaign."""
        return {k: v for k, v in self.written.items() if k not in {"sort", "campaign"}}

    @property
    def order(self) -> Order:
        """As asked; else what waits by its deadline, all other lists with the newest first."""
        return ORDERS.get(self.sort) or (BY_DUE if self.waiting else NEWEST)

    def in_campaign(self, campaign: Campaign | None) -> "Criteria":
        """With the campaign chosen at the top, where none is asked; what waits, waits in all."""
        if self.campaign or self.waiting or campaign is None:
            return self
        return replace(self, campaign=str(campaign.pk))

    def lists(self, viewer: User) -> list[tuple[QuerySet[Issue], Order]]:
        """The lists that make up the ledger, for ``core.paging.page_of_all``."""
        if not self.waiting:
            near = near_to(viewer)
            return [(self._narrow(_shown(viewer, near), viewer, near is not None), self._filled())]
        own, *others = (self._narrow(each, viewer, True) for each in waiting_lists(viewer))
        filled = replace(self.order, nullable=False)
        return [(own, self.order), *((each, filled) for each in others)]

    def _filled(self) -> Order:
        """The order; where only items with a deadline can fit, none without is looked for."""
        if self.light or self.due_from or self.due_to or self.state in _HANDED_IN:
            return replace(self.order, nullable=False)
        return self.order

    def _narrow(self, issues: QuerySet[Issue], viewer: User, is_near: bool) -> QuerySet[Issue]:
        """Those among the items whom all of it fits; ``is_near`` when an index has led to few."""
        conditions = [self._columns(), self._light(), self._due(), self._words()]
        found = issues.filter(*(each for each in conditions if each))
        found = self._indexed(found, is_near=is_near)
        return self._in_units(found) if self.unit.strip() else found

    def _indexed(self, issues: QuerySet[Issue], *, is_near: bool) -> QuerySet[Issue]:
        """By campaign and state, which lead the indexes of the orders."""
        wanted: dict[str, list[Any]] = {}
        if self.campaign and self.campaign != EVERY_CAMPAIGN:
            wanted["campaign"] = [_number(self.campaign)]
        if self.state:
            wanted["state"] = sorted(
                GROUPS[self.state][1] if self.state in GROUPS else [self.state]
            )
        if is_near:
            return loosely(issues, **wanted)
        for name, values in wanted.items():
            one = {name: values[0]} if len(values) == 1 else {f"{name}__in": values}
            issues = issues.filter(**one)
        return issues

    def _columns(self) -> Q:
        found = Q()
        for name in ("level", "source", "kind", "nature"):
            if value := getattr(self, name):
                found &= Q(**{name: value})
        if self.category:
            found &= Q(category=_number(self.category))
        if self.relapsed:
            found &= Q(relapse_count__gt=0)
        if self.extended:
            found &= Q(extension_count__gt=0)
        return found

    def _light(self) -> Q:
        return light_is(self.light, timezone.localdate()) if self.light else Q()

    def _due(self) -> Q:
        found = Q()
        if self.due_from:
            found &= Q(due_on__gte=_day(self.due_from, date.min))
        if self.due_to:
            found &= Q(due_on__lte=_day(self.due_to, date.max))
        return found

    def _words(self) -> Q:
        words = self.words.strip()
        if not words:
            return Q()
        if _NUMBER.fullmatch(words):
            return Q(pk=int(words[1:]))
        authors = User.objects.filter(name__icontains=words).values("pk")
        found = Q(title__icontains=words) | Q(author__in=authors)
        number = words.upper().removeprefix("W")
        if number.isdecimal() and len(number) < 19:
            found |= Q(pk=int(number))
        return found

    def _in_units(self, issues: QuerySet[Issue]) -> QuerySet[Issue]:
        named = Unit.objects.filter(name__icontains=self.unit.strip())
        below = Q(pk__in=[])
        for path in named.values_list("path", flat=True):
            below |= Q(path__under=path)
        return of_units(issues, Unit.objects.filter(below))


def ledger(viewer: User) -> QuerySet[Issue]:
    """The items the person may see, with what a list row shows and without the long texts."""
    return _shown(viewer, near_to(viewer))


def _shown(viewer: User, near: Q | None) -> QuerySet[Issue]:
    issues = Issue.objects.visible_to(viewer)
    if near is not None:
        issues = issues.filter(near)
    shown = issues.select_related("unit", "author", "category").defer(*HEAVY)
    return shown.with_behind(timezone.localdate())


def of_units(issues: QuerySet[Issue], units: QuerySet[Unit]) -> QuerySet[Issue]:
    """Items of those units: of a few by their index, of many along the order of the list.

    Left to itself a database takes the index on units for any number of them, and sorts
    hundreds of thousands of rows for one page.
    """
    keys = list(units.values_list("pk", flat=True))
    if len(keys) <= FEW:
        return issues.filter(unit__in=keys)
    return issues.alias(of_unit=F("unit_id") + 0).filter(of_unit__in=keys)


def light_is(light: str, today: date) -> Q:
    """Items that show this lamp today; the same as ``with_lights``, for an index to answer."""
    bounds = bounds_on(today)
    if light == Light.RED:
        return is_late(today)
    if light == Light.YELLOW:
        near = Q(due_on__lte=bounds.yellow_until) | is_behind(today)
        return near & Q(state__in=sorted(RUNNING), due_on__gte=bounds.red_before)
    if light == Light.GREEN:
        far = Q(state__in=sorted(RUNNING), due_on__gt=bounds.yellow_until)
        return far & ~is_behind(today)
    if light == Light.BLUE:
        return Q(state__in=sorted(APPLIED))
    return Q(state__in=sorted(SETTLED)) if light == Light.GREY else Q(pk__in=[])


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _day(text: str, otherwise: date) -> date:
    try:
        return parse_date(text) or otherwise
    except ValueError:
        return otherwise
