"""Deadlines of tasks: reckoned from the stages and the working days, and kept right."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from campaign.choices import StageKind
from campaign.models import Campaign, StageTask
from campaign.schedule import Deadline, Window
from core import audit, calendars
from core.workdays import Calendar


class Reckoned(TypedDict):
    """The columns of a task that follow from the others."""

    due_on: date
    due_is_provisional: bool


@dataclass(frozen=True)
class Shift:
    """A task whose deadline moves, and where to."""

    task: StageTask
    before: date
    after: date


def reckoned(
    deadline: Deadline,
    stage: StageKind,
    windows: Mapping[StageKind, Window],
    calendar: Calendar | None = None,
) -> Reckoned:
    """When the task is due, by the calendar as it stands or by another."""
    calendar = calendar or calendars.current()
    event, days = deadline.event(stage, windows), deadline.due_days
    return {
        "due_on": calendar.due(event, days),
        "due_is_provisional": days > 0 and calendar.due_is_provisional(event, days),
    }


def windows_of(campaign: Campaign) -> dict[StageKind, Window]:
    return {StageKind(stage.kind): stage.window for stage in campaign.stages.all()}


def shifts(campaign: Campaign, windows: Mapping[StageKind, Window]) -> list[Shift]:
    """The open tasks whose deadline would be another day with these stages; nothing is written."""
    return [shift for shift, _ in _changes(campaign, windows) if shift.before != shift.after]


def recompute(campaign: Campaign, calendar: Calendar | None = None) -> int:
    """Write the deadlines of open tasks anew; returns how many moved. Audited when any did."""
    moved = 0
    for shift, columns in _changes(campaign, windows_of(campaign), calendar):
        StageTask.objects.filter(pk=shift.task.pk).update(**columns)
        moved += shift.before != shift.after
    if moved:
        audit.record(actor=None, act="campaign.move_deadlines", subject=campaign, moved=moved)
    return moved


@audit.atomic
def recompute_all(calendar: Calendar) -> int:
    """After a change of the calendar: every campaign that is not archived."""
    campaigns = Campaign.objects.filter(archived_at=None)
    return sum(recompute(campaign, calendar) for campaign in campaigns)


def _changes(
    campaign: Campaign, windows: Mapping[StageKind, Window], calendar: Calendar | None = None
) -> list[tuple[Shift, Reckoned]]:
    tasks = StageTask.objects.filter(stage__campaign=campaign, stage__ended_at=None)
    found = []
    for task in tasks.select_related("stage"):
        columns = reckoned(task.deadline, StageKind(task.stage.kind), windows, calendar)
        if (task.due_on, task.due_is_provisional) != tuple(columns.values()):
            found.append((Shift(task, task.due_on, columns["due_on"]), columns))
    return found
