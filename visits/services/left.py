"""Asking for the list of what is left as a file."""

from django.core.exceptions import PermissionDenied

from core import audit
from core.jobs import request_once
from core.models import Job
from organisation.models import User
from visits.choices import TargetState
from visits.queries.left import Left
from visits.rules import lists_targets_of

EXPORT_LEFT = "visits.export_left"
TOTALS_ONLY = "走访对象的名单由作风办、组织部查看，领导、纪委监委看各级区划的数字。"


@audit.atomic
def request_left_export(*, left: Left, actor: User) -> Job:
    """Ask for the list as Excel; the same one under way is returned.

    Raises PermissionDenied without the right.
    """
    if not lists_targets_of(actor, left.area):
        raise PermissionDenied(TOTALS_ONLY)
    title = f"{left.area}{TargetState(left.state).label}名单"
    return request_once(
        kind=EXPORT_LEFT,
        title=title,
        owner=actor,
        campaign=left.campaign.pk,
        area=left.area.code,
        state=str(left.state),
        kind_of=left.kind,
    )
