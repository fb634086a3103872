"""How far a campaign is in one area, as a reader sees it: one set of numbers for screen, Excel
and PDF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from campaign.choices import EXAMINED
from campaign.models import Campaign, Category
from campaign.queries import stage_on
from core import calendars
from core.models import Job
from issues.choices import FILED, SETTLED, State
from issues.models import Issue
from issues.queries import is_late
from organisation.models import Area, User
from organisation.scope import scope_of
from reports.rules import PROGRESS_READERS
from visits.appeal_rates import Counts, Rate, rates_of
from visits.choices import NOT_RATED, TO_ANSWER, TargetKind
from visits.coverage import TOTAL, Coverage
from visits.models import Appeal
from visits.queries.appeals import counts_of
from visits.queries.picture import Line, Picture, picture

FILED_STATES = tuple(state for state in State if state in FILED)


@dataclass(frozen=True)
class Measure:
    """One rate with its parts: ``done`` of ``whole``, and how many of the rest are late."""

    name: str
    done: int
    whole: int
    late: int | None = None

    @property
    def left(self) -> int:
        return self.whole - self.done


@dataclass(frozen=True)
class Withheld:
    """A rate that the reader may not see."""

    name: str
    whole: None = None


@dataclass(frozen=True)
class Problems:
    """Filed problems by state, and how many unfinished ones are past their date."""

    by_state: dict[str, int]
    late: int = 0

    @property
    def filed(self) -> int:
        return sum(self.by_state.values())

    @property
    def closed(self) -> int:
        return sum(self.by_state.get(state, 0) for state in SETTLED)

    def __add__(self, other: Problems) -> Problems:
        both = Counter(self.by_state) + Counter(other.by_state)
        return Problems(dict(both), self.late + other.late)


NO_PROBLEMS = Problems({})


@dataclass(frozen=True)
class CategoryRow:
    list_name: str
    number: int
    name: str
    problems: Problems


@dataclass(frozen=True)
class UnitRow:
    name: str
    problems: Problems


@dataclass(frozen=True)
class LateProblem:
    """A filed problem past its date."""

    number: str
    title: str
    unit: str
    due_on: date
    workdays_late: int


@dataclass(frozen=True)
class Progress:
    """Where the campaign stands in the area at one moment.

    ``late`` holds the oldest late problems, as many as were asked for; their full number
    is ``problems.late``.
    """

    campaign: Campaign
    area: Area
    at: datetime
    stage: str
    picture: Picture
    appeals: Measure
    counts: Counts
    categories: tuple[CategoryRow, ...]
    units: tuple[UnitRow, ...]
    late: tuple[LateProblem, ...]

    @property
    def rates(self) -> tuple[Rate, ...]:
        """The eight rates of appeals."""
        return rates_of(self.counts)

    @property
    def areas(self) -> tuple[Line, ...]:
        """A row for each area below, and one for what is registered at the area itself.

        So the rows always add up to the area's whole register.
        """
        return self.picture.lines or (self.picture.whole,)

    @property
    def coverage(self) -> Coverage | None:
        return self.picture.whole.total

    @property
    def has_register(self) -> bool:
        """Whether anything is registered; a number that is withheld is not none."""
        return self.coverage is None or self.coverage.registered > 0

    @property
    def problems(self) -> Problems:
        return sum((row.problems for row in self.categories), NO_PROBLEMS)

    @property
    def measures(self) -> tuple[Measure | Withheld, ...]:
        """Coverage whole and by kind, appeals, problems: the figures of the first page."""
        cells = self.picture.whole.cells
        names = {TOTAL: "全部覆盖"} | {kind: f"{kind.label}覆盖" for kind in TargetKind}
        covered = [_covered(name, cells[key]) for key, name in names.items()]
        return (*covered, self.appeals, self.rectification)

    @property
    def rectification(self) -> Measure:
        return Measure("问题销号", self.problems.closed, self.problems.filed, self.problems.late)


def readable_areas(user: User, campaign: Campaign) -> QuerySet[Area]:
    """The areas of the campaign that the person answers for, the widest first."""
    inside = Area.objects.filter(scope_of(user).areas(PROGRESS_READERS, field=""))
    return inside.under(campaign.area).order_by("path")


def still_readable(user: User, job: Job) -> bool:
    """Whether the person may read the area that an exported report is about, today."""
    wanted = job.arguments
    campaign = Campaign.objects.visible_to(user).filter(pk=wanted["campaign"]).first()
    return campaign is not None and bool(
        readable_areas(user, campaign).filter(code=wanted["area"]).exists()
    )


def widest_area(user: User, campaign: Campaign) -> Area | None:
    """Where the person's progress page begins; None when the campaign is elsewhere.

    Paths hold ids of any length, so the widest is the one with the fewest levels.
    """
    heads = {grant.area_path for grant in scope_of(user).held if grant.role in PROGRESS_READERS}
    wide = readable_areas(user, campaign).filter(Q(path__in=heads) | Q(pk=campaign.area_id))
    return min(wide, key=lambda area: (area.path.count("/"), area.code), default=None)


def way_to(user: User, campaign: Campaign, area: Area) -> list[Area]:
    """The readable areas from the widest down to this one; one query."""
    ids = [int(each) for each in area.path.strip("/").split("/")]
    way = readable_areas(user, campaign).filter(pk__in=ids)
    return sorted(way, key=lambda each: each.path.count("/"))


def _covered(name: str, cell: Coverage | None) -> Measure | Withheld:
    return Withheld(name) if cell is None else Measure(name, cell.covered, cell.registered)


def progress(
    user: User, campaign: Campaign, way: Sequence[Area], at: datetime, *, listed: int
) -> Progress:
    """The numbers of the last area of the way as of ``at``, as the person may see them; in 10
    queries whatever the data's size.

    ``listed``: how many late problems to name.
    """
    area = way[-1]
    today = timezone.localdate(at)
    stage = stage_on(campaign, today)
    issues = Issue.objects.filter(campaign=campaign).in_area(area.path).filed()
    return Progress(
        campaign=campaign,
        area=area,
        at=at,
        stage=stage.get_kind_display() if stage else "",
        picture=picture(user, campaign, way),
        appeals=_appeals(campaign, area, today),
        counts=counts_of(_raised(campaign, area)),
        categories=_categories(campaign, issues, today),
        units=_units(issues, today),
        late=_late(issues, today, listed),
    )


def _appeals(campaign: Campaign, area: Area, today: date) -> Measure:
    latest = calendars.current().latest(today)
    counts = (
        _raised(campaign, area)
        .exclude(state__in=sorted(NOT_RATED))
        .aggregate(
            whole=Count("pk"),
            done=Count("pk", filter=~Q(state__in=sorted(TO_ANSWER))),
            late=Count("pk", filter=Q(state__in=sorted(TO_ANSWER), due_on__lt=latest)),
        )
    )
    return Measure("诉求答复", **counts)


def _raised(campaign: Campaign, area: Area) -> QuerySet[Appeal]:
    return Appeal.objects.filter(campaign=campaign, area__path__under=area.path)


def _categories(
    campaign: Campaign, issues: QuerySet[Issue], today: date
) -> tuple[CategoryRow, ...]:
    """Every category of the campaign, also those without a problem."""
    found = _problems_by("category_id", issues, today)
    listed = Q(taxonomy__campaign=campaign, taxonomy__kind__in=EXAMINED) | Q(pk__in=list(found))
    rows = Category.objects.filter(listed).select_related("taxonomy")
    return tuple(
        CategoryRow(row.taxonomy.name, row.number, row.name, found.get(row.pk, NO_PROBLEMS))
        for row in rows
    )


def _units(issues: QuerySet[Issue], today: date) -> tuple[UnitRow, ...]:
    """Units with filed problems, in the order of their names: no unit is ranked here."""
    found = _problems_by("unit__name", issues, today)
    return tuple(UnitRow(str(name), found[name]) for name in sorted(found, key=str))


def _problems_by(field: str, issues: QuerySet[Issue], today: date) -> dict[object, Problems]:
    rows = (
        issues.values(field, "state")
        .annotate(number=Count("pk"), late=Count("pk", filter=is_late(today)))
        .order_by()
    )
    return _added(
        (row[field], Problems({row["state"]: row["number"]}, row["late"])) for row in rows
    )


def _added(parts: Iterable[tuple[object, Problems]]) -> dict[object, Problems]:
    found: dict[object, Problems] = {}
    for key, problems in parts:
        found[key] = found.get(key, NO_PROBLEMS) + problems
    return found


def _late(issues: QuerySet[Issue], today: date, listed: int) -> tuple[LateProblem, ...]:
    rows = (
        issues.filter(is_late(today))
        .select_related("unit")
        .only("title", "due_on", "unit__name")
        .order_by("due_on", "id")
    )
    calendar = calendars.current()
    return tuple(
        LateProblem(
            issue.number,
            issue.title,
            issue.unit.name,
            issue.due_on,
            -calendar.workdays_left(today, issue.due_on),
        )
        for issue in rows[:listed]
        if issue.due_on
    )
