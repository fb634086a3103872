"""Reads on the archiving of a campaign, and on what is left of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from campaign import archiving
from campaign.archiving import Measure
from campaign.models import Campaign, Total
from campaign.models.activities import READERS
from core.models import Job
from organisation.models import Unit, User
from organisation.scope import scope_of


@dataclass(frozen=True)
class Loss:
    """What the archiving takes, in words, how many rows it is, and whether the rows stay."""

    label: str
    number: int
    stays: bool


@dataclass(frozen=True)
class Line:
    """One number of an archived campaign, under the name of its measure or of a part of it."""

    measure: Measure
    total: Total

    @property
    def name(self) -> str:
        return self.total.part or self.measure.label

    @property
    def is_part(self) -> bool:
        return bool(self.total.part)


def jobs_under_way(campaign: Campaign) -> QuerySet[Job]:
    """The archiving of this campaign that somebody has asked for and that is not over."""
    waiting = [Job.State.QUEUED, Job.State.RUNNING]
    asked = Job.objects.filter(kind="campaign.archive", arguments__campaign=campaign.pk)
    return asked.filter(state__in=waiting).order_by("queued_at")


def obstacles_to_archiving(campaign: Campaign, today: date) -> list[str]:
    """What has to come first, in sentences; empty when it may be archived."""
    early = []
    if campaign.ends_on >= today:
        early = [f"专项行动到 {campaign.ends_on:%Y-%m-%d} 才结束，过了这一天再归档。"]
    return early + archiving.obstacles_of(campaign)


def losses_of(campaign: Campaign) -> list[Loss]:
    """What would go or be cleared, counted, the weightiest of each app first; one query each."""
    drops = [drop for drop in archiving.drops_of(campaign) if drop.label]
    found = [Loss(each.label, each.rows.count(), each.cleared is not None) for each in drops]
    return [loss for loss in reversed(found) if loss.number]


def totals_visible_to(user: User, campaign: Campaign) -> QuerySet[Total]:
    """The totals of the units that a right reaches, and of the whole campaign when it reaches
    all of that; each measure by its own readers. Reads ``campaign.area``."""
    scope = scope_of(user)
    by_readers: dict[frozenset[str] | None, list[str]] = {}
    for measure in archiving.measures():
        readers = None if measure.readers is None else frozenset(measure.readers)
        by_readers.setdefault(readers, []).append(measure.key)
    found = Q(pk__in=[])
    for roles, keys in by_readers.items():
        reach = scope.units(READERS if roles is None else roles)
        if roles is None or scope.covers_area(campaign.area, *roles):
            reach |= Q(unit=None)
        found |= Q(measure__in=keys) & reach
    return campaign.totals.filter(found)


def lines_by_group(totals: Iterable[Total]) -> dict[str, list[Line]]:
    """The numbers in the order of the apps and their measures, under the apps' names."""
    by_measure: dict[str, list[Total]] = {}
    for total in totals:
        by_measure.setdefault(total.measure, []).append(total)
    found = {
        name: [Line(each, total) for each in measures for total in by_measure.get(each.key, ())]
        for name, measures in archiving.groups().items()
    }
    return {name: lines for name, lines in found.items() if lines}


def units_with_totals(user: User, campaign: Campaign) -> QuerySet[Unit]:
    """The units of which the person reads some number."""
    totals = totals_visible_to(user, campaign).exclude(unit=None)
    return Unit.objects.filter(pk__in=totals.values("unit")).select_related("area")


def table_measures() -> list[Measure]:
    """The columns of the list of units."""
    return [measure for measure in archiving.measures() if measure.table]


def totals_of_units(
    user: User, campaign: Campaign, units: Iterable[Unit]
) -> Mapping[tuple[int | None, str], Total]:
    """The whole figures of these units, by unit and measure; one query."""
    keys = [measure.key for measure in table_measures()]
    rows = totals_visible_to(user, campaign).filter(unit__in=units, measure__in=keys, part="")
    return {(row.unit_id, row.measure): row for row in rows}
