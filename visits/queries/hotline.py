"""Reads on what is with 12345: for the workbook that goes there, and the one that comes back."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import OuterRef, QuerySet, Subquery

from campaign.models import Campaign
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of
from visits.choices import AppealState
from visits.models import Appeal, AppealEvent, HotlineUpload
from visits.sheet.hotline import STEPS, Present

PER_QUERY = 900  # SQLite takes 999 parameters


def with_hotline(user: User, campaign: Campaign) -> QuerySet[Appeal]:
    """What the office has handed to 12345 and waits for, the oldest first, with ``handed_at``."""
    steps = AppealEvent.objects.filter(appeal=OuterRef("pk"), step="hotline").order_by("-pk")
    found = _own(user, campaign).filter(state=AppealState.HOTLINE)
    handed = Subquery(steps.values("at")[:1])
    return found.select_related("area__parent").annotate(handed_at=handed).order_by("pk")


def present_for(user: User, campaign: Campaign, numbers: Collection[int]) -> dict[int, Present]:
    """By number, those of the numbers that the office has ever handed to 12345."""
    ordered = sorted(numbers)
    rows: dict[int, Appeal] = {}
    told: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for start in range(0, len(ordered), PER_QUERY):
        found = _own(user, campaign).filter(number__in=ordered[start : start + PER_QUERY])
        some = found.exclude(hotline_number="")
        rows |= {each.number: each for each in some}
        events = AppealEvent.objects.filter(appeal__in=some, step__in=STEPS.values())
        for appeal, step, note in events.values_list("appeal", "step", "note"):
            told[appeal].add((step, note))
    return {
        number: Present(
            each.pk,
            each.hotline_number,
            each.state == AppealState.HOTLINE,
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
