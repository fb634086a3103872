"""Clocks of appeals: so many working days, and kept right when the calendar changes."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core import audit, calendars
from core.lights import bounds_on
from core.workdays import Calendar
from visits.appeal_way import CLOCKS
from visits.choices import RUNNING, AppealState, Decision
from visits.models import Appeal, AppealExtension

NO_CLOCK: dict[str, object] = {"counted_from": None, "workdays": None, "due_on": None}


def clock(workdays: int) -> dict[str, object]:
    """The values of a clock of so many working days that begins to run today."""
    today = timezone.localdate()
    due_on = reckoned(today, workdays)
    return {"counted_from": today, "workdays": workdays, "due_on": due_on}


def clock_of(state: AppealState) -> dict[str, object]:
    """The values of the state's own clock; no clock where it has none."""
    return clock(CLOCKS[state]) if state in CLOCKS else dict(NO_CLOCK)


def clock_again(appeal: Appeal) -> dict[str, object]:
    """The clock that the appeal has kept, as it would have run on by the calendar of today."""
    start, days, due_on = appeal.counted_from, appeal.workdays, appeal.due_on
    if start is not None and days is not None:
        due_on = reckoned(start, days)
    return {"counted_from": start, "workdays": days, "due_on": due_on}


def is_in_time(appeal: Appeal) -> bool:
    """Whether the clock that runs has not run out yet; true without one."""
    return appeal.due_on is None or appeal.due_on >= bounds_on(timezone.localdate()).red_before


def breach_of(appeal: Appeal) -> dict[str, object]:
    """What an appeal keeps of a clock that has run out with its unit, however it goes on."""
    flag = _KEPT.get(AppealState(appeal.state))
    return {flag: False} if flag and not is_in_time(appeal) else {}


def late_unit_of(appeal: Appeal) -> dict[str, object]:
    """The same as the step says it that ends this clock: which unit was late, and with what."""
    flag = _KEPT.get(AppealState(appeal.state))
    return {_TOLD[flag]: appeal.unit} if flag and not is_in_time(appeal) else {}


_KEPT = {AppealState.ISSUED: "signed_in_time", AppealState.HANDLING: "answered_in_time"}
_TOLD = {"signed_in_time": "late_to_sign", "answered_in_time": "late_to_answer"}


def end_request(appeal: Appeal) -> None:
    """An application for more time that nobody decided falls with the clock it was made for."""
    AppealExtension.objects.filter(appeal=appeal, decision="").update(
        decision=Decision.MOOT, decided_at=timezone.now()
    )


def workdays_left(appeal: Appeal) -> int:
    """Of the clock that runs, today not counted; none once it has run out."""
    assert appeal.due_on is not None
    return max(calendars.current().workdays_left(timezone.localdate(), appeal.due_on), 0)


def reckoned(start: date, workdays: int, calendar: Calendar | None = None) -> date:
    """When a clock of that day is due, by the calendar as it stands or by another."""
    return (calendar or calendars.current()).due(start, workdays)


@audit.atomic
def recompute_all(calendar: Calendar) -> int:
    """After a change of the calendar: the running clocks of every campaign not archived.

    What is answered for good stays, and so does a deadline that was set otherwise than by
    counting. Returns how many moved; audited for each campaign in which any did.
    """
    return sum(_recompute(each, calendar) for each in Campaign.objects.filter(archived_at=None))


def _recompute(campaign: Campaign, calendar: Calendar) -> int:
    appeals = _counted(campaign)
    moved = 0
    for start, days, before in list(
        appeals.values_list("counted_from", "workdays", "due_on").distinct()
    ):
        assert start
        assert days is not None
        after = reckoned(start, days, calendar)
        if after != before:
            same = appeals.filter(counted_from=start, workdays=days, due_on=before)
            moved += same.update(due_on=after)
    if moved:
        audit.record(actor=None, act="visits.move_deadlines", subject=campaign, moved=moved)
    return moved


def _counted(campaign: Campaign) -> QuerySet[Appeal]:
    return Appeal.objects.filter(
        campaign=campaign, state__in=sorted(RUNNING), counted_from__isnull=False
    )
