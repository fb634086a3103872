"""Asking for the audit trail as a file."""

from django.core.exceptions import PermissionDenied

from core.jobs import request_once
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
    return request_once(kind=AUDIT_KIND, title="审计记录", owner=actor, **criteria.written)
