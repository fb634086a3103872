"""How far the register is covered, from the counters of each area.

What overseers read of an area comes from ``picture``, which withholds small cells; this is for
the people who visit there and for what the system itself decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from campaign.choices import Audience
from campaign.models import Campaign, StageTask
from organisation.models import Area, Unit, User
from visits.choices import TargetKind, TargetState
from visits.coverage import Coverage
from visits.models import CoverageCount, team_areas

STATES = tuple(TargetState.values)


@dataclass(frozen=True)
class AreaCoverage:
    """One area's coverage, whole and by kind."""

    area: Area
    total: Coverage
    by_kind: dict[str, Coverage]


def coverage_of(campaign: Campaign, area: Area) -> Coverage:
    """Coverage of everything in the area."""
    return coverage_each(campaign, [area])[0].total


def coverage_each(campaign: Campaign, areas: list[Area]) -> list[AreaCoverage]:
    """Coverage of each of the areas, each with all below it; one query."""
    found = {area.pk: dict.fromkeys(TargetKind.values, Coverage()) for area in areas}
    rows: Any = CoverageCount.objects.filter(campaign=campaign, area__in=found)
    for area, kind, *numbers in rows.values_list("area", "kind", *STATES):
        found[area][kind] += Coverage(**dict(zip(STATES, numbers, strict=True)))
    return [
        AreaCoverage(area, sum(found[area.pk].values(), Coverage()), found[area.pk])
        for area in areas
    ]


def team_coverage(user: User, campaign: Campaign) -> list[AreaCoverage]:
    """Coverage of each area that the person's teams cover, by kind; two queries.

    An area inside another of them is part of that one, and not counted a second time.
    """
    covered = team_areas(user).filter(team__campaign=campaign).values("area_id")
    areas = list(Area.objects.filter(pk__in=covered).select_related("parent"))
    return coverage_each(campaign, [area for area in areas if not inside_another(area, areas)])


def inside_another(area: Area, areas: Iterable[Area]) -> bool:
    return any(area.is_under(other.path) and area.pk != other.pk for other in areas)


def covered(task: StageTask) -> set[int]:
    """For the office whether its campaign's register is covered as asked; for a unit, that of
    the unit's area. An empty register is not covered."""
    campaign = task.stage.campaign
    if task.audience == Audience.OFFICE:
        return {campaign.pk} if _reaches(coverage_of(campaign, campaign.area), task) else set()
    units = Unit.objects.filter(participant__campaign=campaign).select_related("area")
    areas = list({unit.area_id: unit.area for unit in units}.values())
    found = coverage_each(campaign, areas)
    reached = {each.area.pk for each in found if _reaches(each.total, task)}
    return {unit.pk for unit in units if unit.area_id in reached}


def _reaches(coverage: Coverage, task: StageTask) -> bool:
    registered = coverage.registered
    return registered > 0 and coverage.covered * 100 >= registered * task.threshold
