"""Evidence: added, exchanged for a newer file, taken back; nothing of it is ever lost."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone

from campaign.services import require_open
from core import audit
from core.files import CheckedFile, thumbnail_of
from issues.choices import State
from issues.models import Evidence, Issue
from issues.rules import can_add_evidence
from issues.services.items import STALE, Stale
from organisation.models import User

AT_MOST = 20  # of one item; all of them are hashed anew when its signature is looked at
NOT_YOURS = "只有整改责任人可以上传佐证，而且只能在整改期间上传。"
NO_LONGER = "这份佐证刚刚已经被换掉或收回。请刷新页面查看。"
FULL = f"佐证最多 {AT_MOST} 份，够说明结果就行。可以换掉或收回旧的。"
EXCHANGED = "换成较新的一份"


@audit.atomic
def add_evidence(*, issue: Issue, actor: User, file: CheckedFile, note: str = "") -> Evidence:
    """Attach a checked file to an item that is being put right.

    Raises PermissionDenied, Stale, and ValidationError for one too many or one that is there.
    """
    _require_right(actor, issue)
    _count(issue, 1)
    added = _keep(issue, actor, file, note=note)
    audit.record(actor=actor, act="issues.add_evidence", subject=issue, sha256=file.sha256)
    issue.refresh_from_db()
    return added


@audit.atomic
def replace_evidence(
    *, evidence: Evidence, actor: User, file: CheckedFile, why: str = ""
) -> Evidence:
    """Put a newer file in its place; the old one stays in the history. Raises as above."""
    issue = evidence.issue
    _require_right(actor, issue)
    _count(issue, 0)
    _drop(evidence, actor, why.strip() or EXCHANGED)
    newer = _keep(issue, actor, file, note=evidence.note, replaces=evidence)
    audit.record(
        actor=actor,
        act="issues.replace_evidence",
        subject=issue,
        sha256=file.sha256,
        instead_of=evidence.sha256,
    )
    return newer


@audit.atomic
def take_back_evidence(*, evidence: Evidence, actor: User, why: str) -> None:
    """Let it count no more; it stays in the history with the reason.

    Raises PermissionDenied, Stale, and ValidationError without a reason.
    """
    issue = evidence.issue
    _require_right(actor, issue)
    if not why.strip():
        raise ValidationError("请写明收回的原因，例如：传错了文件。")
    _count(issue, -1)
    _drop(evidence, actor, why.strip())
    audit.record(
        actor=actor, act="issues.take_back_evidence", subject=issue, sha256=evidence.sha256
    )
    issue.refresh_from_db()


def _require_right(actor: User, issue: Issue) -> None:
    if not can_add_evidence(actor, issue):
        raise PermissionDenied(NOT_YOURS)
    require_open(issue.campaign_id)


def _count(issue: Issue, more: int) -> None:
    """Count in the write that holds the item in its state: an application waits for it.

    The bounds are in it too: many at the same moment go no further than one by one.
    """
    held = Issue.objects.filter(pk=issue.pk, state=State.RECTIFYING)
    within = held.filter(evidence_count__range=(max(0, -more), AT_MOST - more))
    if within.update(evidence_count=F("evidence_count") + more) == 1:
        return
    if more > 0 and held.exists():
        raise ValidationError(FULL)
    raise Stale(STALE)


def _drop(evidence: Evidence, actor: User, why: str) -> None:
    dropped = (
        Evidence.objects.current()
        .filter(pk=evidence.pk)
        .update(dropped_at=timezone.now(), dropped_by=actor, dropped_why=why)
    )
    if dropped != 1:
        raise Stale(NO_LONGER)


def _keep(
    issue: Issue,
    actor: User,
    file: CheckedFile,
    *,
    note: str = "",
    replaces: Evidence | None = None,
) -> Evidence:
    if issue.evidence.current().filter(sha256=file.sha256).exists():
        raise ValidationError("这份文件已经上传过了。")
    return Evidence.objects.create(
        issue=issue,
        uploaded_by=actor,
        file=file.stored(),
        thumb=thumbnail_of(file) or "",
        name=file.name,
        size=len(file.content),
        sha256=file.sha256,
        note=note,
        replaces=replaces,
    )
