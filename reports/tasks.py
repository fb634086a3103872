"""Celery doors of reports."""

from celery import shared_task

from core import jobs
from reports.exports import export_progress as build


@shared_task(name="reports.export_progress")
def export_progress(*, job_id: str) -> None:
    """Build a progress report as Excel or PDF."""
    jobs.run(job_id, build)
