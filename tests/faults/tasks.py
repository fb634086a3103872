"""The product's own telling, on the day that the driver says it is."""

from datetime import datetime, time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from core.notices import outbox

DAY_FILE = "faults-day.txt"


@shared_task(name="faults.tell")
def tell() -> None:
    text = (settings.VAR_DIR / DAY_FILE).read_text()
    outbox.tell(timezone.make_aware(datetime.combine(datetime.fromisoformat(text), time(10))))
