"""The clock of reminders, moved by tests: one look on a day, during working hours."""

from datetime import date, datetime, time

from django.utils import timezone

from core.models import Digest, Notice, Reminder
from core.notices import outbox
from organisation.models import User


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, minute)))


def tell(day: date, hour: int = 10) -> None:
    outbox.tell(at(day, hour))


def box(person: User) -> list[str]:
    """The titles of a person's digests, oldest first."""
    found = Notice.objects.filter(person=person, digest__isnull=False).order_by("id")
    return list(found.values_list("title", flat=True))


def lines(person: User) -> list[tuple[str, str]]:
    """What the digests in the box say: who is addressed and the title, oldest first."""
    rows = Reminder.objects.filter(
        person=person, way="inbox", is_quiet=False, digest__state=Digest.State.SENT
    )
    return list(rows.order_by("digest__day", "due_on", "id").values_list("addressee", "title"))
