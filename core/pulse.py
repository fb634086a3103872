"""The sign of life of clock and worker together: one writes when the other says so."""

from django.utils import timezone

from core.models import Pulse


def tick() -> None:
    """Write down that the clock was heard and a worker did what it said."""
    Pulse.objects.bulk_create(
        [Pulse(name=Pulse.CLOCK, at=timezone.now())],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["at"],
    )
