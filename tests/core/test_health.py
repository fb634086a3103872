"""What the machine says about itself, and /healthz."""

import math
import socket
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from celery.exceptions import QueueNotFound
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone

from core import health, jobs, queue, tasks
from core.choices import Addressee, Way
from core.jobs import JobError
from core.models import Digest, Job, Pulse, Reminder
from core.queue import LOOK_SECONDS
from organisation.models import User
from tests import services
from tests.core.broker import own_broker, send, use
from tests.core.conftest import KIND

EMPTY = {"default": 0, "notices": 0, "exports": 0, "imports": 0}
ANSWER_SECONDS = 2


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[None]:
    with own_broker(tmp_path):
        yield


### The clock


@pytest.mark.django_db
def test_the_task_of_the_clock_writes_its_time_into_one_row(broker: None) -> None:
    assert health.look().ticked_at is None
    for _ in range(2):
        before = timezone.now()
        tasks.tick()
        ((name, at),) = Pulse.objects.values_list("name", "at")
        assert (name, before <= at <= timezone.now()) == ("beat", True)
    assert health.look().ticked_at == at


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "late"), [(0, False), (115, False), (125, True)])
def test_the_clock_is_late_after_two_minutes(broker: None, seconds: int, late: bool) -> None:
    ticked(seconds)
    assert health.look().is_late is late


@pytest.mark.django_db
def test_a_clock_that_never_went_is_late(broker: None) -> None:
    assert health.look().is_late is True


def ticked(seconds: int) -> None:
    tasks.tick()
    Pulse.objects.update(at=timezone.now() - timedelta(seconds=seconds))


### What people are told


def test_the_oldest_of_the_outbox_is_told(broker: None, person: User, client: Client) -> None:
    """What is not yet bound into a digest, and a digest that is not yet sent."""
    now = timezone.now()
    reminder = Reminder.objects.create(
        event="x", person=person, way=Way.INBOX, kind="x", subject=1, title="x",
        addressee=Addressee.values[0], due_on=now.date(),
    )  # fmt: skip
    Reminder.objects.update(created_at=now - timedelta(hours=2))
    assert oldest(client) == pytest.approx(7200, abs=5)
    reminder.digest = Digest.objects.create(
        person=person, way=Way.INBOX, day=now.date(), next_try_at=now
    )
    reminder.save()
    assert oldest(client) == pytest.approx(0, abs=5)
    Digest.objects.update(state=Digest.State.SENT)
    assert oldest(client) is None


def oldest(client: Client) -> object:
    return client.get("/healthz").json()["oldest_outbox_seconds"]


### The queues


def test_an_empty_broker_has_empty_queues(broker: None) -> None:
    assert queue.lengths() == EMPTY


def test_messages_are_counted_where_they_lie(broker: None) -> None:
    """Each goes to its own queue and to no other."""
    send("core.tick", 3)
    send("reports.export_progress", 2)
    send("organisation.apply_units")
    send("core.tell")
    assert queue.lengths() == {"default": 3, "notices": 1, "exports": 2, "imports": 1}


def test_a_message_for_an_unknown_queue_is_refused(broker: None) -> None:
    with pytest.raises(QueueNotFound):
        tasks.tick.apply_async(queue="defualt")
    assert queue.lengths() == EMPTY


def test_a_folder_that_is_gone_is_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"data_folder_in": str(tmp_path / "no"), "control_folder": str(tmp_path / "no")}
    use(monkeypatch, "filesystem://localhost", options)
    assert queue.lengths() is None


def test_a_redis_that_was_killed_is_away_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        with services.redis() as address:
            use(monkeypatch, f"{address}/0")
            assert queue.lengths() == EMPTY
    except services.ServiceError as error:
        pytest.skip(str(error))
    assert timed(queue.lengths) == (None, pytest.approx(0, abs=LOOK_SECONDS))


def test_a_redis_that_hangs_is_away_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:  # accepts, and never answers
        use(monkeypatch, f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        found, seconds = timed(queue.lengths)
    assert found is None
    assert seconds < ANSWER_SECONDS


def timed(function: object) -> tuple[object, float]:
    began = time.monotonic()
    return function(), time.monotonic() - began  # type: ignore[operator]


### /healthz


@pytest.mark.django_db
def test_healthz_needs_no_sign_in_and_says_numbers_only(broker: None, client: Client) -> None:
    ticked(30)
    send("core.tick", 2)
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "status": "ok",
            "tick_age_seconds": 30,
            "queues": EMPTY | {"default": 2},
            "oldest_outbox_seconds": None,
        },
    )


@pytest.mark.django_db
def test_healthz_of_a_late_clock_is_still_an_answer(broker: None, client: Client) -> None:
    ticked(300)
    answer = client.get("/healthz")
    said = answer.json()
    assert (answer.status_code, said["status"], said["tick_age_seconds"]) == (200, "late", 300)


@pytest.mark.django_db
def test_healthz_answers_with_a_dead_broker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticked(0)
    use(monkeypatch, f"redis://nobody:hidden@127.0.0.1:{services.free_port()}/0")
    answer, seconds = timed(lambda: client.get("/healthz"))
    assert (answer.status_code, answer.json()["queues"]) == (200, None)
    assert "hidden" not in answer.content.decode()
    assert seconds < ANSWER_SECONDS


@pytest.mark.django_db
def test_healthz_without_a_database_is_503(client: Client) -> None:
    def away(*_: object) -> None:
        raise OperationalError("password=hidden")

    with connection.execute_wrapper(away):
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (503, {"status": "down"})


### Background jobs and storage


def failed(person: User, error: Exception, times: int = 1) -> None:
    def work(_: object) -> None:
        raise error

    for _ in range(times):
        job = jobs.request_job(kind=KIND, title="刘集镇的名册", owner=person, area="371524100000")
        jobs.run(str(job.pk), work)


def test_jobs_are_counted_whoever_asked_for_them(job: Job, person: User, stranger: User) -> None:
    now = timezone.now()
    jobs.request_job(kind=KIND, title="二", owner=stranger)
    lease = {"state": Job.State.RUNNING, "claim": "0" * 32, "lease_until": now}
    Job.objects.filter(pk=job.pk).update(**lease)
    found = health.work()
    assert (found.running, found.waiting, found.failed) == (0, 2, 0)  # one lost its worker
    Job.objects.filter(pk=job.pk).update(lease_until=now + timedelta(minutes=1))
    found = health.work()
    assert (found.running, found.waiting) == (1, 1)
    assert found.waiting_since == Job.objects.get(owner=stranger).queued_at


def test_only_what_the_machine_failed_at_is_told(person: User) -> None:
    """What the owner can mend may name people; it is the owner's alone."""
    failed(person, JobError("第 3 行，张三已有有效任职"))
    failed(person, RuntimeError("of no concern"))
    (told,) = health.work().failures
    assert (told.kind, told.message) == (KIND, jobs.BROKEN)
    assert set(vars(told)) == {"kind", "at", "message"}


def test_the_owners_own_message_would_be_told_without_the_list(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control-off side."""
    message = "第 3 行，张三已有有效任职"
    failed(person, JobError(message))
    monkeypatch.setattr(health, "FAULTS", (*health.FAULTS, message))
    assert [told.message for told in health.work().failures] == [message]


def test_old_failures_are_forgotten_and_many_are_counted(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FAILED_SHOWN", 2)
    failed(person, RuntimeError(), times=3)
    found = health.work()
    assert (found.failed, len(found.failures)) == (3, 2)
    Job.objects.update(finished_at=timezone.now() - timedelta(days=8))
    assert health.work().failed == 0


@pytest.mark.django_db
def test_storage_is_told_on_both_databases() -> None:
    found = health.storage()
    assert found.database == {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[connection.vendor]
    assert 100_000 < found.database_bytes < math.inf
    assert found.free_bytes > 0
