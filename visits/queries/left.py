"""What is left of an area, entry by entry, for those who may read the entries."""

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from campaign.models import Campaign
from core.models import Job
from core.paging import Listed, Order
from organisation.choices import AreaLevel
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import TargetState
from visits.models import READERS, Target, TargetQuerySet

KEYS_AT_ONCE = 900  # SQLite takes 999 parameters
BY_AREA = Order("area_id")  # keys of areas were given along the tree: neighbours stay together


@dataclass(frozen=True)
class Left:
    """Which entries: of an area with all below it, in one state, of one kind or of all."""

    campaign: Campaign
    area: Area
    state: str = TargetState.PENDING
    kind: str = ""

    def rows(self) -> TargetQuerySet:
        found = self._within.filter(area__path__under=self.area.path)
        found = found.filter(kind=self.kind) if self.kind else found
        return found.select_related("area__parent__parent", "taken_by")

    @cached_property
    def _within(self) -> TargetQuerySet:
        """What an index leads to: the state, and the keys that the area's parts have.

        Keys were given level by level: between a village and its grids are those of all others.
        """
        parts = Area.objects.under(self.area).order_by()
        rows = parts.values_list("level").annotate(Count("pk"), Min("pk"), Max("pk"))
        levels = {level: (number, first, last) for level, number, first, last in rows}
        numbers, firsts, lasts = zip(*levels.values(), strict=True)
        found = Target.objects.registered().filter(campaign=self.campaign, state=self.state)
        if AreaLevel.GRID not in levels:
            return found.filter(_between(min(firsts), max(lasts)))
        if sum(numbers) <= KEYS_AT_ONCE:
            return found.filter(area_id__in=list(parts.values_list("pk", flat=True)))
        return found.filter(reduce(or_, map(_between, firsts, lasts)))

    def listed(self, rows: QuerySet[Target]) -> Listed:
        """The rows in order; a page looks through a part of the index and no more."""
        return Listed(rows, BY_AREA, self._within)


def _between(first: int, last: int) -> Q:
    return Q(area_id__gte=first, area_id__lte=last)


def areas_to_list(user: User, campaign: Campaign) -> QuerySet[Area]:
    """The areas of the campaign whose entries the person reads."""
    inside = Area.objects.filter(scope_of(user).areas(READERS, field=""))
    return inside.under(campaign.area)


def asked_for(user: User, asked: dict[str, Any]) -> Left | None:
    """What a file was asked to hold, if the person may read it today."""
    campaign = Campaign.objects.visible_to(user).filter(pk=asked["campaign"]).first()
    area = campaign and areas_to_list(user, campaign).filter(code=asked["area"]).first()
    if not campaign or not area:
        return None
    return Left(campaign, area, asked["state"], asked["kind_of"])


def still_listed(user: User, job: Job) -> bool:
    """Whether the person may read the entries that a file holds, today."""
    return asked_for(user, job.arguments) is not None
