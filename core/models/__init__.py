"""What every app leans on: the audit trail, notices, background jobs, the official calendar."""

from core.models.audit import AuditEntry, AuditEntryQuerySet, AuditHead
from core.models.calendar import CalendarDay, CalendarYear
from core.models.jobs import Job, JobQuerySet
from core.models.notices import Channel, Digest, Notice, Reminder, Telling
from core.models.pulse import Pulse

__all__ = [
    "AuditEntry",
    "AuditEntryQuerySet",
    "AuditHead",
    "CalendarDay",
    "CalendarYear",
    "Channel",
    "Digest",
    "Job",
    "JobQuerySet",
    "Notice",
    "Pulse",
    "Reminder",
    "Telling",
]
