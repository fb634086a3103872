"""Deadlines of supervision slips: so many working days, kept right when the calendar changes."""

from datetime import date

from campaign.models import Campaign
from core import audit, calendars
from core.workdays import Calendar
from issues.choices import PACE_WORKDAYS, WITH_UNIT, Pace
from issues.models import SupervisionSlip


def due_of(start: date, pace: str, calendar: Calendar | None = None) -> date:
    """When a slip of that day and pace is due, by the calendar as it stands or by another."""
    return (calendar or calendars.current()).due(start, PACE_WORKDAYS[Pace(pace)])


@audit.atomic
def recompute_slips(calendar: Calendar) -> int:
    """After a change of the calendar: slips with their units, of campaigns not archived.

    Returns how many moved; audited for each campaign in which any did.
    """
    return sum(_recompute(each, calendar) for each in Campaign.objects.filter(archived_at=None))


def _recompute(campaign: Campaign, calendar: Calendar) -> int:
    counted = SupervisionSlip.objects.filter(campaign=campaign, state__in=sorted(WITH_UNIT))
    moved = 0
    for start, pace, before in list(
        counted.values_list("counted_from", "pace", "due_on").distinct()
    ):
        after = due_of(start, pace, calendar)
        if after != before:
            rows = counted.filter(counted_from=start, pace=pace, due_on=before)
            moved += rows.update(due_on=after)
    if moved:
        audit.record(actor=None, act="issues.move_slip_deadlines", subject=campaign, moved=moved)
    return moved
