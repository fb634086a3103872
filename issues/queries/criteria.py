"""The ledger: the items a reader sees, narrowed, in one of three orders, page by page.

A page costs the same among a thousand items and among a million, so every list is either read
along an index in its order, or holds so few rows that they can be sorted.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date

from campaign.models import Campaign
from core.lights import Light, bounds_on
from core.paging import NEWEST, Listed, Order
from issues.choices import APPLIED, FILED, NOT_HANDED_IN, RUNNING, SETTLED, State
from issues.models import Disclosure, Issue, is_behind, with_missed_milestones
from issues.queries.items import BY_DUE, HEAVY, is_late, waiting_lists, with_marks
from issues.queries.reach import FEW, loosely, near_enough_to, near_to
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
_STATES_OF_LIGHT: dict[str, Collection[str]] = {
    Light.RED: RUNNING,
    Light.YELLOW: RUNNING,
    Light.GREEN: RUNNING,
    Light.BLUE: APPLIED,
    Light.GREY: SETTLED,
}
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
    disclosed: str = ""
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

    def lists(self, viewer: User) -> list[Listed]:
        """The lists that make up the ledger, for ``core.paging.page_of_all``."""
        units = self._units()
        if self.waiting:
            own, *others = (self._near(each, units) for each in waiting_lists(viewer))
            filled = replace(self.order, nullable=False)
            return [Listed(own, self.order), *(Listed(each, filled) for each in others)]
        near = near_to(viewer) or (None if self._is_led() else near_enough_to(viewer))
        shown = _shown(viewer, near)
        few = bool(self.disclosed) or (units is not None and len(units) <= FEW)
        if near is not None or few:
            return [Listed(self._near(shown, units), self._filled())]
        return [*self._along(shown, units), *self._behind(shown, units)]

    def _filled(self) -> Order:
        """The order; where only items with a deadline can fit, none without is looked for."""
        if self.light or self.due_from or self.due_to or self.state in _HANDED_IN:
            return replace(self.order, nullable=False)
        return self.order

    def _near(self, issues: QuerySet[Issue], units: list[int] | None) -> QuerySet[Issue]:
        """Those whom all of it fits, where an index of units or of persons has led to few."""
        wanted: dict[str, Collection[Any]] = {}
        if self._is_of_one_campaign:
            wanted["campaign"] = [_number(self.campaign)]
        if self._states is not None:
            wanted["state"] = self._states
        return loosely(self._narrow(issues, units, self._light() & self._due()), **wanted)

    def _along(self, issues: QuerySet[Issue], units: list[int] | None) -> Iterator[Listed]:
        """The same along the indexes that have the order, one list for each of their leads.

        What no index knows is looked for among the rows that it leads to, a span at a time.
        """
        due = self._due() & self._due_of_light()
        far = ~is_behind(timezone.localdate()) if self.light == Light.GREEN else Q()
        narrowed = self._narrow(issues, units, far).filter(due)
        for lead in self._leads():
            whole = Issue.objects.filter(lead, due if self.order is BY_DUE else Q())
            yield Listed(narrowed.filter(lead), self._filled(), None if self._is_led() else whole)

    def _behind(self, issues: QuerySet[Issue], units: list[int] | None) -> Iterator[Listed]:
        """Near for a milestone that was missed, and not for the deadline."""
        if self.light == Light.YELLOW:
            missed = with_missed_milestones(timezone.localdate())
            yield Listed(self._near(issues.filter(pk__in=missed), units), self._filled())

    def _leads(self) -> Iterator[Q]:
        """How the indexes begin: with the campaign, and with one state but for those by unit."""
        campaigns = [_number(self.campaign)]
        if not self._is_of_one_campaign:
            campaigns = list(Campaign.objects.order_by("pk").values_list("pk", flat=True))
        for campaign in campaigns:
            if self._states is None:
                yield Q(campaign=campaign)
            elif self.order is ORDERS["unit"]:
                yield Q(campaign=campaign, state__in=self._states)
            else:
                yield from (Q(campaign=campaign, state=state) for state in self._states)

    def _is_led(self) -> bool:
        """Whether an index knows everything that narrows the list."""
        known = {"state", "light", "due_from", "due_to"} if self.order is BY_DUE else {"state"}
        asked = self.narrowing.keys() - known
        if self.order is NEWEST and not self.state and len(asked) == 1:
            asked -= {"relapsed", "extended"}
        return not asked

    @property
    def _is_of_one_campaign(self) -> bool:
        return bool(self.campaign) and self.campaign != EVERY_CAMPAIGN

    @property
    def _states(self) -> list[str] | None:
        """Those that are asked for, by themselves or by a light; None: all."""
        asked = [set(GROUPS[self.state][1] if self.state in GROUPS else {self.state})]
        lit = [set(_STATES_OF_LIGHT.get(self.light, ()))]
        wanted = asked * bool(self.state) + lit * bool(self.light)
        return sorted(set.intersection(*wanted)) if wanted else None

    def _narrow(self, issues: QuerySet[Issue], units: list[int] | None, lit: Q) -> QuerySet[Issue]:
        """By all but campaign and state; ``lit`` is what the light asks for besides."""
        conditions = [self._columns(), self._words(), lit]
        found = issues.filter(*(each for each in conditions if each))
        return found if units is None else of_units(found, units)

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
        if self.disclosed:
            found &= Q(pk__in=Disclosure.objects.values("issue"))
        return found

    def _light(self) -> Q:
        return light_is(self.light, timezone.localdate()) if self.light else Q()

    def _due_of_light(self) -> Q:
        """Between which deadlines a light is; a near one may be far for those behind."""
        bounds = bounds_on(timezone.localdate())
        spans: dict[str, Q] = {
            Light.RED: Q(due_on__lt=bounds.red_before),
            Light.YELLOW: Q(due_on__gte=bounds.red_before, due_on__lte=bounds.yellow_until),
            Light.GREEN: Q(due_on__gt=bounds.yellow_until),
        }
        return spans.get(self.light, Q())

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

    def _units(self) -> list[int] | None:
        """The units of that name and all below them; None: no unit is asked for."""
        name = self.unit.strip()
        if not name:
            return None
        below = Q(pk__in=[])
        for path in Unit.objects.filter(name__icontains=name).values_list("path", flat=True):
            below |= Q(path__under=path)
        return list(Unit.objects.filter(below).values_list("pk", flat=True))


def ledger(viewer: User) -> QuerySet[Issue]:
    """The items the person may see, with what a list row shows and without the long texts."""
    return _shown(viewer, near_to(viewer))


def _shown(viewer: User, near: Q | None) -> QuerySet[Issue]:
    issues = Issue.objects.visible_to(viewer)
    if near is not None:
        issues = issues.filter(near)
    shown = issues.select_related("unit", "author", "category").defer(*HEAVY)
    return with_marks(shown)


def of_units(issues: QuerySet[Issue], units: list[int]) -> QuerySet[Issue]:
    """Items of those units: of a few by their index, of many along the order of the list.

    Left to itself a database takes the index on units for any number of them, and sorts
    hundreds of thousands of rows for one page.
    """
    if len(units) <= FEW:
        return issues.filter(unit__in=units)
    return issues.alias(of_unit=F("unit_id") + 0).filter(of_unit__in=units)


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
