"""Celery doors of core."""

from celery import shared_task

from core import audit_heads, jobs, uploads


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> None:
    """Send waiting and orphaned jobs again."""
    jobs.sweep()


@shared_task(name="core.expire_files")
def expire_files() -> None:
    """Delete result files and uploads past their time."""
    jobs.expire_files()
    uploads.lapse()


@shared_task(name="core.keep_audit_head")
def keep_audit_head() -> None:
    """Write the end of the audit chain to the file outside the database."""
    audit_heads.keep_head()
