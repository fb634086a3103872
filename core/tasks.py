"""Celery doors of core."""

from celery import shared_task

from core import jobs


@shared_task(name="core.sweep_jobs")
def sweep_jobs() -> None:
    """Send waiting and orphaned jobs again."""
    jobs.sweep()


@shared_task(name="core.expire_files")
def expire_files() -> None:
    """Delete result files past their time."""
    jobs.expire_files()
