"""Celery doors of problem items."""

from celery import shared_task
from django.utils import timezone

from issues import services


@shared_task(name="issues.remind_due")
def remind_due() -> None:
    """Remind of what is due by tomorrow."""
    services.remind_due(timezone.localdate())
