"""How far a campaign is: as a whole, unit by unit, for one unit, for one person."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from campaign.choices import GROUPS, Audience
from campaign.models import Campaign, Stage, StageTask, TaskDone
from campaign.queries.access import units_in
from campaign.queries.gate import Done, crew_and_done
from campaign.queries.people import Crew, own_groups, participants_above
from core import calendars
from organisation.models import Posting, Unit, User


@dataclass(frozen=True)
class TaskLine:
    """A task with what is done of it; ``own`` is the row of whom the line is about."""

    task: StageTask
    done: int
    expected: int
    own: TaskDone | None = None

    @property
    def is_done(self) -> bool:
        return self.done >= self.expected

    def is_late(self, today: date) -> bool:
        """Not done, and a working day has begun since the deadline."""
        return not self.is_done and self.task.due_on < calendars.current().latest(today)


@dataclass(frozen=True)
class StageLine:
    """A stage, where today stands to it, and its tasks."""

    stage: Stage
    tasks: tuple[TaskLine, ...]
    today: date

    @property
    def is_now(self) -> bool:
        return self.stage.starts_on <= self.today and not self.is_over

    @property
    def is_over(self) -> bool:
        return self.stage.ended_at is not None

    @property
    def is_overdue(self) -> bool:
        """Its last day has passed and nobody has ended it: its gate does not hold."""
        return not self.is_over and self.stage.ends_on < self.today

    @property
    def days_left(self) -> int:
        return (self.stage.ends_on - self.today).days

    @property
    def late(self) -> list[TaskLine]:
        """Nothing of a stage that has ended: its gap stands beside its end."""
        return [line for line in self.tasks if line.is_late(self.today) and not self.is_over]

    @property
    def done(self) -> int:
        return sum(line.is_done for line in self.tasks)


@dataclass(frozen=True)
class UnitLine:
    """A unit with how many of the tasks due by today it has done, and which are late."""

    unit: Unit
    due: int
    late: tuple[StageTask, ...]

    @property
    def done(self) -> int:
        return self.due - len(self.late)


@dataclass(frozen=True)
class Overview:
    """The whole campaign: its stages with their tasks, and the units that the reader reaches."""

    campaign: Campaign
    reader: User
    stages: tuple[StageLine, ...]
    crew: Crew
    done: Done
    today: date

    @cached_property
    def units(self) -> tuple[UnitLine, ...]:
        """Those with most late tasks first. One query, when somebody asks."""
        units = units_in(self.campaign, self.reader)
        return _unit_lines(units, self.stages, self.crew, self.done, self.today)

    @property
    def now(self) -> StageLine | None:
        """The stage that today's date falls into by the plan."""
        planned = (line for line in self.stages if self.today in line.stage.window)
        return next(planned, None)

    @cached_property
    def late_units(self) -> list[UnitLine]:
        return [line for line in self.units if line.late]

    @property
    def late_tasks(self) -> list[TaskLine]:
        return [line for stage in self.stages for line in stage.late]

    @property
    def gaps(self) -> int:
        """How many tasks the stages that have ended left undone; they are late no more."""
        over = [stage for stage in self.stages if stage.is_over]
        return sum(not line.is_done for stage in over for line in stage.tasks)

    @property
    def days_left(self) -> int:
        return max((self.campaign.ends_on - self.today).days, 0)


def overview_of(campaign: Campaign, reader: User, today: date) -> Overview:
    """The sums of the whole campaign, and its units for who asks. A fixed number of queries."""
    crew, done = crew_and_done(campaign)
    stages = _stage_lines(campaign, crew, done, today)
    return Overview(campaign, reader, stages, crew, done, today)


def own_lines(
    campaign: Campaign, today: date, *, unit: Unit | None = None, person: User | None = None
) -> tuple[StageLine, ...]:
    """The stages with the tasks of one unit, or of one person."""
    tasks = StageTask.objects.filter(stage__campaign=campaign)
    if person is not None:
        tasks = tasks.filter(audience__in=groups_of(person, campaign))
        own = TaskDone.objects.filter(task__stage__campaign=campaign, person=person)
        return _own_stages(campaign, tasks, own, today)
    assert unit is not None
    crew, done = crew_and_done(campaign, unit)
    own = TaskDone.objects.filter(task__stage__campaign=campaign, unit=unit, person=None)
    rows = {row.task_id: row for row in own.select_related("told_by")}
    return tuple(
        StageLine(
            stage,
            tuple(
                TaskLine(
                    task,
                    done.of(task, unit.pk),
                    crew.expected(task.audience, unit.pk),
                    rows.get(task.pk),
                )
                for task in stage.tasks.all()
                if task.audience != Audience.OFFICE
            ),
            today,
        )
        for stage in campaign.stages.prefetch_related("tasks")
    )


def _own_stages(
    campaign: Campaign, tasks: Iterable[StageTask], own: Iterable[TaskDone], today: date
) -> tuple[StageLine, ...]:
    rows = {row.task_id: row for row in own}
    lines = [TaskLine(task, int(task.pk in rows), 1, rows.get(task.pk)) for task in tasks]
    return tuple(
        StageLine(stage, tuple(line for line in lines if line.task.stage_id == stage.pk), today)
        for stage in campaign.stages.all()
    )


def groups_of(person: User, campaign: Campaign) -> set[str]:
    """The audiences that the person belongs to: by the present posting in a unit that takes
    part, or below one."""
    posting = Posting.objects.filter(user=person, until=None).select_related("unit").first()
    if posting is None:
        return set()
    joined = campaign.participants.filter(left_on=None)
    takes_part = joined.filter(participants_above(posting.unit)).exists()
    return own_groups(posting.tier) if takes_part else set()


def _stage_lines(campaign: Campaign, crew: Crew, done: Done, today: date) -> tuple[StageLine, ...]:
    stages = campaign.stages.select_related("ended_by").prefetch_related("tasks")
    return tuple(
        StageLine(
            stage,
            tuple(
                TaskLine(task, done.of(task), crew.expected(task.audience))
                for task in stage.tasks.all()
            ),
            today,
        )
        for stage in stages
    )


def _unit_lines(
    units: Iterable[Unit], stages: Iterable[StageLine], crew: Crew, done: Done, today: date
) -> tuple[UnitLine, ...]:
    """By the tasks of open stages whose deadline has passed; a group's task is late for a
    unit as long as one of its people has not done it."""
    due = [
        line.task
        for stage in stages
        for line in stage.tasks
        if not stage.is_over
        and line.task.audience in {Audience.UNITS, *GROUPS}
        and line.task.due_on < calendars.current().latest(today)
    ]
    lines = (
        UnitLine(unit, len(due), tuple(task for task in due if _is_open(task, unit.pk, crew, done)))
        for unit in units
    )
    return tuple(sorted(lines, key=lambda line: (-len(line.late), line.unit.path)))


def _is_open(task: StageTask, unit: int, crew: Crew, done: Done) -> bool:
    return done.of(task, unit) < crew.expected(task.audience, unit)
