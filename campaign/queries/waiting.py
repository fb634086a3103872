"""Which tasks wait for one person: the own ones, those of the units spoken for, the office's."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from campaign.choices import BY_HAND, Audience
from campaign.models import Campaign, StageTask, TaskDone
from campaign.queries.access import spoken_for
from campaign.queries.progress import groups_of
from campaign.rules import keeps_campaign
from organisation.models import Unit, User


@dataclass(frozen=True)
class TaskToDo:
    """A task that is not done by this person or for this unit (None: by the person, the office)."""

    task: StageTask
    unit: Unit | None = None


def tasks_waiting_for(user: User, campaign: Campaign, today: date) -> list[TaskToDo]:
    """In the order of their deadlines; of the office's only those that somebody has to tell.

    At most six queries. Reads ``campaign.area``.
    """
    units = list(spoken_for(campaign, user))
    keeps = keeps_campaign(user, campaign)
    groups = groups_of(user, campaign)
    asked = Q(audience__in=groups)
    asked |= Q(audience=Audience.UNITS) if units else Q()
    asked |= Q(audience=Audience.OFFICE, watch__in=BY_HAND) if keeps else Q()
    tasks = StageTask.objects.filter(
        asked, stage__campaign=campaign, stage__ended_at=None, stage__starts_on__lte=today
    )
    found = list(tasks.select_related("stage").order_by("due_on", "id")) if asked else []
    done = set(
        TaskDone.objects.filter(
            Q(person=user) | Q(unit__in=units) | Q(unit=None, person=None), task__in=found
        ).values_list("task", "unit")
    )
    return [
        TaskToDo(task, unit)
        for task in found
        for unit in (units if task.audience == Audience.UNITS else [None])
        if (task.pk, unit.pk if unit else None) not in done
    ]
