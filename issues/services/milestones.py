"""What was reached at a milestone of a long-term item."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from campaign.services import require_open
from core import audit
from core.files import CheckedFile
from issues.choices import State
from issues.concreteness import check_milestones
from issues.models import Achievement, Issue, Milestone
from issues.queries import unreported
from issues.rules import can_report
from issues.services.evidence import add_evidence
from issues.services.items import STALE, Stale
from issues.workflow import Refused
from organisation.models import User

NOT_YOURS_TO_REPORT = "阶段性成果由整改责任人在整改期间报告。"
REPORTED = "这个节点的阶段性成果已经报告过了。"


@audit.atomic
def report_milestone(
    *, milestone: Milestone, actor: User, result: str, file: CheckedFile | None = None
) -> Achievement:
    """Report once what was reached, with a file that shows it if there is one.

    Raises PermissionDenied, Refused, Stale, and ValidationError for a file that is there
    already; audited.
    """
    issue = milestone.plan.version.issue
    if not can_report(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_REPORT)
    require_open(issue.campaign_id)
    _require_concrete(result)
    if not Issue.objects.filter(pk=issue.pk, state=State.RECTIFYING).exists():
        raise Stale(STALE)
    if not unreported(issue).filter(pk=milestone.pk).exists():
        raise Stale(REPORTED)
    evidence = None
    if file:
        evidence = add_evidence(issue=issue, actor=actor, file=file, note=milestone.name)
    try:
        with audit.atomic():
            reported = Achievement.objects.create(
                milestone=milestone, reported_by=actor, result=result.strip(), evidence=evidence
            )
    except IntegrityError:  # the same form, sent twice at once
        raise Stale(REPORTED) from None
    audit.record(
        actor=actor, act="issues.report_milestone", subject=issue, milestone=milestone.number
    )
    return reported


def _require_concrete(result: str) -> None:
    if not result.strip():
        raise Refused("请写明到现在看得到什么成果。")
    refused = [each.say for each in check_milestones({"result": result}) if each.refuses]
    if refused:
        raise Refused("".join(refused))
