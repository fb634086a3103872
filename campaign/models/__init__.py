"""Everything a campaign keeps."""

from campaign.models.activities import Activity, Institution
from campaign.models.archive import DroppedFile, Total
from campaign.models.campaigns import (
    Campaign,
    CampaignQuerySet,
    Category,
    Participant,
    Stage,
    Taxonomy,
)
from campaign.models.decisions import Decision
from campaign.models.tasks import StageTask, TaskDone

__all__ = [
    "Activity",
    "Campaign",
    "CampaignQuerySet",
    "Category",
    "Decision",
    "DroppedFile",
    "Institution",
    "Participant",
    "Stage",
    "StageTask",
    "TaskDone",
    "Taxonomy",
    "Total",
]
