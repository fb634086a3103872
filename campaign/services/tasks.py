"""Tasks of a stage: what they are, and that they are done."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max, Q

from campaign import watchers
from campaign.choices import BY_HAND, GROUPS, Audience, StageKind, Watch
from campaign.models import Campaign, Stage, StageTask, TaskDone
from campaign.queries.people import TIERS, crew_of, present_people
from campaign.rules import can_tell
from campaign.schedule import Deadline
from campaign.services.deadlines import reckoned, windows_of
from campaign.services.open import hold_open
from campaign.services.refused import Refused
from core import audit
from core.files import CheckedFile, delete_with
from organisation.models import Unit, User

BATCH = 500
RESTS_ON_IT = (
    "「{}」已经结束，任务「{}」凭这条记录算完成，不能删除。确属错记的，请作风办先恢复这个阶段。"
)
NOT_TOLD_BY_YOU = "这项任务不由您报告完成：单位的任务由联络员和班子成员报告，个人的由本人报告。"


@audit.atomic
def add_task(*, stage: Stage, data: Mapping[str, Any], actor: User) -> StageTask:
    """One more task at the end of a stage that has not ended. Raises Refused; audited."""
    _require_open(stage)
    last = stage.tasks.aggregate(last=Max("number"))["last"] or 0
    task = StageTask.objects.create(stage=stage, number=last + 1, **data, **_due(stage, data))
    audit.record(actor=actor, act="campaign.add_task", subject=task, title=task.title)
    return task


@audit.atomic
def change_task(*, task: StageTask, data: Mapping[str, Any], actor: User) -> StageTask:
    """Other words, another deadline; whose task it is stays once somebody has done it."""
    _require_open(task.stage)
    fixed = {"audience", "watch"} & {key for key in data if data[key] != getattr(task, key)}
    if fixed and task.done.exists():
        raise Refused("已经有单位或个人完成了这项任务，不能再改由谁来办、怎样算完成。请另建一项。")
    columns = {**data, **_due(task.stage, data)}
    StageTask.objects.filter(pk=task.pk).update(**columns)
    audit.record(actor=actor, act="campaign.change_task", subject=task, title=data["title"])
    task.refresh_from_db()
    return task


@audit.atomic
def remove_task(*, task: StageTask, actor: User) -> None:
    """Take a task away that nobody has done yet. Raises Refused; audited."""
    _require_open(task.stage)
    if task.done.exclude(told_by=None).exists():
        raise Refused("已经有单位或个人报告完成了这项任务，不能删除。")
    audit.record(actor=actor, act="campaign.remove_task", subject=task, title=task.title)
    task.delete()


@audit.atomic
def tell_done(
    *,
    task: StageTask,
    actor: User,
    today: date,
    unit: Unit | None = None,
    person: User | None = None,
    note: str = "",
    file: CheckedFile | None = None,
) -> TaskDone:
    """Say once that a task is done, with a sentence or a file. Twice is harmless.

    Raises PermissionDenied and Refused; audited.
    """
    _require_told(task, unit, person, actor)
    if task.watch == Watch.FILE and file is None:
        raise Refused("请上传文件。")
    if not note.strip() and file is None:
        raise Refused("请写一句话，或上传一份文件。")
    done, is_new = TaskDone.objects.get_or_create(
        task=task,
        unit=unit,
        person=person,
        defaults={
            "done_on": today,
            "told_by": actor,
            "note": note.strip(),
            "file": file.stored() if file else "",
            "file_name": file.name if file else "",
        },
    )
    if is_new:
        audit.record(actor=actor, act="campaign.task_done", subject=task, **_whose(done))
    return done


@audit.atomic
def take_back(*, done: TaskDone, actor: User) -> None:
    """Take back what was told, its file too, as long as the stage runs.

    Raises PermissionDenied and Refused; audited.
    """
    _require_told(done.task, done.unit, done.person, actor)
    audit.record(actor=actor, act="campaign.task_not_done", subject=done.task, **_whose(done))
    delete_with(done.file)
    done.delete()


def see_tasks(today: date) -> int:
    """Write down what the software sees: done now, and no longer done. Returns the changes.

    Only for stages that have not ended in campaigns that are not archived; safe to repeat.
    """
    open_tasks = StageTask.objects.filter(
        stage__ended_at=None, stage__campaign__archived_at=None, stage__starts_on__lte=today
    ).exclude(watch__in=BY_HAND)
    changes = 0
    for task in open_tasks.select_related("stage__campaign__area"):
        if task.watch in watchers.watched():
            changes += _see(task, today)
    return changes


@audit.atomic
def take_back_seen(*, campaign: Campaign, unit: Unit, watch: Watch, actor: User) -> None:
    """After the unit has deleted a record: a task that has lost its ground is done no more.

    Raises Refused when the stage of such a task has ended; audited.
    """
    rows = TaskDone.objects.filter(
        Q(unit=unit) | Q(unit=None, person=None),
        task__stage__campaign=campaign,
        task__watch=watch,
        told_by=None,
    )
    for done in rows.select_related("task__stage__campaign__area"):
        task = done.task
        if done.unit_id in _seen(task):
            continue
        if task.stage.ended_at:
            raise Refused(RESTS_ON_IT.format(task.stage.get_kind_display(), task.title))
        audit.record(actor=actor, act="campaign.task_not_done", subject=task, **_whose(done))
        done.delete()


def _see(task: StageTask, today: date) -> int:
    column = _column(task)
    written = dict(task.done.filter(told_by=None).values_list(column, "pk"))
    seen = _seen(task)
    fresh = [
        TaskDone(task=task, done_on=today, **{f"{column}_id": key}) for key in seen - written.keys()
    ]
    TaskDone.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)
    gone = [pk for key, pk in written.items() if key not in seen]
    for start in range(0, len(gone), BATCH):
        TaskDone.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    return len(fresh) + len(gone)


def _seen(task: StageTask) -> set[int | None]:
    """Who of those addressed is seen to have done it; the office has no number."""
    found = set(watchers.seen(task))
    if task.audience == Audience.OFFICE:
        return {None} if found else set()
    return {*found & _addressed(task)}


def _addressed(task: StageTask) -> set[int]:
    campaign = task.stage.campaign
    crew = crew_of(campaign)
    if task.audience == Audience.UNITS:
        return set(crew.units)
    posted = present_people().filter(unit__area__path__under=campaign.area.path)
    people = posted.filter(tier__in=TIERS[task.audience]).values_list("user", "unit__path")
    return {user for user, path in people.iterator() if crew.unit_of(path)}


def _column(task: StageTask) -> str:
    """What tells the rows of a task apart; the office has one, which nobody told."""
    if task.audience == Audience.OFFICE:
        return "told_by"
    return "person" if task.audience in GROUPS else "unit"


def _whose(done: TaskDone) -> dict[str, object]:
    return {"unit": done.unit_id, "person": done.person_id}


def _require_open(stage: Stage) -> None:
    """Under the campaign's lock, so that a stage does not end meanwhile. Raises Refused."""
    hold_open(stage.campaign_id)
    if Stage.objects.filter(pk=stage.pk).exclude(ended_at=None).exists():
        raise Refused(f"{stage.get_kind_display()}已经结束，不能再改。")


def _require_told(task: StageTask, unit: Unit | None, person: User | None, actor: User) -> None:
    """That this task is told by hand, by whom it is addressed to, while its stage runs."""
    _require_open(task.stage)
    if not can_tell(actor, task, unit, person):
        raise PermissionDenied(NOT_TOLD_BY_YOU)
    if not task.is_told:
        raise Refused("这项任务由系统自动判断，不用报告。")
    if not _is_addressed(task, unit, person):
        raise Refused("这项任务不是给这个单位或这个人的。")


def _is_addressed(task: StageTask, unit: Unit | None, person: User | None) -> bool:
    if task.audience == Audience.OFFICE:
        return unit is None and person is None
    crew = crew_of(task.stage.campaign)
    if task.audience == Audience.UNITS:
        return person is None and unit is not None and unit.pk in crew.units
    posting = present_people().filter(user=person).select_related("unit").first()
    return (
        unit is None
        and posting is not None
        and posting.tier in TIERS[task.audience]
        and crew.unit_of(posting.unit.path) is not None
    )


def _due(stage: Stage, data: Mapping[str, Any]) -> Mapping[str, Any]:
    deadline = Deadline(data["due_from"], data["due_days"], data["due_date"])
    return reckoned(deadline, StageKind(stage.kind), windows_of(stage.campaign))
