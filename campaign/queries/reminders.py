"""Deadlines of stage tasks: who is reminded, and whether it still holds."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from django.db.models import Exists, OuterRef
from django.urls import reverse

from campaign.choices import GROUPS, Audience
from campaign.models import Campaign, StageTask, TaskDone
from campaign.queries.gate import Done, crew_and_done
from campaign.queries.people import TIERS, Crew, present_people
from core.choices import Addressee
from core.models import Reminder
from core.notices.reminders import Due, Kind
from core.notices.steps import Span
from organisation.choices import ABOVE, Role
from organisation.models import Unit
from organisation.queries import Holders, holders_today

Read = Callable[[Campaign], tuple[Crew, Done]]


@dataclass(frozen=True)
class Places:
    """What every task of a campaign is looked at with; read once for all of them."""

    campaign: Campaign
    crew: Crew
    done: Done
    areas: Mapping[int, str]
    holders: Holders


def due_tasks(span: Span) -> Iterator[Due]:
    """What is not done of the tasks of stages that have begun and not ended. Streams."""
    tasks = StageTask.objects.filter(
        due_on__range=(span.first, span.last),
        stage__ended_at=None,
        stage__starts_on__lte=span.today,
        stage__campaign__archived_at=None,
    )
    holders = holders_today(*ABOVE.values())
    by_campaign: dict[Campaign, list[StageTask]] = {}
    for task in tasks.select_related("stage__campaign__area").order_by("pk"):
        by_campaign.setdefault(task.stage.campaign, []).append(task)
    for campaign, theirs in by_campaign.items():
        places = _places(campaign, holders)
        for task in theirs:
            yield from _dues(task, places)


def _places(campaign: Campaign, holders: Holders) -> Places:
    crew, done = crew_and_done(campaign)
    units = Unit.objects.filter(pk__in=campaign.participants.filter(left_on=None).values("unit"))
    areas = dict(units.values_list("pk", "area__path"))
    return Places(campaign, crew, done, areas, holders)


def _dues(task: StageTask, places: Places) -> Iterator[Due]:
    if task.audience == Audience.OFFICE:
        if not places.done.of(task):
            yield _of_office(task, places)
        return
    if task.audience in GROUPS:
        yield from _of_people(task, places)
    for unit, path in places.crew.units.items():
        if places.done.of(task, unit) < places.crew.expected(task.audience, unit):
            yield _of_unit(task, unit, path, places)


def _of_office(task: StageTask, places: Places) -> Due:
    keepers = places.holders.nearest(Role.OFFICE, "", places.campaign.area.path)
    return _due(task, {Addressee.PERSON: keepers})


def _of_people(task: StageTask, places: Places) -> Iterator[Due]:
    """One for each person of the group in a unit that takes part, who has not done it."""
    own = TaskDone.objects.filter(task=task, person=OuterRef("user"))
    posted = present_people().filter(
        ~Exists(own),
        tier__in=TIERS[task.audience],
        unit__area__path__under=places.campaign.area.path,
    )
    for person, path in posted.values_list("user", "unit__path").iterator():
        if places.crew.unit_of(path):
            yield _due(task, {Addressee.PERSON: (person,)})


def _of_unit(task: StageTask, unit: int, path: str, places: Places) -> Due:
    """For a unit's own task its liaison is the nearest; of a group's task it hears when late."""
    above = {
        addressee: places.holders.nearest(role, path, places.areas[unit])
        for addressee, role in ABOVE.items()
    }
    if task.audience == Audience.UNITS:
        liaison = above.pop(Addressee.LIAISON)
        above[Addressee.PERSON] = liaison or above[Addressee.HEAD]
    return _due(task, above, unit=unit)


def _due(
    task: StageTask, people: Mapping[Addressee, Iterable[int]], unit: int | None = None
) -> Due:
    campaign = task.stage.campaign_id
    url = (
        reverse("campaign:unit-detail", args=[campaign, unit])
        if unit
        else reverse("campaign:campaign-detail", args=[campaign])
    )
    return Due(
        task.pk, f"任务「{task.title}」", url, task.due_on, lambda to: people.get(to, ()), unit
    )


def still_due(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose task is open, due the same day, and not done by whom they speak of."""
    tasks = StageTask.objects.filter(
        pk__in={row.subject for row in rows},
        stage__ended_at=None,
        stage__campaign__archived_at=None,
    )
    known = {task.pk: task for task in tasks.select_related("stage__campaign__area")}
    open_ones = [row for row in rows if row.subject in known]
    same_day = [row for row in open_ones if known[row.subject].due_on == row.due_on]
    own = _own_done(same_day)
    read = cache(crew_and_done)  # each campaign once
    return [row.pk for row in same_day if not _is_done(row, known[row.subject], own, read)]


def _own_done(rows: Sequence[Reminder]) -> set[tuple[int, int]]:
    done = TaskDone.objects.filter(
        task__in={row.subject for row in rows}, person__in={row.person_id for row in rows}
    )
    return set(done.values_list("task", "person"))


def _is_done(row: Reminder, task: StageTask, own: set[tuple[int, int]], read: Read) -> bool:
    if task.audience in GROUPS and row.within is None:
        return (row.subject, row.person_id) in own
    crew, done = read(task.stage.campaign)
    return done.of(task, row.within) >= crew.expected(task.audience, row.within)


STAGE_TASKS = "stage-task"  # the kind in the rows
STAGE_TASK = Kind(noun="阶段任务", find=due_tasks, holding=still_due)
