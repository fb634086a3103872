"""What the organisation department reads of hints and call-backs."""

from django.db.models import Count, QuerySet

from campaign.models import Campaign
from organisation.choices import AreaLevel
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import CheckResult
from visits.models import TRUTH_READERS, TruthCheck, TruthDraw, TruthFlag

WIDE = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWNSHIP)


def flags_of(user: User, campaign: Campaign) -> QuerySet[TruthFlag]:
    found: QuerySet[TruthFlag] = TruthFlag.objects.visible_to(user).filter(campaign=campaign)
    return found.select_related("area__parent")


def draws_of(user: User, campaign: Campaign) -> QuerySet[TruthDraw]:
    """The newest first, without the long lists of keys."""
    found: QuerySet[TruthDraw] = TruthDraw.objects.visible_to(user).filter(campaign=campaign)
    return found.defer("population", "flagged").select_related("area", "drawn_by").order_by("-id")


def areas_to_check(user: User, campaign: Campaign) -> QuerySet[Area]:
    """Where the person draws: the own areas down to the townships."""
    inside = scope_of(user).areas(TRUTH_READERS, field="")
    return Area.objects.under(campaign.area).filter(inside, level__in=WIDE).order_by("code")


def checks_of(user: User, draw: TruthDraw) -> QuerySet[TruthCheck]:
    checks = TruthCheck.objects.visible_to(user).filter(draw=draw)
    return checks.select_related("visit__target__area__parent", "recorded_by")


def results_of(draw: TruthDraw) -> list[tuple[str, int]]:
    """How many of each result, those that wait first."""
    rows = draw.checks.order_by().values_list("result").annotate(number=Count("pk"))
    numbers = dict(rows)
    return [("待核实", numbers.get("", 0))] + [
        (result.label, numbers.get(result.value, 0)) for result in CheckResult
    ]
