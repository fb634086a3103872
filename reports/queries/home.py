"""What waits for one person: the home page."""

from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.utils import timezone

from campaign.models import Campaign, Stage
from campaign.queries import TaskToDo, stages_of, tasks_waiting_for
from issues.choices import SETTLED
from issues.models import Issue, SupervisionSlip
from issues.queries import ListWork, count_waiting, first_waiting, list_work, slips_waiting_for
from organisation.models import Area, User
from reports.queries.progress import widest_area
from reports.rules import can_read_progress
from visits.coverage import Coverage
from visits.models import Appeal
from visits.queries import AreaCoverage, team_coverage
from visits.queries.appeals import waiting_for as appeals_waiting_for
from visits.queries.picture import whole_for

SHOWN = 10
BY_DEADLINE = (F("due_on").asc(nulls_last=True), "id")  # what has no clock waits for others
MOST = 1000  # beyond it the number is of no use to anybody, and takes long to count


@dataclass(frozen=True)
class StageNow:
    """A stage and where today stands to it."""

    stage: Stage
    is_past: bool
    is_now: bool


@dataclass(frozen=True)
class Overview:
    """How far the campaign is, in two rates, for those who oversee an area."""

    area: Area
    coverage: Coverage | None  # None: too few for whoever is not of the area
    filed: int
    closed: int


@dataclass(frozen=True)
class Waiting:
    """All that waits for one person today; ``issues`` are the first SHOWN of ``issue_count``,
    and of the slips and the appeals there are no more either."""

    campaign: Campaign | None
    stages: list[StageNow]
    days_left: int
    issues: list[Issue]
    issue_count: int
    slips: list[SupervisionSlip]
    appeals: list[Appeal]
    lists: ListWork
    tasks: list[TaskToDo]
    areas: list[AreaCoverage]
    overview: Overview | None

    @property
    def issue_total(self) -> str:
        """How many items wait, as people say it."""
        return f"{MOST:,}+" if self.issue_count > MOST else f"{self.issue_count:,}"

    @property
    def targets_left(self) -> int:
        return sum(each.total.left for each in self.areas)

    @property
    def is_empty(self) -> bool:
        lists = not self.lists.is_empty
        on_paper = self.issue_count or lists or self.slips or self.appeals
        return not (on_paper or self.tasks or self.targets_left)


def waiting(user: User, campaign: Campaign | None) -> Waiting:
    """Read the home page of the person; a fixed number of queries.

    An administrator takes no part, and does not learn of the campaign either.
    """
    today = timezone.localdate()
    shown = first_waiting(user, SHOWN + 1)
    return Waiting(
        campaign=campaign,
        stages=_stages(campaign) if campaign else [],
        days_left=(campaign.ends_on - today).days if campaign else 0,
        issues=shown[:SHOWN],
        issue_count=len(shown) if len(shown) <= SHOWN else count_waiting(user, MOST + 1),
        slips=list(slips_waiting_for(user)[:SHOWN]),
        appeals=list(appeals_waiting_for(user).order_by(*BY_DEADLINE)[:SHOWN]),
        lists=list_work(user),
        tasks=tasks_waiting_for(user, campaign, today) if campaign else [],
        areas=team_coverage(user, campaign) if campaign else [],
        overview=_overview(user, campaign) if campaign else None,
    )


def _overview(user: User, campaign: Campaign) -> Overview | None:
    area = widest_area(user, campaign) if can_read_progress(user) else None
    if area is None:
        return None
    filed = Issue.objects.filter(campaign=campaign).in_area(area.path).filed()
    counts = filed.aggregate(filed=Count("pk"), closed=Count("pk", filter=Q(state__in=SETTLED)))
    return Overview(area=area, coverage=whole_for(user, campaign, area).total, **counts)


def _stages(campaign: Campaign) -> list[StageNow]:
    today = timezone.localdate()
    return [
        StageNow(stage, stage.ends_on < today, stage.starts_on <= today <= stage.ends_on)
        for stage in stages_of(campaign)
    ]
