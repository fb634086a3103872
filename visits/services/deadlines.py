"""Deadlines of appeals: so many working days, and kept right when the calendar changes."""

from datetime import date

from django.db.models import QuerySet

from campaign.models import Campaign
from core import audit, calendars
from core.workdays import Calendar
from visits.choices import AppealState
from visits.models import Appeal

APPEAL_WORKDAYS = 5  # domain §4.5: handle and reply


def reckoned(start: date, calendar: Calendar | None = None) -> date:
    """When an appeal of that day is due, by the calendar as it stands or by another."""
    return (calendar or calendars.current()).due(start, APPEAL_WORKDAYS)


@audit.atomic
def recompute_all(calendar: Calendar) -> int:
    """After a change of the calendar: the open appeals of every campaign that is not archived.

    What is answered stays, and so does a deadline that was set otherwise than by counting.
    Returns how many moved; audited for each campaign in which any did.
    """
    return sum(_recompute(each, calendar) for each in Campaign.objects.filter(archived_at=None))


def _recompute(campaign: Campaign, calendar: Calendar) -> int:
    appeals = _counted(campaign)
    moved = 0
    for start, before in list(appeals.values_list("counted_from", "due_on").distinct()):
        assert start
        after = reckoned(start, calendar)
        if after != before:
            moved += appeals.filter(counted_from=start, due_on=before).update(due_on=after)
    if moved:
        audit.record(actor=None, act="visits.move_deadlines", subject=campaign, moved=moved)
    return moved


def _counted(campaign: Campaign) -> QuerySet[Appeal]:
    return Appeal.objects.filter(
        visit__target__campaign=campaign, state=AppealState.OPEN, counted_from__isnull=False
    )
