"""Making a campaign: from a blueprint, from an older one, by hand."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from campaign import schedule
from campaign.blueprints import Entry, Plan, StagePlan, TaskPlan, TermList
from campaign.choices import Blueprint, StageKind
from campaign.models import Campaign, Category, Participant, Stage, StageTask, Taxonomy
from campaign.schedule import Deadline, Window
from campaign.services.deadlines import reckoned
from core import audit
from organisation.models import Area, Unit, User


@audit.atomic
def create_campaign(
    *,
    name: str,
    area: Area,
    organiser: str,
    stages: Mapping[StageKind, tuple[date, date, str]],
    lists: Sequence[TermList],
    tasks: Mapping[StageKind, Sequence[TaskPlan]] | None = None,
    units: Iterable[Unit] = (),
    blueprint: str = Blueprint.EMPTY,
    copied_from: Campaign | None = None,
    actor: User | None = None,
) -> Campaign:
    """Create a campaign with its stages (start, end, goal), lists, tasks and taking part units.

    It runs from the first day of its stages to the last. Raises WrongDates. Audited.
    """
    windows = {kind: Window(start, end) for kind, (start, end, _) in stages.items()}
    schedule.check(windows)
    campaign = Campaign.objects.create(
        name=name,
        area=area,
        organiser=organiser,
        starts_on=windows[schedule.ORDER[0]].start,
        ends_on=windows[schedule.ORDER[-1]].end,
        blueprint=blueprint,
        copied_from=copied_from,
    )
    for kind, (start, end, goal) in stages.items():
        stage = Stage.objects.create(
            campaign=campaign, kind=kind, goal=goal, starts_on=start, ends_on=end
        )
        _add_tasks(stage, (tasks or {}).get(kind, ()), windows)
    for each in lists:
        _add_list(campaign, each)
    Participant.objects.bulk_create(
        Participant(campaign=campaign, unit=unit, joined_on=campaign.starts_on) for unit in units
    )
    audit.record(actor=actor, act="campaign.create", subject=campaign)
    return campaign


def begin_campaign(
    *,
    plan: Plan,
    name: str,
    area: Area,
    organiser: str,
    windows: Mapping[StageKind, Window],
    units: Iterable[Unit],
    blueprint: str,
    actor: User | None,
    copied_from: Campaign | None = None,
) -> Campaign:
    """A campaign after a plan, with the dates and units chosen for it. Raises WrongDates."""
    return create_campaign(
        name=name,
        area=area,
        organiser=organiser,
        stages={
            each.kind: (windows[each.kind].start, windows[each.kind].end, each.goal)
            for each in plan.stages
        },
        lists=plan.lists,
        tasks={each.kind: each.tasks for each in plan.stages},
        units=units,
        blueprint=blueprint,
        copied_from=copied_from,
        actor=actor,
    )


def plan_of(campaign: Campaign) -> Plan:
    """The plan that a campaign was made after, with all that was changed since: for a copy.

    A deadline on a named date becomes one at the end of its stage: the date is last year's.
    """
    stages = tuple(
        StagePlan(
            StageKind(stage.kind),
            stage.window.days,
            stage.goal,
            tuple(_plan_of_task(task) for task in stage.tasks.all()),
        )
        for stage in campaign.stages.prefetch_related("tasks")
    )
    lists = tuple(
        TermList(
            each.name,
            each.kind,
            tuple(
                Entry(row.name, row.gloss, row.is_example, row.aspect)
                for row in each.categories.all()
            ),
        )
        for each in campaign.taxonomies.prefetch_related("categories").order_by("id")
    )
    return Plan(campaign.name, lists, stages)


def _plan_of_task(task: StageTask) -> TaskPlan:
    shared = (task.title, task.audience, task.deliverable, task.watch)
    if task.due_date:
        return TaskPlan(*shared, threshold=task.threshold)
    return TaskPlan(*shared, task.due_from, task.due_days, task.threshold)


def _add_tasks(
    stage: Stage, plans: Sequence[TaskPlan], windows: Mapping[StageKind, Window]
) -> None:
    kind = StageKind(stage.kind)
    StageTask.objects.bulk_create(
        StageTask(
            stage=stage,
            number=number,
            title=plan.title,
            audience=plan.audience,
            deliverable=plan.deliverable,
            watch=plan.watch,
            threshold=plan.threshold,
            due_from=plan.due_from,
            due_days=plan.due_days,
            **reckoned(Deadline(plan.due_from, plan.due_days), kind, windows),
        )
        for number, plan in enumerate(plans, start=1)
    )


def _add_list(campaign: Campaign, wanted: TermList) -> None:
    added = Taxonomy.objects.create(campaign=campaign, name=wanted.name, kind=wanted.kind)
    Category.objects.bulk_create(
        Category(taxonomy=added, number=number, **entry._asdict())
        for number, entry in enumerate(wanted.entries, start=1)
    )
