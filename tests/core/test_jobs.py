"""Jobs: one winner, honest ends, nothing left of a worker that lost its lease."""

import inspect
import io
import logging
import uuid
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from core import jobs
from core.jobs import JobError, LeaseLost, Running
from core.models import AuditEntry, Job
from organisation.models import User
from organisation.services import create_user
from tests.core.conftest import KIND
from tests.threads import shared_database, together

__all__ = ["shared_database"]
GENERAL = "处理时出错，没有生成结果。请重试；仍不成功请联系系统管理员。"


def stored_files() -> list[Path]:
    root = Path(settings.MEDIA_ROOT)
    return [path for path in root.rglob("*") if path.is_file()]


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def claimed(job: Job) -> Running:
    running = jobs._claim(job.pk)
    assert running is not None
    return running


def take_over(job: Job) -> Running:
    """Let the lease run out and another worker take the job."""
    Job.objects.filter(pk=job.pk).update(lease_until=ago(1))
    return claimed(job)


def set_state(job: Job, **values: object) -> None:
    Job.objects.filter(pk=job.pk).update(**values)


def state_of(job: Job) -> tuple[str, str]:
    job.refresh_from_db()
    return job.state, job.message


def finish_with_file(running: Running) -> None:
    running.finish(file=io.BytesIO(b"rows"), file_name="进度.xlsx")


### Asking


def test_request_saves_row_and_audit(person: User) -> None:
    job = jobs.request_job(kind=KIND, title="导出", owner=person, area="1")
    entry = AuditEntry.objects.get(act="jobs.request")
    assert (job.state, job.arguments, job.owner) == (Job.State.QUEUED, {"area": "1"}, person)
    assert (entry.actor, entry.subject) == (person, f"core.Job:{job.pk}")


def test_request_is_undone_together(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever fails inside, neither row nor audit entry stays."""

    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(jobs, "enqueue", broken)
    with pytest.raises(RuntimeError):
        jobs.request_job(kind=KIND, title="导出", owner=person)
    entries = AuditEntry.objects.filter(act="jobs.request").count()
    assert (Job.objects.count(), entries) == (0, 0)


def test_request_rolled_back_by_its_caller_leaves_nothing(
    person: User, sent: list[object], django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        jobs.request_job(kind=KIND, title="导出", owner=person)
        transaction.set_rollback(True)
    entries = AuditEntry.objects.filter(act="jobs.request").count()
    assert (Job.objects.count(), entries, sent) == (0, 0, [])


### Claiming


def pressed(times: int) -> int:
    """How many jobs come of as many presses of one button at the same moment."""
    person = create_user(username="hasty", name="丙")

    def ask() -> Job:
        return jobs.request_once(kind=KIND, title="导出", owner=person, area="1")

    answers = together([ask] * times)
    assert [each for each in answers if not isinstance(each, Job)] == []
    return len({each.pk for each in answers})


@pytest.mark.django_db(transaction=True)
def test_presses_at_once_ask_for_one_job(shared_database: None, sent: list[object]) -> None:
    assert pressed(6) == 1


@pytest.mark.django_db(transaction=True)
def test_presses_that_do_not_see_each_other_ask_for_more(
    shared_database: None, sent: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "under_way", lambda **asked: [])
    assert pressed(3) == 3


def test_what_is_finished_or_another_is_asked_for_again(person: User, sent: list[object]) -> None:
    def ask(area: str) -> Job:
        return jobs.request_once(kind=KIND, title="导出", owner=person, area=area)

    first = ask("1")
    assert (ask("1"), Job.objects.count()) == (first, 1)
    assert ask("2") != first
    set_state(first, state=Job.State.FAILED, finished_at=timezone.now())
    assert ask("1") != first


def test_only_one_of_two_workers_gets_a_job(job: Job) -> None:
    first, second = jobs._claim(job.pk), jobs._claim(job.pk)
    assert first is not None
    assert second is None
    job.refresh_from_db()
    assert (job.claim, job.attempts, job.state) == (first.claim, 1, Job.State.RUNNING)


def test_without_the_condition_two_workers_would_win(job: Job) -> None:
    """The control turned off: both read before either writes, and both go to work."""
    seen = [Job.objects.get(pk=job.pk) for _ in range(2)]
    winners = []
    for worker in seen:
        if worker.state == Job.State.QUEUED:
            Job.objects.filter(pk=job.pk).update(
                state=Job.State.RUNNING, claim=uuid.uuid4(), lease_until=timezone.now()
            )
            winners.append(worker)
    assert len(winners) == 2
    set_state(job, state=Job.State.QUEUED)
    conditional = [jobs._claim(worker.pk) for worker in seen]
    assert len([running for running in conditional if running]) == 1


def test_a_running_job_is_claimed_again_only_after_its_lease(job: Job) -> None:
    first = claimed(job)
    assert jobs._claim(job.pk) is None
    second = take_over(job)
    assert second.claim != first.claim
    assert second.job.attempts == 2


@pytest.mark.parametrize("state", [Job.State.DONE, Job.State.FAILED])
def test_a_finished_job_is_not_run_again(job: Job, state: str) -> None:
    set_state(job, state=state)
    jobs.run(str(job.pk), lambda running: pytest.fail("was run again"))
    assert state_of(job)[0] == state


def test_a_job_that_is_gone_is_left_alone(db: None) -> None:
    jobs.run(str(uuid.uuid4()), lambda running: pytest.fail("no such job"))


### Ending


def test_finish_keeps_file_outcome_and_time_limit(job: Job) -> None:
    def work(running: Running) -> None:
        running.progress(3, 7)
        running.finish(outcome={"rows": 7}, file=io.BytesIO(b"rows"), file_name="进度.xlsx")

    jobs.run(str(job.pk), work)
    job.refresh_from_db()
    assert (job.state, job.outcome, job.file_name) == (Job.State.DONE, {"rows": 7}, "进度.xlsx")
    assert (job.done, job.total, job.percent) == (7, 7, 100)
    assert job.file.read() == b"rows"
    hours = (job.expires_at - job.finished_at) / timedelta(hours=1)
    assert hours == pytest.approx(settings.JOB_FILE_HOURS, abs=0.01)


def test_stored_name_tells_nothing(job: Job) -> None:
    finish_with_file(claimed(job))
    (path,) = stored_files()
    assert (len(path.stem), path.suffix) == (32, ".xlsx")


def test_keep_hours_shorten_the_time_limit(job: Job) -> None:
    claimed(job).finish(file=io.BytesIO(b"slips"), file_name="a.pdf", keep_hours=1)
    job.refresh_from_db()
    assert (job.expires_at - job.finished_at) < timedelta(hours=1, seconds=5)


def test_a_lost_lease_leaves_no_file_and_no_state(job: Job) -> None:
    first = claimed(job)
    second = take_over(job)
    with pytest.raises(LeaseLost):
        finish_with_file(first)
    job.refresh_from_db()
    assert (job.state, job.claim, job.file.name) == (Job.State.RUNNING, second.claim, "")
    assert stored_files() == []


@pytest.mark.parametrize(
    "act",
    [
        lambda running: running.progress(1, 2),
        lambda running: running.keep_alive(),
        lambda running: running.fail("太迟"),
    ],
    ids=["progress", "keep_alive", "fail"],
)
def test_every_write_needs_the_lease(job: Job, act: object) -> None:
    first = claimed(job)
    take_over(job)
    before = Job.objects.filter(pk=job.pk).values().get()
    with pytest.raises(LeaseLost):
        act(first)
    assert Job.objects.filter(pk=job.pk).values().get() == before


def test_a_worker_that_lost_its_job_ends_quietly(
    job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    """Also when it was about to report a failure: the other worker's run decides."""

    def work(running: Running) -> None:
        take_over(job)
        raise JobError("不该出现")

    jobs.run(str(job.pk), work)
    assert state_of(job) == (Job.State.RUNNING, "")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_a_failed_write_at_the_end_leaves_no_file(job: Job) -> None:
    running = claimed(job)
    with pytest.raises(TypeError):
        running.finish(outcome={"bad": object()}, file=io.BytesIO(b"x"), file_name="a.pdf")
    assert stored_files() == []


def test_a_job_error_shows_its_text(job: Job, caplog: pytest.LogCaptureFixture) -> None:
    def work(running: Running) -> None:
        raise JobError("超过 100,000 行，请缩小范围。")

    jobs.run(str(job.pk), work)
    assert state_of(job) == (Job.State.FAILED, "超过 100,000 行，请缩小范围。")
    assert caplog.records == []


def test_an_unexpected_error_is_logged_and_told_in_general_words(
    job: Job, caplog: pytest.LogCaptureFixture
) -> None:
    def work(running: Running) -> None:
        raise ZeroDivisionError("secret detail")

    jobs.run(str(job.pk), work)
    assert state_of(job) == (Job.State.FAILED, GENERAL)
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert record.exc_info[0] is ZeroDivisionError


def test_progress_keeps_the_lease(job: Job) -> None:
    running = claimed(job)
    set_state(job, lease_until=ago(1))
    running.progress(1, 4)
    job.refresh_from_db()
    assert job.lease_until > timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS - 5)
    assert job.percent == 25
    assert jobs._claim(job.pk) is None


def test_progress_cannot_pass_the_total(job: Job) -> None:
    running = claimed(job)
    with pytest.raises(IntegrityError), transaction.atomic():
        running.progress(5, 4)


class ManyTicks:
    """A stop event that lets a number of rounds pass at once."""

    def __init__(self, rounds: int) -> None:
        self.rounds = rounds

    def wait(self, seconds: float) -> bool:
        self.rounds -= 1
        return self.rounds < 0


class Lease:
    """A running job that answers a renewal with what is next on the list."""

    def __init__(self, *answers: Exception | None) -> None:
        self.job = Job()
        self.answers = list(answers)

    def keep_alive(self) -> None:
        answer = self.answers.pop(0)
        if answer:
            raise answer


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The renewal closes its thread's connection; here it runs in the test's own thread."""
    monkeypatch.setattr(jobs.connection, "close", lambda: None)


@pytest.mark.usefixtures("one_connection", "db")
def test_renewal_survives_a_busy_database() -> None:
    lease = Lease(DatabaseError("database is locked"), None, None)
    jobs._renew_until(ManyTicks(3), lease)  # type: ignore[arg-type]
    assert lease.answers == []


@pytest.mark.usefixtures("one_connection", "db")
def test_renewal_stops_when_the_lease_is_lost() -> None:
    lease = Lease(LeaseLost("gone"), None)
    jobs._renew_until(ManyTicks(2), lease)  # type: ignore[arg-type]
    assert lease.answers == [None]


### Sweeping


@pytest.fixture
def swept(sent: list[dict[str, str]], django_capture_on_commit_callbacks: object) -> object:
    """Sweep; returns the number and the jobs whose tasks were sent."""

    def sweep() -> tuple[int, list[str]]:
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            number = jobs.sweep()
        return number, [message["job_id"] for message in sent]

    return sweep


def test_sweep_leaves_a_fresh_job_alone(job: Job, swept: object) -> None:
    assert swept() == (0, [])


def test_sweep_sends_a_lost_message_again_once_per_wait(job: Job, swept: object) -> None:
    set_state(job, queued_at=ago(settings.JOB_LEASE_SECONDS + 1))
    assert swept() == (1, [str(job.pk)])
    assert swept() == (0, [])


def test_sweep_leaves_a_living_worker_alone(job: Job, swept: object) -> None:
    claimed(job)
    set_state(job, queued_at=ago(3600))
    assert swept() == (0, [])
    assert state_of(job)[0] == Job.State.RUNNING


def test_sweep_sends_the_job_of_a_dead_worker_again(job: Job, swept: object) -> None:
    claimed(job)
    set_state(job, queued_at=ago(3600), lease_until=ago(1))
    assert swept() == (1, [str(job.pk)])
    jobs.run(str(job.pk), finish_with_file)
    assert state_of(job)[0] == Job.State.DONE


def test_sweep_gives_up_after_the_last_attempt(job: Job, swept: object) -> None:
    for attempt in range(1, settings.JOB_ATTEMPTS + 1):
        claimed(job)
        set_state(job, queued_at=ago(3600), lease_until=ago(1))
        expected = (1, [str(job.pk)]) if attempt < settings.JOB_ATTEMPTS else (0, [])
        assert swept() == expected
    assert state_of(job) == (
        Job.State.FAILED,
        f"处理程序连续 {settings.JOB_ATTEMPTS} 次中断，没有生成结果。请重新提交。",
    )


def test_one_unknown_task_does_not_stop_the_sweep(
    job: Job, person: User, swept: object, caplog: pytest.LogCaptureFixture
) -> None:
    """A job of an earlier release, whose task is gone, is failed; the next one is sent."""
    old = Job.objects.create(kind="core.no_more", title="旧任务", owner=person)
    Job.objects.update(queued_at=ago(3600))
    assert swept() == (1, [str(job.pk)])
    message = "系统升级后不再支持这项任务，没有生成结果。请重新提交。"
    assert state_of(old) == (Job.State.FAILED, message)


def test_files_go_when_their_time_is_over(job: Job, person: User) -> None:
    finish_with_file(claimed(job))
    kept = jobs.request_job(kind=KIND, title="导出", owner=person)
    finish_with_file(claimed(kept))
    set_state(job, expires_at=ago(1))
    assert (len(stored_files()), jobs.expire_files(), len(stored_files())) == (2, 1, 1)
    job.refresh_from_db()
    assert (job.state, job.file.name, job.file_name) == (Job.State.DONE, "", "进度.xlsx")
    assert jobs.expire_files() == 0


### Fetching


def pages(job: Job) -> list[str]:
    return [f"/jobs/{job.pk}/", f"/jobs/{job.pk}/file/"]


def test_only_the_owner_sees_a_job_and_its_file(
    job: Job, person: User, stranger: User, client: Client
) -> None:
    finish_with_file(claimed(job))
    client.force_login(stranger)
    assert [client.get(page).status_code for page in pages(job)] == [404, 404]
    client.force_login(person)
    assert [client.get(page).status_code for page in pages(job)] == [200, 200]


def test_file_page_hands_out_the_content_and_records_it(
    job: Job, person: User, client: Client
) -> None:
    finish_with_file(claimed(job))
    client.force_login(person)
    response = client.get(f"/jobs/{job.pk}/file/")
    assert b"".join(response.streaming_content) == b"rows"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E8%BF%9B%E5%BA%A6.xlsx"
    )
    entry = AuditEntry.objects.get(act="jobs.fetch_file")
    assert (entry.actor, entry.detail) == (person, {"file": "进度.xlsx"})


def test_no_file_before_the_end_nor_after_its_time(job: Job, person: User, client: Client) -> None:
    client.force_login(person)
    page = f"/jobs/{job.pk}/file/"
    assert client.get(page).status_code == 404
    finish_with_file(claimed(job))
    set_state(job, expires_at=ago(1))
    jobs.expire_files()
    assert client.get(page).status_code == 404
    assert "文件已过保留期" in client.get(f"/jobs/{job.pk}/").content.decode()
    assert not AuditEntry.objects.filter(act="jobs.fetch_file").exists()


def test_status_asks_again_only_until_the_end(job: Job, person: User, client: Client) -> None:
    client.force_login(person)
    page = f"/jobs/{job.pk}/"
    assert "hx-trigger" in client.get(page).content.decode()
    claimed(job).fail("没有数据。")
    shown = client.get(page).content.decode()
    assert "没有数据。" in shown
    assert "hx-trigger" not in shown


### The right under which a file was made


def fetched(client: Client, job: Job) -> int:
    return client.get(f"/jobs/{job.pk}/file/").status_code


def test_a_file_is_fetched_only_while_the_right_lasts(
    client: Client, person: User, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs.run(str(job.pk), finish_with_file)
    client.force_login(person)
    assert fetched(client, job) == 200
    asked = []
    monkeypatch.setitem(jobs._deliverable, KIND, lambda *them: bool(asked.append(them)))
    assert fetched(client, job) == 403
    assert asked == [(person, job)]
    monkeypatch.delitem(jobs._deliverable, KIND)
    assert fetched(client, job) == 403


def test_every_task_that_makes_a_file_says_who_may_have_it() -> None:
    """A job's kind is its task's name; those of core, archiving and freezing make no files."""
    makers = {
        name
        for name in current_app.tasks
        if name.split(".")[0] not in {"celery", "core"}
        and "job_id" in inspect.signature(current_app.tasks[name].run).parameters
    }
    assert makers - {"campaign.archive", "visits.apply_freeze"} == set(jobs._deliverable) - {KIND}
