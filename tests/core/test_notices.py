"""The message box: an event reaches a person once."""

import pytest
from django.db import IntegrityError, transaction

from core import notices
from core.models import Notice
from core.notices import Message
from organisation.models import User


def message(person: User, event: str = "issue:7:due", title: str = "到期提醒") -> Message:
    return Message(event, person.pk, title, body="明天到期", url="/issues/7/")


def test_an_event_is_told_once_however_often_it_is_reported(person: User) -> None:
    notices.send([message(person), message(person)])
    notices.send([message(person, title="又一次")])
    notice = Notice.objects.get()
    assert (notice.title, notice.body, notice.url) == ("到期提醒", "明天到期", "/issues/7/")


def test_without_the_constraint_it_would_be_told_twice(person: User) -> None:
    """The control is the database's: a second row for the same event cannot be written."""
    notices.send([message(person)])
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.create(event="issue:7:due", person=person, title="又一次")


def test_different_people_and_events_are_separate(person: User, stranger: User) -> None:
    notices.send([message(person), message(stranger), message(person, event="issue:7:late")])
    assert (notices.unread_count(person), notices.unread_count(stranger)) == (2, 1)


def test_a_repeat_does_not_make_a_message_unread_again(person: User) -> None:
    notices.send([message(person)])
    notices.mark_read(notice=Notice.objects.get())
    notices.send([message(person)])
    assert notices.unread_count(person) == 0


def test_mark_read_keeps_the_first_time(person: User) -> None:
    notices.send([message(person)])
    notices.mark_read(notice=Notice.objects.get())
    first = Notice.objects.get().read_at
    notices.mark_read(notice=Notice.objects.get())
    assert Notice.objects.get().read_at == first


def test_mark_all_read_is_ones_own(person: User, stranger: User) -> None:
    notices.send([message(person), message(person, event="b"), message(stranger)])
    assert notices.mark_all_read(person=person) == 2
    assert (notices.unread_count(person), notices.unread_count(stranger)) == (0, 1)
    assert notices.mark_all_read(person=person) == 0
