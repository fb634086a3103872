"""Reads on what goes to 12345: what may be handed over, and the workbooks there and back."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from campaign.models import Campaign
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of
from visits.appeal_way import BY_NAME
from visits.choices import AppealState
from visits.models import Appeal, AppealEvent, HotlineUpload
from visits.rules import dispatches
from visits.sheet.hotline import STEPS, Present

PER_QUERY = 900  # SQLite takes 999 parameters
HANDED_FROM = BY_NAME["hotline"].sources
ARCHIVED = "所在的专项行动已经归档，只能查看。"
NOT_OURS = "不在您的辖区，由当地作风办转办。"


@dataclass(frozen=True)
class Look:
    """One appeal before it is handed over; ``why_not`` is empty where it may be."""

    appeal: Appeal
    why_not: str


def look_at(user: User, appeals: Iterable[Appeal]) -> list[Look]:
    """Which of them the person may hand over to 12345 now. Reads ``area`` and ``campaign``."""
    return [Look(each, _why_not(user, each)) for each in appeals]


def _why_not(user: User, appeal: Appeal) -> str:
    if appeal.campaign.archived_at is not None:
        return ARCHIVED
    if not dispatches(user, appeal):
        return NOT_OURS
    if appeal.state not in HANDED_FROM:
        return f"现在是「{appeal.get_state_display()}」，只有待分派的才能转12345。"
    return ""


def with_hotline(user: User, campaign: Campaign) -> QuerySet[Appeal]:
    """What the office has handed to 12345 and waits for, the oldest first, with ``handed_at``."""
    steps = AppealEvent.objects.filter(appeal=OuterRef("pk"), step="hotline").order_by("-pk")
    found = _own(user, campaign).filter(state=AppealState.HOTLINE)
    handed = Subquery(steps.values("at")[:1])
    return found.select_related("area__parent__parent").annotate(handed_at=handed).order_by("pk")


def to_hand_over(user: User, campaign: Campaign) -> QuerySet[Appeal]:
    """What waits for the office to assign it or to hand it over, the oldest first."""
    found = _own(user, campaign).filter(state__in=HANDED_FROM)
    return found.select_related("area__parent").order_by("pk")


def taken_numbers(user: User, campaign: Campaign, outside: Collection[str]) -> dict[str, int]:
    """By number with 12345, the key of the appeal of the office that has it, or had it."""
    ordered = sorted(outside)
    found: dict[str, int] = {}
    for start in range(0, len(ordered), PER_QUERY):
        some = _own(user, campaign).filter(hotline_number__in=ordered[start : start + PER_QUERY])
        found |= dict(some.values_list("hotline_number", "pk"))
    return found


def present_for(user: User, campaign: Campaign, numbers: Collection[int]) -> dict[int, Present]:
    """By number, those of the office that were ever handed to 12345, or now may be."""
    ordered = sorted(numbers)
    rows: dict[int, Appeal] = {}
    told: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for start in range(0, len(ordered), PER_QUERY):
        found = _own(user, campaign).filter(number__in=ordered[start : start + PER_QUERY])
        some = found.filter(~Q(hotline_number="") | Q(state__in=HANDED_FROM))
        rows |= {each.number: each for each in some}
        events = AppealEvent.objects.filter(appeal__in=some, step__in=STEPS.values())
        for appeal, step, note in events.values_list("appeal", "step", "note"):
            told[appeal].add((step, note))
    return {
        number: Present(
            each.pk,
            each.hotline_number,
            each.state == AppealState.HOTLINE,
            each.state in HANDED_FROM,
            bool(each.category),
            frozenset(told[each.pk]),
        )
        for number, each in rows.items()
    }


def own_hotline_uploads(user: User) -> QuerySet[HotlineUpload]:
    """The person's uploads, newest first."""
    rows: QuerySet[HotlineUpload] = HotlineUpload.objects.visible_to(user)
    return rows.select_related("job", "campaign").order_by("-id")


def _own(user: User, campaign: Campaign) -> QuerySet[Appeal]:
    return Appeal.objects.filter(scope_of(user).areas([Role.OFFICE]), campaign=campaign)
