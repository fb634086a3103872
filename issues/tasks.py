"""Celery doors of problem items."""

from celery import shared_task
from django.utils import timezone

from core import jobs
from issues import services
from issues.exports.book import export_book as build_book
from issues.exports.ledger import export_ledger as build_ledger
from issues.exports.slips import export_slip as build_slip


@shared_task(name="issues.raise_slips")
def raise_slips() -> None:
    """Raise the supervision slips that the rule asks for."""
    services.raise_due_slips(timezone.localdate())


@shared_task(name="issues.export_slip")
def export_slip(*, job_id: str) -> None:
    """Build one supervision slip as PDF."""
    jobs.run(job_id, build_slip)


@shared_task(name="issues.export_ledger")
def export_ledger(*, job_id: str) -> None:
    """Build the ledger as Excel."""
    jobs.run(job_id, build_ledger)


@shared_task(name="issues.export_book")
def export_book(*, job_id: str) -> None:
    """Build a person's own book of mistakes as PDF."""
    jobs.run(job_id, build_book)


@shared_task(name="issues.forget_old_words")
def forget_old_words() -> None:
    """Drop what forms have kept and nobody came back to."""
    services.forget_old_words(timezone.localdate())


@shared_task(name="issues.check_ledger")
def check_ledger(*, job_id: str) -> None:
    """Examine an uploaded ledger; nothing is written."""
    jobs.run(job_id, services.LEDGER_IN.check)


@shared_task(name="issues.apply_ledger")
def apply_ledger(*, job_id: str) -> None:
    """Write the drafts of a checked ledger, all or none."""
    jobs.run(job_id, services.LEDGER_IN.apply)
