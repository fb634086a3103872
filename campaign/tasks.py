"""Celery doors of campaigns."""

from celery import shared_task
from django.utils import timezone

from campaign import services


@shared_task(name="campaign.look_at_stages")
def look_at_stages() -> None:
    """Write down what is seen of tasks, then end the stages whose time and gate say so."""
    services.look_at_stages(timezone.localdate())
