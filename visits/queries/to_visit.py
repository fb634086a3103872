"""What one person has left to visit, and how the person went the last time."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Q, Sum

from campaign.models import Campaign
from organisation.choices import AreaLevel
from organisation.models import User
from visits.models import CoverageCount, Target, TargetQuerySet, Visit, team_areas
from visits.truth import common_path

ALL = "all"  # in place of the code of a village: what is left of all of them
NEAR = 12  # villages that stand over the list, as many as an old phone shows without scrolling
FOLDED = 300  # and so many more at a touch


def team_targets(user: User, campaign: Campaign) -> TargetQuerySet:
    """Everything the person's teams cover, visited or not."""
    found = Target.objects.assigned_to(user).registered().filter(campaign=campaign)
    return found.select_related("area__parent", "taken_by", "assignee")


@dataclass(frozen=True)
class VillageLeft:
    """A village of one's teams and how many targets of it are left.

    ``is_last``: the person's last visit was there.
    """

    code: str
    name: str
    path: str
    left: int
    is_last: bool


@dataclass(frozen=True)
class WayAround:
    """The villages where something is left, the nearest first, and the one that is shown."""

    villages: list[VillageLeft]
    shown: VillageLeft | None = None

    @property
    def following(self) -> VillageLeft | None:
        """The next one to go to; none after the last, and while no village is shown."""
        if self.shown is None:
            return None
        place = self.villages.index(self.shown) + 1
        return self.villages[place] if place < len(self.villages) else None

    @property
    def near(self) -> list[VillageLeft]:
        return self.villages[:NEAR]

    @property
    def more(self) -> list[VillageLeft]:
        """What is folded away."""
        return self.villages[NEAR : NEAR + FOLDED]

    @property
    def folded(self) -> int:
        """How many do not stand over the list."""
        return len(self.villages[NEAR:])

    @property
    def unlisted(self) -> int:
        """How many are found by searching alone."""
        return len(self.villages[NEAR + FOLDED :])


def way_around(villages: list[VillageLeft], code: str, *, is_narrowed: bool) -> WayAround:
    """What the work list shows: the village asked for; or the nearest, unless it is narrowed.

    Who searches, or looks for a kind or what is taken, or asks for all, looks in all villages.
    """
    if code and code != ALL:
        asked = [village for village in villages if village.code == code]
        return WayAround(villages, asked[0] if asked else None)
    if code or is_narrowed or len(villages) < 2:
        return WayAround(villages)
    return WayAround(villages, villages[0])


def villages_left(user: User, campaign: Campaign) -> list[VillageLeft]:
    """Where something is left, first where the person was last, then the nearest; three queries."""
    within = Q(pk__in=[])
    areas = team_areas(user).filter(team__campaign=campaign)
    paths = set(areas.values_list("area__path", flat=True))
    for path in paths:
        within |= Q(area__path__under=path, area__level=AreaLevel.VILLAGE)
        if not any(other != path and path.startswith(other) for other in paths):
            within |= Q(area__path=path, area__level=AreaLevel.GRID)  # without its village
    counters = CoverageCount.objects.filter(within, campaign=campaign)
    left = F("pending") + F("absent") + F("refused")
    rows: Any = (
        counters.values_list("area__code", "area__name", "area__path")
        .annotate(left=Sum(left))
        .filter(left__gt=0)
        .order_by()
    )
    return _nearest_first(rows, user, campaign)


def villages_given(user: User, campaign: Campaign) -> list[VillageLeft]:
    """The same of what the person has been given; what is in a grid counts with its village."""
    own = Target.objects.given_to(user).left().filter(campaign=campaign).order_by()
    names = ("code", "name", "path")
    columns = [
        "area__level",
        *(f"{at}__{name}" for at in ("area", "area__parent") for name in names),
    ]
    rows: Any = own.values_list(*columns).annotate(left=Count("pk"))
    numbers: Counter[tuple[str, str, str]] = Counter()
    for level, code, name, path, *village, left in rows:
        place = tuple(village) if level == AreaLevel.GRID else (code, name, path)
        numbers[place] += left
    return _nearest_first([(*place, left) for place, left in numbers.items()], user, campaign)


def _nearest_first(
    rows: Iterable[tuple[str, str, str, int]], user: User, campaign: Campaign
) -> list[VillageLeft]:
    """By how much of the tree of areas they share with the last one, then by distance of codes."""
    last_code, last_path = _last_area(user, campaign)
    here = _village_number(last_code)
    found = [VillageLeft(*row, is_last=last_path.startswith(row[2])) for row in rows]

    def distance(village: VillageLeft) -> tuple[int, int, str]:
        shared = common_path([village.path, last_path]).count("/")
        return -shared, abs(_village_number(village.code) - here), village.code

    return sorted(found, key=distance)


def _village_number(code: str) -> int:
    """The twelve digits of a village, also of a grid in it; 0 for what has none."""
    return int(code[:12]) if code[:12].isdecimal() else 0


def _last_area(user: User, campaign: Campaign) -> tuple[str, str]:
    """The code and the path of the area of the person's last visit; empty before the first."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return visits.values_list("target__area__code", "target__area__path").first() or ("", "")


def as_last_time(user: User, campaign: Campaign) -> dict[str, object]:
    """How and with whom the person went the last time, to be taken over by the next form."""
    visits = Visit.objects.filter(author=user, target__campaign=campaign).order_by("-id")
    return dict(visits.values("way", "companions").first() or {})
