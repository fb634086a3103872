"""What one person has left to visit, and how the person went the last time."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Sum

from campaign.models import Campaign
from organisation.choices import AreaLevel
from organisation.models import User
from visits.models import CoverageCount, Target, TargetQuerySet, Visit, team_areas


def team_targets(user: User, campaign: Campaign) -> TargetQuerySet:
    """Everything the person's teams cover, visited or not."""
    found = Target.objects.assigned_to(user).registered().filter(campaign=campaign)
    return found.select_related("area", "taken_by", "assignee")


@dataclass(frozen=True)
class VillageLeft:
    """A village of one's teams and how many targets of it are left.

    ``is_last``: the person's last visit was there.
    """

    code: str
    name: str
    left: int
    is_last: bool


def villages_left(user: User, campaign: Campaign) -> list[VillageLeft]:
    """Where something is left, first where the person was last, then by code; three queries."""
    within = Q(pk__in=[])
    areas = team_areas(user).filter(team__campaign=campaign)
    for path in areas.values_list("area__path", flat=True):
        within |= Q(area__path__under=path)
    counters = CoverageCount.objects.filter(
        within, campaign=campaign, area__level=AreaLevel.VILLAGE
    )
    left = F("pending") + F("absent") + F("refused")
    rows: Any = (
        counters.values("area", "area__code", "area__name", "area__path")
        .annotate(left=Sum(left))
        .filter(left__gt=0)
        .order_by("area__code")
    )
    last = _last_path(user, campaign)
    found = [
        VillageLeft(row["area__code"], row["area__name"], row["left"], row["area__path"] in last)
        for row in rows
    ]
    return sorted(found, key=lambda row: not row.is_last)


def villages_given(user: User, campaign: Campaign) -> list[VillageLeft]:
    """The same of what the person has been given."""
    own = Target.objects.given_to(user).left().filter(campaign=campaign).order_by()
    rows: Any = own.values_list("area__code", "area__name", "area__path")
    last = _last_path(user, campaign)
    found = [
        VillageLeft(code, name, left, path in last)
        for code, name, path, left in rows.annotate(left=Count("pk")).order_by("area__code")
    ]
    return sorted(found, key=lambda row: not row.is_last)


def _last_path(user: User, campaign: Campaign) -> str:
    """The path of the area of the person's last visit."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return visits.values_list("target__area__path", flat=True).first() or ""


def as_last_time(user: User, campaign: Campaign) -> dict[str, object]:
    """How and with whom the person went the last time, to be taken over by the next form."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return dict(visits.values("way", "companions").first() or {})
