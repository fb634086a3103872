"""Appeals of one kind that gather at one unit: a hint for the office, and no verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.utils import timezone

from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of
from visits.choices import AppealState, Matter
from visits.followers import Line, Offer, made_of, offer_for_group
from visits.models import Appeal

CLUSTER_SIZE = 5  # appeals of one category with one unit
CLUSTER_DAYS = 30  # since they were given to it
SHOWN_CLUSTERS = 5
LOOKED_THROUGH = 50  # the largest, so that those dealt with leave room for the next
TAKEN_ALONG = 20  # into one item


@dataclass(frozen=True)
class Cluster:
    """So many appeals of one kind with one unit.

    ``made``: what has been made of one of them; as long as there is nothing, ``offer`` leads on,
    where an app has one.
    """

    unit: int
    unit_name: str
    category: str
    number: int
    made: Line | None
    offer: Offer | None

    @property
    def category_name(self) -> str:
        return str(Matter(self.category).label)


def clusters_for(user: User) -> list[Cluster]:
    """Those in the areas of the person's office: those that nothing was made of before the
    others, the largest first; a query, and two more where there are any."""
    since = timezone.localdate() - timedelta(days=CLUSTER_DAYS)
    recent = _recent(user).filter(issued_on__gte=since)
    rows: Any = (
        recent.order_by()
        .values("campaign", "unit", "unit__name", "category")
        .annotate(number=Count("pk"))
        .filter(number__gte=CLUSTER_SIZE)
        .order_by("-number", "unit", "category")[:LOOKED_THROUGH]
    )
    found = list(rows)
    if not found:
        return []
    gathered = _of_units(recent, found)
    keys, made = _keys_of(gathered, found), made_of(user, gathered)
    clusters = [_cluster(user, row, keys[_place(row)], made) for row in found]
    return sorted(clusters, key=lambda each: each.made is not None)[:SHOWN_CLUSTERS]


def _recent(user: User) -> QuerySet[Appeal]:
    """With a unit and of a known kind; those merged are one matter with another."""
    inside = Appeal.objects.filter(scope_of(user).areas([Role.OFFICE]))
    open_ones = inside.filter(campaign__archived_at=None, unit__isnull=False)
    return open_ones.exclude(category="").exclude(state=AppealState.MERGED)


def _of_units(recent: QuerySet[Appeal], found: Sequence[dict[str, Any]]) -> QuerySet[Appeal]:
    """The appeals of all clusters, and few others."""
    units, kinds = {row["unit"] for row in found}, {row["category"] for row in found}
    return recent.filter(unit__in=units, category__in=kinds)


Place = tuple[int, int, str]


def _place(row: dict[str, Any]) -> Place:
    return row["campaign"], row["unit"], row["category"]


def _keys_of(gathered: QuerySet[Appeal], found: Sequence[dict[str, Any]]) -> dict[Place, list[int]]:
    """The appeals of each, the newest first."""
    keys: dict[Place, list[int]] = {_place(row): [] for row in found}
    rows = gathered.order_by("-pk")
    for campaign, unit, category, key in rows.values_list("campaign", "unit", "category", "pk"):
        if (campaign, unit, category) in keys:
            keys[campaign, unit, category].append(key)
    return keys


def _cluster(
    user: User, row: dict[str, Any], keys: Sequence[int], made: dict[int, Line]
) -> Cluster:
    line = next((made[key] for key in keys if key in made), None)
    offer = None if line else offer_for_group(user, keys[:TAKEN_ALONG])
    return Cluster(row["unit"], row["unit__name"], row["category"], row["number"], line, offer)
