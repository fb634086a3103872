"""Celery doors of visits."""

from celery import shared_task

from core import jobs
from visits import services
from visits.exports.coverage import export_coverage as build
from visits.exports.left import export_left as build_left
from visits.services.freeze import apply_freeze as freeze
from visits.services.hotline import HOTLINE_IN
from visits.services.paper import PAPER
from visits.services.upload import REGISTER


@shared_task(name="visits.check_register")
def check_register(*, job_id: str) -> None:
    """Examine an uploaded register; nothing is registered."""
    jobs.run(job_id, REGISTER.check)


@shared_task(name="visits.apply_register")
def apply_register(*, job_id: str) -> None:
    """Register the entries of a checked upload, all or none."""
    jobs.run(job_id, REGISTER.apply)


@shared_task(name="visits.check_hotline")
def check_hotline(*, job_id: str) -> None:
    """Examine the results of 12345; nothing is written."""
    jobs.run(job_id, HOTLINE_IN.check)


@shared_task(name="visits.apply_hotline")
def apply_hotline(*, job_id: str) -> None:
    """Take the steps of checked results, all or none."""
    jobs.run(job_id, HOTLINE_IN.apply)


@shared_task(name="visits.apply_freeze")
def apply_freeze(*, job_id: str) -> None:
    """Fix the denominator of a campaign, as its office has asked."""
    jobs.run(job_id, freeze)


@shared_task(name="visits.check_coverage")
def check_coverage() -> None:
    """Look in the night whether the counters are right, and tell the operators if not."""
    services.report_faults()


@shared_task(name="visits.keep_days")
def keep_days() -> None:
    """Write down how far every area is today; the last time of a day stays."""
    services.keep_days()


@shared_task(name="visits.export_coverage")
def export_coverage(*, job_id: str) -> None:
    """Build the coverage of an area as Excel."""
    jobs.run(job_id, build)


@shared_task(name="visits.export_left")
def export_left(*, job_id: str) -> None:
    """Build the list of what is left of an area as Excel."""
    jobs.run(job_id, build_left)


@shared_task(name="visits.check_paper")
def check_paper(*, job_id: str) -> None:
    """Examine visits from paper; nothing is written."""
    jobs.run(job_id, PAPER.check)


@shared_task(name="visits.apply_paper")
def apply_paper(*, job_id: str) -> None:
    """Write down the visits of a checked upload, all or none."""
    jobs.run(job_id, PAPER.apply)


@shared_task(name="visits.look_at_visits")
def look_at_visits() -> None:
    """Look in the morning for what does not fit together about new visits."""
    services.look_at_visits()
