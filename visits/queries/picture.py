"""The coverage of one area as its pages and files show it: from counters alone.

However many targets and visits there are, it reads the counters of the area and of the areas
just below it. Who is not of the area's own office, organisation department or leaders reads
no cell that could tell of single households (``visits.coverage.withheld``); nor does an
archive keep any. All numbers for readers come from here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import add

from django.db.models import F, FilteredRelation, Q, QuerySet, Sum
from django.utils import timezone

from campaign.models import Campaign
from core.models import Job
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import Locality, TargetKind, TargetState
from visits.coverage import TOTAL, Coverage, fewest_of_states, states_of, withheld
from visits.models import CoverageCount, CoverageDay
from visits.rules import COVERAGE_READERS, sees_small_cells

STATES = tuple(TargetState.values)  # in the order of the fields of Coverage
KINDS = tuple(TargetKind.values)
SPLIT_BY = ("kind", "above_scale", "industrial", "small", "locality")  # the columns of a counter
TREND_DAYS = 60
PLACES = {**{str(each): each.label for each in Locality}, "unplaced": "未定"}
SPLITS = (  # title, and the parts of it
    ("规上 / 规下", (("above_scale", "规上企业"), ("below_scale", "规下企业"))),
    ("小微 / 其他规模", (("small", "小微企业"), ("not_small", "大中型或未填规模"))),
    ("工业 / 其他", (("industrial", "工业企业"), ("not_industrial", "其他企业"))),
    *(
        (
            f"{kind.label}：城市 / 农村",
            tuple(
                (f"{kind.value}_{place}", f"{label}{kind.label}") for place, label in PLACES.items()
            ),
        )
        for kind in TargetKind
    ),
)
Parts = Mapping[str, Coverage]  # by what the cells are called
Hidden = Mapping[tuple[int, bool], set[str]]  # by area, and whether only its own


@dataclass(frozen=True)
class Line:
    """One area's cells; what the reader may not see is None. ``own``: what is registered at
    the upper area itself, and not below it. ``unbroken``: cells whose states stay unseen."""

    area: Area
    cells: Mapping[str, Coverage | None]
    unbroken: frozenset[str] = frozenset()
    own: bool = False

    @property
    def name(self) -> str:
        return f"{self.area.name}本级" if self.own else self.area.name

    @property
    def total(self) -> Coverage | None:
        return self.cells[TOTAL]

    def by_state(self, key: str) -> Coverage | None:
        """The cell where its six states may be told apart."""
        return None if key in self.unbroken else self.cells[key]


@dataclass(frozen=True)
class Day:
    """How far the area was at the end of a day; the last one is now."""

    day: date
    covered: int
    registered: int


@dataclass(frozen=True)
class Picture:
    """The coverage of an area: whole, below, and by split."""

    campaign: Campaign
    area: Area
    whole: Line
    lines: tuple[Line, ...]
    is_whole: bool  # nothing is withheld from the reader

    @property
    def is_withheld(self) -> bool:
        shown = [cell for line in (self.whole, *self.lines) for cell in line.cells.values()]
        return None in shown

    @property
    def withholds_states(self) -> bool:
        """Some states of the whole area are withheld."""
        return any(self.whole.by_state(key) is None for key in (TOTAL, *KINDS))


def readable_areas(user: User, campaign: Campaign) -> QuerySet[Area]:
    """The areas of the campaign whose coverage the person reads."""
    inside = Area.objects.filter(scope_of(user).areas(COVERAGE_READERS, field=""))
    return inside.under(campaign.area)


def still_readable(user: User, job: Job) -> bool:
    """Whether the person may read the area that a file is about, today."""
    asked = job.arguments
    campaign = Campaign.objects.visible_to(user).filter(pk=asked["campaign"]).first()
    return campaign is not None and bool(
        readable_areas(user, campaign).filter(code=asked["area"]).exists()
    )


def widest_area(user: User, campaign: Campaign) -> Area | None:
    """Where the person begins: the widest of the own areas, or all of the campaign."""
    heads = {held.area_path for held in scope_of(user).held if held.role in COVERAGE_READERS}
    wide = readable_areas(user, campaign).filter(Q(path__in=heads) | Q(pk=campaign.area_id))
    return min(wide, key=lambda area: (area.path.count("/"), area.code), default=None)


def way_to(user: User, campaign: Campaign, area: Area) -> list[Area]:
    """The readable areas from the widest down to this one; one query."""
    keys = [int(each) for each in area.path.strip("/").split("/")]
    way = readable_areas(user, campaign).filter(pk__in=keys)
    return sorted(way, key=lambda each: each.path.count("/"))


def picture(user: User, campaign: Campaign, way: Sequence[Area]) -> Picture:
    """The last area of the way, in one query whatever the data's size."""
    area = way[-1]
    is_whole = sees_small_cells(user, area)
    below, parts = _read(campaign, [area] if is_whole else list(way))
    hidden = {} if is_whole else _hidden(way, below, parts)
    lines = [_line(each, parts, hidden) for each in below[area.pk]]
    own = _own(area, below[area.pk], parts)
    if lines and own[TOTAL].registered:
        lines.append(_line(area, {area.pk: own}, hidden, own=True))
    return Picture(campaign, area, _line(area, parts, hidden), tuple(lines), is_whole)


def whole_for(user: User, campaign: Campaign, widest: Area) -> Line:
    """The widest area that the person reads, by itself; one query."""
    return _whole(campaign, widest, is_whole=sees_small_cells(user, widest))


def whole_for_all(campaign: Campaign) -> Line:
    """The campaign's area as also outsiders may see it; one query."""
    return _whole(campaign, campaign.area, is_whole=False)


def _whole(campaign: Campaign, area: Area, *, is_whole: bool) -> Line:
    parts = _cells(_counted(campaign, Q(pk=area.pk)))
    return _line(area, parts, {} if is_whole else _hidden([area], {area.pk: ()}, parts))


def days_of(found: Picture) -> tuple[Day, ...]:
    """The last days and now; one query. An outsider is not shown how a small register grew."""
    total = found.whole.total
    if not found.is_whole or total is None or not total.registered:
        return ()
    today = timezone.localdate()
    rows = CoverageDay.objects.filter(campaign=found.campaign, area=found.area, day__lt=today)
    sums = rows.order_by("-day").values_list("day")
    summed = sums.annotate(covered=Sum("covered"), registered=Sum("registered"))
    days = [Day(*each) for each in summed[: TREND_DAYS - 1]]
    return (*reversed(days), Day(today, total.covered, total.registered))


def every_area_below(campaign: Campaign, area: Area) -> Iterable[tuple[Area, Parts]]:
    """Each area below with its kinds, in the order of their codes; for who sees all."""
    below = Area.objects.under(area).exclude(pk=area.pk).select_related("parent")
    counts = CoverageCount.objects.filter(campaign=campaign, area__path__under=area.path)
    rows = counts.order_by().values_list("area", "kind").annotate(*map(Sum, STATES))
    found: dict[int, dict[str, Coverage]] = defaultdict(dict)
    for key, kind, *numbers in rows:
        found[key][kind] = Coverage(*numbers)
    for each in below.order_by("code"):
        yield each, {kind: found[each.pk].get(kind, Coverage()) for kind in KINDS}


def _read(
    campaign: Campaign, areas: Sequence[Area]
) -> tuple[dict[int, list[Area]], dict[int, dict[str, Coverage]]]:
    """What lies just below each area, and the cells of all of them; one query."""
    keys = [area.pk for area in areas]
    rows = list(_counted(campaign, Q(pk__in=keys) | Q(parent__in=keys)))
    below: dict[int, list[Area]] = {key: [] for key in keys}
    for row in {row.pk: row for row in rows}.values():
        if row.parent_id in below:
            below[row.parent_id].append(row)
    return below, _cells(rows)


def _counted(campaign: Campaign, which: Q) -> QuerySet[Area]:
    """Areas in the order of their codes, once for each of their counters, or once without any."""
    of_campaign = Q(coverage_counts__campaign=campaign)
    counted = Area.objects.annotate(
        counts=FilteredRelation("coverage_counts", condition=of_campaign)
    )
    columns = {f"count_{name}": F(f"counts__{name}") for name in (*SPLIT_BY, *STATES)}
    return counted.filter(which).annotate(**columns).order_by("code")


def _cells(rows: Iterable[Area]) -> dict[int, dict[str, Coverage]]:
    """The cells of each area, with all below it."""
    sums: dict[int, dict[str, list[int]]] = {}
    for row in rows:
        cells = sums.setdefault(row.pk, {key: [0] * len(STATES) for key in _keys()})
        kind, *split = (getattr(row, f"count_{name}") for name in SPLIT_BY)
        if kind is None:
            continue
        numbers = [getattr(row, f"count_{name}") for name in STATES]
        for part in _parts(kind, *split):
            cells[part][:] = map(add, cells[part], numbers)
    return {
        key: {part: Coverage(*cell) for part, cell in cells.items()} for key, cells in sums.items()
    }


def _keys() -> list[str]:
    return [TOTAL, *KINDS, *(part for _, parts in SPLITS for part, _ in parts)]


def _parts(kind: str, above: bool, industrial: bool, small: bool, locality: str) -> list[str]:
    found = [TOTAL, kind, f"{kind}_{locality or 'unplaced'}"]
    if kind == TargetKind.ENTERPRISE:
        found.append("above_scale" if above else "below_scale")
        found.append("industrial" if industrial else "not_industrial")
        found.append("small" if small else "not_small")
    return found


def _own(area: Area, below: Sequence[Area], parts: Mapping[int, Parts]) -> dict[str, Coverage]:
    return {
        key: whole - sum((parts[each.pk][key] for each in below), Coverage())
        for key, whole in parts[area.pk].items()
    }


def _line(area: Area, parts: Mapping[int, Parts], hidden: Hidden, *, own: bool = False) -> Line:
    unseen = hidden.get((area.pk, own), set())
    cells = {key: None if key in unseen else n for key, n in parts[area.pk].items()}
    unbroken = frozenset(key for key in cells if unseen.intersection(states_of(key)))
    return Line(area, cells, unbroken, own)


def _hidden(
    way: Sequence[Area], below: Mapping[int, Sequence[Area]], parts: Mapping[int, Parts]
) -> Hidden:
    """What an outsider must not see of each area on the way, of its parts and of its own.

    From the widest that the person reads: what is hidden above stays hidden below.
    """
    (first,) = withheld([_numbers(parts[way[0].pk])])
    found = {(way[0].pk, False): first}
    for area in way:
        group = [(each.pk, False) for each in below[area.pk]]
        numbers = [_numbers(parts[each.pk]) for each in below[area.pk]]
        if group:
            group.append((area.pk, True))
            numbers.append(_numbers(_own(area, below[area.pk], parts)))
        found |= dict(zip(group, withheld(numbers, found[area.pk, False]), strict=True))
    return found


def _numbers(parts: Parts) -> dict[str, int]:
    numbers = {key: each.registered for key, each in parts.items()}
    for key in (TOTAL, *KINDS):
        numbers |= fewest_of_states(key, parts[key])
    return numbers
