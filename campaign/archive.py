"""What stays of a campaign's own rows when it is archived, and what goes."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Count, QuerySet, Sum, TextChoices

from campaign.archiving import Drop, Figure, Measure, Part
from campaign.choices import ActivityKind, Audience
from campaign.models import Campaign, StageTask, TaskDone
from campaign.queries.gate import Done, done_of
from campaign.queries.people import Crew, crew_of
from campaign.queries.progress import TaskLine
from campaign.queries.reminders import STAGE_TASKS
from core.models import Reminder

MEASURES = (
    Measure("campaign/units", "参与单位"),
    Measure("campaign/stages", "按条件结束的阶段", is_rate=True),
    Measure("campaign/tasks", "阶段任务", table=True, is_rate=True),
    Measure("campaign/activities", "学习教育活动", table=True),
    Measure("campaign/heads", "参加活动人次"),
    Measure("campaign/institutions", "制度", table=True),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """As the campaign's own pages show them today."""
    crew = crew_of(campaign)
    yield Figure("campaign/units", len(crew.units))
    stages = list(campaign.stages.values_list("end_reason", flat=True))
    yield Figure("campaign/stages", stages.count(""), len(stages))
    yield from _tasks(campaign, crew)
    yield from _activities(campaign)
    yield from counted("campaign/institutions", campaign.institutions.all())


def drops(campaign: Campaign) -> Iterator[Drop]:
    """Meetings, institutions and the tasks of units stay, without words, files and names."""
    nobody = {"file": "", "file_name": ""}
    tasks = StageTask.objects.filter(stage__campaign=campaign).values("pk")
    done = TaskDone.objects.filter(task__in=tasks)
    reminders = Reminder.objects.filter(kind=STAGE_TASKS, subject__in=tasks)
    yield Drop("阶段任务的到期提醒", reminders)
    yield Drop(
        "个人任务的完成记录",
        done.exclude(person=None),
        files="file",
    )
    yield Drop(
        "单位任务的完成记录，去掉报告人、说明和文件",
        done.filter(person=None),
        cleared={"told_by": None, "note": "", **nobody},
        files="file",
    )
    yield Drop(
        "学习教育活动，去掉登记人、内容和文件",
        campaign.activities.all(),
        cleared={"recorded_by": None, "summary": "", **nobody},
        files="file",
    )
    yield Drop(
        "制度，去掉登记人",
        campaign.institutions.all(),
        cleared={"recorded_by": None},
    )
    yield Drop(
        "阶段的结束，去掉结束人和原因",
        campaign.stages.exclude(ended_by=None),
        cleared={"ended_by": None, "end_reason": ""},
    )
    yield Drop(
        "阶段和参与单位的历次决定，去掉决定人和原因",
        campaign.decisions.all(),
        cleared={"made_by": None, "reason": ""},
    )


def obstacles(campaign: Campaign) -> Iterator[str]:
    stages = [stage.get_kind_display() for stage in campaign.stages.filter(ended_at=None)]
    if stages:
        yield f"{'、'.join(stages)}还没有结束，请先到阶段页面结束。"


PART = Part(MEASURES, figures, drops, obstacles)


def counted(measure: str, rows: QuerySet[Any], unit: str = "unit") -> Iterator[Figure]:
    """How many rows there are, in all and of each unit (through ``unit``)."""
    by_unit = rows.order_by().values_list(unit).annotate(number=Count("pk"))
    yield from summed(measure, [(each, "", number) for each, number in by_unit])


def summed(measure: str, rows: Iterable[tuple[int | None, str, int]]) -> Iterator[Figure]:
    """The sum of all and of each unit, and of each part, from (unit, part, number).

    Each sum comes before its parts, and these in the order of the rows.
    """
    sums: dict[tuple[int | None, str], int] = {(None, ""): 0}
    for unit, part, number in rows:
        places = [(None, ""), (None, part), (unit, ""), (unit, part)]
        for place in dict.fromkeys(places):
            sums[place] = sums.get(place, 0) + number
    for (unit, part), number in sums.items():
        yield Figure(measure, number, unit=unit, part=part)


def named(
    rows: Iterable[tuple[Any, str, int]], choices: type[TextChoices]
) -> list[tuple[Any, str, int]]:
    """The rows of (unit, value, number) with the words for their values, in the words' order."""
    order = list(choices.values)
    ordered = sorted(rows, key=lambda row: order.index(row[1]))
    return [(unit, str(choices(value).label), number) for unit, value, number in ordered]


def _tasks(campaign: Campaign, crew: Crew) -> Iterator[Figure]:
    done = done_of(campaign, crew, TaskDone.objects.filter(task__stage__campaign=campaign))
    tasks = list(StageTask.objects.filter(stage__campaign=campaign).select_related("stage"))
    yield from _lines(
        [TaskLine(task, done.of(task), crew.expected(task.audience)) for task in tasks]
    )
    shared = [task for task in tasks if task.audience != Audience.OFFICE]
    for unit in crew.units:
        yield from _lines(_lines_of(unit, shared, crew, done), unit)


def _lines_of(unit: int, tasks: Iterable[StageTask], crew: Crew, done: Done) -> list[TaskLine]:
    return [
        TaskLine(task, done.of(task, unit), crew.expected(task.audience, unit)) for task in tasks
    ]


def _lines(lines: list[TaskLine], unit: int | None = None) -> Iterator[Figure]:
    """How many tasks are done, and of each by how many."""
    yield Figure("campaign/tasks", sum(line.is_done for line in lines), len(lines), unit)
    for line in lines:
        task = line.task
        name = f"{task.stage.get_kind_display()} {task.number}. {task.title}"
        if line.expected:
            yield Figure("campaign/tasks", line.done, line.expected, unit, name)


def _activities(campaign: Campaign) -> Iterator[Figure]:
    rows = campaign.activities.order_by().values_list("unit", "kind")
    found = list(rows.annotate(number=Count("pk"), heads=Sum("heads")))
    numbers = [(unit, kind, number) for unit, kind, number, _ in found]
    yield from summed("campaign/activities", named(numbers, ActivityKind))
    heads = [(unit, kind, heads) for unit, kind, _, heads in found]
    yield from summed("campaign/heads", named(heads, ActivityKind))
