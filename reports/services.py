"""Asking for reports."""

from django.core.exceptions import PermissionDenied

from campaign.models import Campaign
from core.jobs import request_once
from core.models import Job
from organisation.models import Area, User
from reports.choices import FileFormat
from reports.rules import can_read_progress

PROGRESS_KIND = "reports.export_progress"
NO_RIGHT = "进展报告由领导和作风办、组织部、纪委监委查看。需要时请向作风办申请。"


def request_progress_export(
    *, actor: User, campaign: Campaign, area: Area, file_format: FileFormat
) -> Job:
    """Ask for the area's progress report as a file.

    The same request while the first is still under way returns the first: two presses of
    the button make one file. Raises PermissionDenied without the right.
    """
    arguments = {"campaign": campaign.pk, "area": area.code, "format": file_format.value}
    title = f"{area}专项行动进展（{file_format.label}）"
    return _requested(actor=actor, title=title, arguments=arguments)


def retry_export(*, actor: User, job: Job) -> Job:
    """Ask again for a file that failed or has expired; the old row stays as history."""
    return _requested(actor=actor, title=job.title, arguments=job.arguments)


def _requested(*, actor: User, title: str, arguments: dict[str, object]) -> Job:
    if not can_read_progress(actor):
        raise PermissionDenied(NO_RIGHT)
    return request_once(kind=PROGRESS_KIND, title=title, owner=actor, **arguments)
