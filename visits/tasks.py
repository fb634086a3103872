"""Celery doors of visits."""

from celery import shared_task

from core import jobs
from visits.services.upload import REGISTER


@shared_task(name="visits.check_register")
def check_register(*, job_id: str) -> None:
    """Examine an uploaded register; nothing is registered."""
    jobs.run(job_id, REGISTER.check)


@shared_task(name="visits.apply_register")
def apply_register(*, job_id: str) -> None:
    """Register the entries of a checked upload, all or none."""
    jobs.run(job_id, REGISTER.apply)
