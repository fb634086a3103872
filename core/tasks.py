"""Celery doors of core."""

from celery import shared_task
from celery.signals import task_prerun
from django.utils import timezone

from core import audit_heads, calendars, jobs, pulse, temporary, uploads
from core.notices import channels, outbox


@task_prerun.connect
def look_at_the_calendar(**_: object) -> None:
    """A task that counts days begins by asking whether the calendar has changed."""
    calendars.expire()


@shared_task(name="core.tick")
def tick() -> None:
    """Write down that clock and worker are alive."""
    pulse.tick()


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> None:
    """Send waiting and orphaned jobs again."""
    jobs.sweep()


@shared_task(name="core.expire_files")
def expire_files() -> None:
    """Delete result files past their time."""
    jobs.expire_files()


@shared_task(name="core.sweep_temporary")
def sweep_temporary() -> None:
    """Delete temporary files that a killed process has left."""
    temporary.sweep()


@shared_task(name="core.lapse_uploads")
def lapse_uploads() -> None:
    """Drop uploads that nobody confirmed in time."""
    uploads.lapse()


@shared_task(name="core.keep_audit_head")
def keep_audit_head() -> None:
    """Write the end of the audit chain to the file outside the database."""
    audit_heads.keep_head()


@shared_task(name="core.recompute_deadlines")
def recompute_deadlines() -> None:
    """Move deadlines that were computed by a calendar that had just changed."""
    calendars.recompute()


@shared_task(name="core.tell")
def tell() -> None:
    """Look for the day's reminders and send what waits, in working hours."""
    outbox.tell(timezone.now())


@shared_task(name="core.try_channel")
def try_channel(*, job_id: str) -> None:
    """Send a message of trial by one person's channel."""
    jobs.run(job_id, channels.try_channel)
