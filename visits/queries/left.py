"""What is left of an area, entry by entry, for those who may read the entries."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Max, Min, QuerySet

from campaign.models import Campaign
from core.models import Job
from core.paging import Listed, Order
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import TargetState
from visits.models import READERS, Target, TargetQuerySet

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
        """What an index leads to: the state, and the keys that the area's parts have."""
        keys = Area.objects.under(self.area).aggregate(first=Min("pk"), last=Max("pk"))
        found = Target.objects.registered().filter(campaign=self.campaign, state=self.state)
        return found.filter(area_id__gte=keys["first"], area_id__lte=keys["last"])

    def listed(self, rows: QuerySet[Target]) -> Listed:
        """The rows in order; a page looks through a part of the index and no more."""
        return Listed(rows, BY_AREA, self._within)


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
