"""The door to Celery: named tasks, plain arguments, after commit only."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date

import pytest
from celery.exceptions import NotRegistered
from django.db import transaction
from kombu.exceptions import OperationalError

from core import tasks
from core.queue import enqueue
from tests.core.conftest import KIND

pytestmark = pytest.mark.django_db
Capture = Callable[..., AbstractContextManager[list[Callable[[], None]]]]


def test_unknown_task_is_refused_at_once() -> None:
    with pytest.raises(NotRegistered):
        enqueue("core.no_such_task")


@pytest.mark.parametrize("value", [date(2025, 9, 26), object(), {1, 2}, b"bytes"])
def test_only_what_json_holds_is_taken(value: object) -> None:
    with pytest.raises(TypeError):
        enqueue(KIND, value=value)


def test_sent_after_commit_only(
    sent: list[object], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        enqueue(KIND, job_id="7")
    assert sent == []
    for callback in callbacks:
        callback()
    assert sent == [{"job_id": "7"}]


def test_never_sent_after_a_rollback(
    sent: list[object], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        enqueue(KIND, job_id="7")
        transaction.set_rollback(True)
    assert (callbacks, sent) == ([], [])


@pytest.mark.parametrize("error", [OperationalError("no broker"), ConnectionRefusedError()])
def test_a_broker_that_is_away_is_logged_not_raised(
    error: Exception,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    django_capture_on_commit_callbacks: Capture,
) -> None:
    def away(**kwargs: object) -> None:
        raise error

    monkeypatch.setattr(tasks.expire_files, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        enqueue(KIND)
    (record,) = caplog.records
    assert record.getMessage() == f"queue out of reach; {KIND} waits for the sweep"
