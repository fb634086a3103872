"""Celery doors of campaigns."""

from celery import shared_task
from django.utils import timezone

from campaign import services
from core import jobs


@shared_task(name="campaign.look_at_stages")
def look_at_stages() -> None:
    """Write down what is seen of tasks, then end the stages whose time and gate say so."""
    services.look_at_stages(timezone.localdate())


@shared_task(name="campaign.delete_dropped_files")
def delete_dropped_files() -> None:
    """Delete what an archiving that was killed has left of its files."""
    services.delete_dropped_files()


@shared_task(name="campaign.archive")
def archive(*, job_id: str) -> None:
    """Archive the campaign of the job."""
    jobs.run(job_id, services.archive_campaign)
