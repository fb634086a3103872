"""The deadlines that follow the calendar, by name."""

from campaign.models import Campaign, StageTask
from core.calendar_moves import Due
from organisation.models import User


def dues_visible_to(user: User) -> dict[int, Due]:
    """The open deadlines of all campaigns that the person knows, by task; one query."""
    tasks = StageTask.objects.filter(
        stage__ended_at=None,
        stage__campaign__archived_at=None,
        stage__campaign__in=Campaign.objects.visible_to(user),
    )
    return {
        task.pk: Due(
            task.title,
            f"{task.stage.campaign.name} · {task.stage.get_kind_display()}",
            task.due_on,
        )
        for task in tasks.select_related("stage__campaign")
    }
