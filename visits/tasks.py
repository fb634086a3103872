"""Celery doors of visits."""

from celery import shared_task

from core import jobs
from visits import services
from visits.services.freeze import apply_freeze as freeze
from visits.services.upload import REGISTER


@shared_task(name="visits.check_register")
def check_register(*, job_id: str) -> None:
    """Examine an uploaded register; nothing is registered."""
    jobs.run(job_id, REGISTER.check)


@shared_task(name="visits.apply_register")
def apply_register(*, job_id: str) -> None:
    """Register the entries of a checked upload, all or none."""
    jobs.run(job_id, REGISTER.apply)


@shared_task(name="visits.apply_freeze")
def apply_freeze(*, job_id: str) -> None:
    """Fix the denominator of a campaign, as its office has asked."""
    jobs.run(job_id, freeze)


@shared_task(name="visits.check_coverage")
def check_coverage() -> None:
    """Look in the night whether the counters are right, and tell the operators if not."""
    services.report_faults()
