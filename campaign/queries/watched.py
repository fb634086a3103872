"""What this app sees of tasks by itself."""

from campaign.choices import ActivityKind
from campaign.models import StageTask


def mobilised(task: StageTask) -> set[int]:
    """Units that have entered a mobilisation meeting."""
    campaign = task.stage.campaign
    found = campaign.activities.filter(kind=ActivityKind.MOBILISATION)
    return set(found.values_list("unit", flat=True))


def studied(task: StageTask) -> set[int]:
    """Units that have entered any study activity."""
    campaign = task.stage.campaign
    found = campaign.activities.exclude(kind=ActivityKind.MOBILISATION)
    return set(found.values_list("unit", flat=True))


def has_institution(task: StageTask) -> set[int]:
    """Units that have entered an institution."""
    return set(task.stage.campaign.institutions.values_list("unit", flat=True))
