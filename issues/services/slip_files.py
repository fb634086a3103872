"""A supervision slip on paper, made by a worker."""

from campaign.services import require_open
from core import audit
from core.jobs import request_once
from core.models import Job
from issues.models import SupervisionSlip
from organisation.models import User

SLIP_KIND = "issues.export_slip"


@audit.atomic
def request_slip_file(*, slip: SupervisionSlip, actor: User) -> Job:
    """Ask for the slip on paper; the same request while the first is under way returns it."""
    require_open(slip.campaign_id)
    arguments: dict[str, object] = {"campaign": slip.campaign_id, "slip": slip.pk}
    return request_once(kind=SLIP_KIND, title=str(slip), owner=actor, **arguments)
