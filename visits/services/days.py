"""The coverage day by day, and its file.

A day's rows are written from the counters, not in the transactions of the visits: a visit
already moves one counter in each area above, and would wait at a second row of the whole city
for every other visit of the day. The task looks every hour and the last look of a day stays,
so a night without a worker costs one point of a line, and never a number.
"""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import F, Sum
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from core.jobs import request_once
from core.models import Job
from organisation.models import Area, User
from visits.choices import COVERED, TargetState
from visits.models import CoverageCount, CoverageDay
from visits.rules import can_read_coverage

EXPORT = "visits.export_coverage"
NO_RIGHT = "走访覆盖由领导和作风办、组织部、纪委监委查看。需要时请向作风办申请。"
ROWS_AT_ONCE = 150  # SQLite takes 999 parameters
_REGISTERED = sum((F(state) for state in TargetState.values[1:]), F(TargetState.values[0]))
_COVERED = sum((F(state) for state in sorted(COVERED)[1:]), F(sorted(COVERED)[0]))


def keep_days(today: date | None = None) -> int:
    """Write today's rows of every open campaign; returns how many were new or other."""
    day = today or timezone.localdate()
    campaigns = Campaign.objects.filter(archived_at=None, starts_on__lte=day, ends_on__gte=day)
    return sum(_keep_day(campaign=each, day=day) for each in campaigns.order_by("pk"))


@audit.atomic
def _keep_day(*, campaign: Campaign, day: date) -> int:
    require_open(campaign.pk)
    rows = CoverageCount.objects.filter(campaign=campaign).order_by("area", "kind")
    sums = rows.values_list("area", "kind").annotate(whole=Sum(_REGISTERED), done=Sum(_COVERED))
    kept = CoverageDay.objects.filter(campaign=campaign, day=day)
    known = set(kept.values_list("area", "kind", "registered", "covered"))
    changed = [each for each in sums if each not in known]
    for start in range(0, len(changed), ROWS_AT_ONCE):
        CoverageDay.objects.bulk_create(
            [
                CoverageDay(
                    campaign=campaign,
                    day=day,
                    area_id=area,
                    kind=kind,
                    registered=whole,
                    covered=done,
                )
                for area, kind, whole, done in changed[start : start + ROWS_AT_ONCE]
            ],
            update_conflicts=True,
            update_fields=["registered", "covered"],
            unique_fields=["campaign", "area", "kind", "day"],
        )
    return len(changed)


def request_coverage_export(*, campaign: Campaign, area: Area, actor: User) -> Job:
    """Ask for the area's coverage as Excel; the same one under way is returned.

    Raises PermissionDenied without the right.
    """
    if not can_read_coverage(actor):
        raise PermissionDenied(NO_RIGHT)
    title = f"{area}走访覆盖"
    return request_once(kind=EXPORT, title=title, owner=actor, campaign=campaign.pk, area=area.code)
