"""Reads on the register: what is left, and coverage at every level."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, Sum, When

from campaign.models import Campaign
from organisation.models import Area, User
from visits.choices import TargetKind, TargetState
from visits.coverage import Coverage
from visits.models import CoverageCount, Target

STATES = tuple(TargetState.values)


@dataclass(frozen=True)
class AreaCoverage:
    """One area's coverage, whole and by kind."""

    area: Area
    total: Coverage
    by_kind: dict[str, Coverage]


def coverage_of(campaign: Campaign, area: Area) -> Coverage:
    """Coverage of everything in the area; one grouped query over the village counters."""
    sums = _counts(campaign, [area]).aggregate(**{state: Sum(state, default=0) for state in STATES})
    return Coverage(**sums)


def coverage_below(campaign: Campaign, area: Area) -> list[AreaCoverage]:
    """Coverage of each child of the area (of the area itself when it has none), by kind.

    One grouped query for the children and one for the counters, whatever their number.
    """
    children = list(area.children.all()) or [area]
    child_of = Case(*[When(area__path__startswith=each.path, then=each.pk) for each in children])
    rows = (
        _counts(campaign, children)
        .annotate(child=child_of)
        .values("child", "kind")
        .annotate(**{f"n_{state}": Sum(state) for state in STATES})
    )
    found = {child.pk: dict.fromkeys(TargetKind.values, Coverage()) for child in children}
    for row in rows:
        found[row["child"]][row["kind"]] = Coverage(**{s: row[f"n_{s}"] for s in STATES})
    return [
        AreaCoverage(child, sum(found[child.pk].values(), Coverage()), found[child.pk])
        for child in children
    ]


def _counts(campaign: Campaign, areas: Iterable[Area]) -> QuerySet[CoverageCount]:
    inside = Q(pk__in=[])
    for area in areas:
        inside |= Q(area__path__startswith=area.path)
    return CoverageCount.objects.filter(inside, campaign=campaign)


def work_list(user: User, campaign: Campaign) -> QuerySet[Target]:
    """What the person's teams still have to visit."""
    return Target.objects.assigned_to(user).filter(campaign=campaign).left().select_related("area")
