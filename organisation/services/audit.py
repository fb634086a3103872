"""Asking for the audit trail as a file."""

from django.core.exceptions import PermissionDenied

from core.jobs import request_job
from core.models import Job
from organisation.models import User
from organisation.queries.audit import AuditCriteria
from organisation.rules import reads_audit

AUDIT_KIND = "organisation.export_audit"
ONLY_AUDITORS = "审计记录由审计管理员查看。"


def request_audit_export(*, actor: User, criteria: AuditCriteria) -> Job:
    """Ask for the narrowed trail; the same request under way returns the first."""
    if not reads_audit(actor):
        raise PermissionDenied(ONLY_AUDITORS)
    under_way = Job.objects.visible_to(actor).filter(
        kind=AUDIT_KIND, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    for job in under_way:
        if job.arguments == criteria.written:
            return job
    return request_job(kind=AUDIT_KIND, title="审计记录", owner=actor, **criteria.written)
