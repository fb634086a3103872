"""Who takes part: the units, and their people by group. The denominators of every task."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from campaign.choices import GROUPS, Audience
from campaign.models import Campaign
from organisation.choices import Role, Tier
from organisation.models import Area, Grant, Posting, Unit

TIERS: dict[str, tuple[str, ...]] = {
    Audience.CADRES: tuple(Tier.values),
    Audience.LEADING: (Tier.LEADING,),
    Audience.KEY_POST: (Tier.KEY_POST,),
    Audience.ORDINARY: (Tier.ORDINARY,),
}


@dataclass(frozen=True)
class Crew:
    """The units of a campaign by number, and how many people of each tier each has.

    A person belongs to the nearest unit above the own one that takes part.
    """

    units: Mapping[int, str]  # number and path
    people: Mapping[int, Mapping[str, int]]  # unit and tier

    def expected(self, audience: str, unit: int | None = None) -> int:
        """How many have a task for this audience to do: in all, or in one unit."""
        if audience == Audience.OFFICE:
            return 1
        if audience == Audience.UNITS:
            return 1 if unit else len(self.units)
        units = [unit] if unit else list(self.units)
        return sum(
            count
            for each in units
            for tier, count in self.people.get(each, {}).items()
            if tier in TIERS[audience]
        )

    @cached_property
    def _by_path(self) -> dict[str, int]:
        return {path: unit for unit, path in self.units.items()}

    def unit_of(self, path: str) -> int | None:
        """The taking part unit that a unit with this path belongs to."""
        parts = path.strip("/").split("/")
        for depth in range(len(parts), 0, -1):
            found = self._by_path.get(f"/{'/'.join(parts[:depth])}/")
            if found:
                return found
        return None


def crew_of(campaign: Campaign, within: Unit | None = None) -> Crew:
    """Two queries, whatever the size; ``within`` one of its units only that and those below."""
    joined = campaign.participants.filter(left_on=None)
    if within:
        joined = joined.filter(unit__path__under=within.path)
    units = dict(joined.order_by("id").values_list("unit", "unit__path"))
    crew = Crew(units, {})
    return Crew(units, _people(campaign, crew, within))


def _people(campaign: Campaign, crew: Crew, within: Unit | None) -> dict[int, dict[str, int]]:
    found: dict[int, Counter[str]] = {}
    posted = present_people().filter(unit__area__path__under=campaign.area.path)
    if within:
        posted = posted.filter(unit__path__under=within.path)
    for path, tier, count in posted.values_list("unit__path", "tier").annotate(n=Count("id")):
        if unit := crew.unit_of(path):
            found.setdefault(unit, Counter())[tier] += count
    return {unit: dict(counts) for unit, counts in found.items()}


def units_with_a_head(area: Area) -> QuerySet[Unit]:
    """The open units of an area that somebody leads: who takes part when a campaign begins."""
    heads = Grant.objects.current(timezone.localdate()).filter(role=Role.UNIT_HEAD)
    units: QuerySet[Unit] = Unit.objects.filter(
        closed_on=None, pk__in=heads.values("unit"), area__path__under=area.path
    )
    return units.select_related("area").order_by("path")


def present_people() -> QuerySet[Posting]:
    """The postings of today of people with an account in use."""
    return Posting.objects.filter(until=None, user__is_active=True)


def own_groups(tier: str) -> set[str]:
    """The audiences that a person of this tier belongs to."""
    return {group for group in GROUPS if tier in TIERS[group]}


def participants_above(unit: Unit) -> Q:
    """Which unit of the campaign a unit belongs to: itself or one above."""
    return Q(unit__in=[int(part) for part in unit.path.split("/") if part])
