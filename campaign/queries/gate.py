"""What is done of the tasks, and whether a stage may end."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from campaign.models import Campaign, Stage, StageTask, TaskDone
from campaign.queries.people import TIERS, Crew, crew_of
from organisation.models import Unit

OFFICE = 0  # stands for the office where others have the number of their unit


@dataclass(frozen=True)
class Done:
    """How often each task is done, by task and by unit."""

    counts: Mapping[int, Mapping[int, int]]

    def of(self, task: StageTask, unit: int | None = None) -> int:
        by_unit = self.counts.get(task.pk, {})
        return by_unit.get(unit, 0) if unit else sum(by_unit.values())


@dataclass(frozen=True)
class OpenTask:
    """A task that is not done by all: how many have, of how many."""

    task: StageTask
    done: int
    expected: int


@dataclass(frozen=True)
class Gate:
    """What still stands against the end of a stage."""

    open: tuple[OpenTask, ...]

    @property
    def holds(self) -> bool:
        return not self.open


def gate_of(stage: Stage) -> Gate:
    """The tasks of the stage that are not done by all; a fixed number of queries."""
    crew = crew_of(stage.campaign)
    tasks = list(stage.tasks.all())
    done = done_of(stage.campaign, crew, TaskDone.objects.filter(task__stage=stage))
    lines = (OpenTask(task, done.of(task), crew.expected(task.audience)) for task in tasks)
    return Gate(tuple(line for line in lines if line.done < line.expected))


def crew_and_done(campaign: Campaign, within: Unit | None = None) -> tuple[Crew, Done]:
    """Who takes part, and what of all tasks they have done; a fixed number of queries."""
    crew = crew_of(campaign, within)
    rows = TaskDone.objects.filter(task__stage__campaign=campaign)
    return crew, done_of(campaign, crew, rows, within)


def done_of(
    campaign: Campaign, crew: Crew, rows: "QuerySet[TaskDone]", within: Unit | None = None
) -> Done:
    """What is done by those who take part now: by whom has left it does not count.

    ``within`` is what the crew is of, if not of the whole campaign.
    """
    found: dict[int, Counter[int]] = {}
    told = rows.filter(person=None)
    if within:
        told = told.filter(unit=within)
    for task, unit in told.values_list("task", "unit"):
        if unit is None or unit in crew.units:
            found.setdefault(task, Counter())[unit or OFFICE] += 1
    for task, audience, path, tier, count in _by_people(campaign, rows, within):
        theirs = crew.unit_of(path)
        if theirs and tier in TIERS[audience]:
            found.setdefault(task, Counter())[theirs] += count
    return Done(found)


def _by_people(
    campaign: Campaign, rows: "QuerySet[TaskDone]", within: Unit | None
) -> "QuerySet[TaskDone, tuple]":
    below = {"person__postings__unit__path__under": within.path} if within else {}
    posted = rows.filter(
        person__is_active=True,
        person__postings__until=None,
        person__postings__unit__area__path__under=campaign.area.path,
        **below,
    )
    columns = ("task", "task__audience", "person__postings__unit__path", "person__postings__tier")
    return posted.values_list(*columns).annotate(n=Count("id"))
