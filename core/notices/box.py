"""The message box: each event reaches a person once, however often it is reported."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils import timezone

from core.models import Notice


@dataclass(frozen=True)
class Message:
    """What to say to whom; ``event`` names the occasion and makes a repeat harmless."""

    event: str
    person_id: int
    title: str
    body: str = ""
    url: str = ""


def send(messages: Iterable[Message]) -> None:
    """Put each message into its box unless the same event is already there."""
    rows = [
        Notice(
            event=message.event,
            person_id=message.person_id,
            title=message.title,
            body=message.body,
            url=message.url,
        )
        for message in messages
    ]
    Notice.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)


def unread_count(person: models.Model) -> int:
    return Notice.objects.filter(person_id=person.pk, read_at=None).count()


def mark_read(*, notice: Notice) -> None:
    Notice.objects.filter(pk=notice.pk, read_at=None).update(read_at=timezone.now())


def settle(*, event: str) -> None:
    """What the event asked for is done: its messages need nobody's eye any more."""
    Notice.objects.filter(event=event, read_at=None).update(read_at=timezone.now())


def mark_all_read(*, person: models.Model) -> int:
    """Mark every unread message of the person; returns how many there were."""
    return Notice.objects.filter(person_id=person.pk, read_at=None).update(read_at=timezone.now())
