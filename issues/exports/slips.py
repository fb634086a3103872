"""A supervision slip on paper: the form of domain §2.4, plain, without head and seal."""

import tempfile
from datetime import datetime

from django.utils import timezone

from core.exports.pdf import render_pdf
from core.jobs import JobError, Running
from issues.models import SupervisionSlip
from issues.queries import slips, steps_taken
from organisation.models import User

NO_RIGHT = "您现在没有查看这张督办单的权限，未生成文件。如有疑问请联系纪委监委。"
STEPS = 2


def export_slip(running: Running) -> None:
    """Build the PDF that the job asks for, for its owner as he stands today.

    Raises JobError when the owner may not see the slip any more.
    """
    running.progress(0, STEPS)
    owner = User.objects.get(pk=running.job.owner_id)
    found = slips(owner).select_related(
        "campaign", "raised_by", "issue__responsible", "appeal__handler"
    )
    slip = found.filter(pk=running.job.arguments["slip"]).first()
    if slip is None:
        raise JobError(NO_RIGHT)
    with tempfile.TemporaryFile() as file:
        file.write(slip_pdf(slip, owner, timezone.localtime()))
        running.progress(1, STEPS)
        size = file.tell()
        file.seek(0)
        running.finish(outcome={"bytes": size}, file=file, file_name=f"{slip}.pdf")


def slip_pdf(slip: SupervisionSlip, owner: User, at: datetime) -> bytes:
    """The slip as it stands; steps that are still to come leave their rows empty."""
    context: dict[str, object] = {
        "slip": slip,
        "steps": steps_taken(slip),
        "document_title": f"{slip}督办单",
        "stamp": f"系统生成，非正式公文。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出",
    }
    return render_pdf("exports/supervision_slip.html", context)
