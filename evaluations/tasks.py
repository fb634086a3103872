"""Celery doors of evaluations."""

from celery import shared_task

from core import jobs
from evaluations import services
from evaluations.exports import print_codes as build


@shared_task(name=services.PRINT_JOB)
def print_codes(*, job_id: str) -> None:
    """Make the one-time codes of a job and the PDF that is their only plain copy."""
    jobs.run(job_id, build)
