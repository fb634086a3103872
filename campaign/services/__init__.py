"""Writes on campaigns."""

from campaign.schedule import WrongDates
from campaign.services.activities import (
    record_activity,
    record_institution,
    remove_activity,
    remove_institution,
)
from campaign.services.archive import (
    ARCHIVE,
    archive_campaign,
    delete_dropped_files,
    request_archive,
)
from campaign.services.campaigns import begin_campaign, create_campaign, plan_of
from campaign.services.deadlines import recompute_all, shifts, windows_of
from campaign.services.lists import change_list, land_list
from campaign.services.open import ARCHIVED, require_open
from campaign.services.participants import join, leave
from campaign.services.refused import Refused
from campaign.services.stages import (
    change_dates,
    end_due_stages,
    end_stage,
    look_at_stages,
    resume_stage,
)
from campaign.services.tasks import (
    NOT_TOLD_BY_YOU,
    add_task,
    change_task,
    remove_task,
    see_tasks,
    take_back,
    tell_done,
)

__all__ = [
    "ARCHIVE",
    "ARCHIVED",
    "NOT_TOLD_BY_YOU",
    "Refused",
    "WrongDates",
    "add_task",
    "archive_campaign",
    "begin_campaign",
    "change_dates",
    "change_list",
    "change_task",
    "create_campaign",
    "delete_dropped_files",
    "end_due_stages",
    "end_stage",
    "join",
    "land_list",
    "leave",
    "look_at_stages",
    "plan_of",
    "recompute_all",
    "record_activity",
    "record_institution",
    "remove_activity",
    "remove_institution",
    "remove_task",
    "request_archive",
    "require_open",
    "resume_stage",
    "see_tasks",
    "shifts",
    "take_back",
    "tell_done",
    "windows_of",
]
