"""Background jobs: asked for, claimed under a lease, finished or honestly failed.

The broker may lose a message and a worker may die; the row survives both. A worker
claims a job by a conditional write, keeps its lease alive while it works, and may only
finish what it still holds. ``sweep`` sends waiting jobs again and gives up on a job
after ``JOB_ATTEMPTS`` lost workers.
"""

import logging
import shutil
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.files import File
from django.db import DatabaseError, connection, models
from django.db.models import F
from django.utils import timezone

from core import audit
from core.files import open_stored
from core.models import Job
from core.queue import NotRegistered, enqueue

logger = logging.getLogger(__name__)

GONE = "文件已不在，请重新生成。密码条不能重新生成，请为这些人重设密码。"
# What the machine can fail at; every other message is the work's own, for its owner alone.
BROKEN = "处理时出错，没有生成结果。请重试；仍不成功请联系系统管理员。"
LOST = f"处理程序连续 {settings.JOB_ATTEMPTS} 次中断，没有生成结果。请重新提交。"
CANCELLED = "已按您的要求停止，没有写入任何内容。"
UNKNOWN = "系统升级后不再支持这项任务，没有生成结果。请重新提交。"
FAULTS = (BROKEN, LOST, UNKNOWN)

Deliverable = Callable[[Any, Job], bool]
_deliverable: dict[str, Deliverable] = {}


class JobError(Exception):
    """A failure whose Chinese text tells the person what to do."""


class LeaseLost(Exception):
    """Another worker has taken the job over; what this one made must not be kept."""


@dataclass(frozen=True)
class Running:
    """A claimed job in the hands of its worker."""

    job: Job
    claim: uuid.UUID

    def progress(self, done: int, total: int) -> None:
        """Show how far the work is, and keep the lease. Raises LeaseLost."""
        self._write(done=done, total=total, lease_until=_lease_end())

    def keep_alive(self) -> None:
        self._write(lease_until=_lease_end())

    def require_held(self) -> None:
        """Raise LeaseLost if somebody has taken the job over, or its owner has given it up.

        Writes nothing: inside a long transaction it holds no lock on the job's row.
        """
        held = Job.objects.filter(pk=self.job.pk, claim=self.claim, state=Job.State.RUNNING)
        if not held.exists():
            raise LeaseLost(str(self.job.pk))

    def finish(
        self,
        *,
        outcome: dict[str, object] | None = None,
        file: IO[bytes] | None = None,
        file_name: str = "",
        keep_hours: int = 0,
    ) -> None:
        """Store the result, file and state together; a lost lease leaves none of them."""
        self.job.refresh_from_db()
        stored = self._store(file, file_name) if file else ""
        try:
            self._write(
                state=Job.State.DONE,
                done=F("total"),
                outcome=outcome or {},
                finished_at=timezone.now(),
                file=stored,
                file_name=file_name,
                expires_at=timezone.now() + timedelta(hours=keep_hours or settings.JOB_FILE_HOURS),
            )
        except Exception:
            if stored:
                self.job.file.storage.delete(stored)
            raise

    def fail(self, message: str) -> None:
        self._write(state=Job.State.FAILED, message=message, finished_at=timezone.now())

    def _store(self, file: IO[bytes], file_name: str) -> str:
        field = self.job.file.field
        name = field.generate_filename(self.job, f"{uuid.uuid4().hex}{Path(file_name).suffix}")
        return str(field.storage.save(name, File(file)))

    def _write(self, **values: object) -> None:
        held = Job.objects.filter(pk=self.job.pk, claim=self.claim, state=Job.State.RUNNING)
        if held.update(**values) != 1:
            raise LeaseLost(str(self.job.pk))


def request_job(*, kind: str, title: str, owner: models.Model, **arguments: object) -> Job:
    """Save a job and send its task after commit; ``kind`` is the Celery task's name."""
    with audit.atomic():
        job = Job.objects.create(kind=kind, title=title, owner_id=owner.pk, arguments=arguments)
        audit.record(actor=owner, act="jobs.request", subject=job, kind=kind)
        enqueue(kind, job_id=str(job.pk))
    return job


def request_once(*, kind: str, title: str, owner: models.Model, **arguments: object) -> Job:
    """The same, or the owner's job that makes just this already.

    So one press too many asks for nothing more.
    """
    with audit.atomic():
        for job in under_way(kind=kind, owner=owner):
            if job.arguments == arguments:
                return job
        return request_job(kind=kind, title=title, owner=owner, **arguments)


def under_way(*, kind: str, owner: models.Model) -> list[Job]:
    """The owner's jobs of this kind that are not finished yet; inside ``audit.atomic``.

    Until the transaction ends nobody else learns it of this owner.
    """
    everybody = owner._meta.default_manager
    assert everybody is not None
    list(everybody.select_for_update(no_key=True).filter(pk=owner.pk).values_list("pk"))
    states = [Job.State.QUEUED, Job.State.RUNNING]
    return list(Job.objects.visible_to(owner).filter(kind=kind, state__in=states))


def deliver_if(kind: str, rule: Deliverable) -> None:
    """Say who may still fetch a file of this kind: asked with the owner at every fetch.

    Each app says it for its kinds when it starts; a kind without a rule delivers nothing.
    """
    _deliverable[kind] = rule


def may_deliver(job: Job, person: object) -> bool:
    """Whether the right under which the file was made still holds (threats AC08)."""
    rule = _deliverable.get(job.kind)
    return rule is not None and rule(person, job)


def run(job_id: str, work: Callable[[Running], None]) -> None:
    """Claim the job and do its work. A job that is gone, done or held elsewhere is left alone.

    ``work`` ends with ``finish``; a JobError shows its text to the owner, any other
    error is logged and shown in general words.
    """
    running = _claim(uuid.UUID(job_id))
    if running is None:
        return
    try:
        _do(running, work)
    except LeaseLost:
        logger.warning("job %s was taken over by another worker", job_id)


def _do(running: Running, work: Callable[[Running], None]) -> None:
    """Work under a living lease and set down a failure. Raises LeaseLost."""
    try:
        with _kept_alive(running):
            work(running)
    except LeaseLost:
        raise
    except JobError as error:
        running.fail(str(error))
    except Exception:
        logger.exception("job %s failed", running.job.pk)
        running.fail(BROKEN)


def sweep() -> int:
    """Send again what waits too long or lost its worker; returns how many were sent.

    A job that has already used up its attempts is failed with a message.
    """
    now = timezone.now()
    lost = Job.objects.filter(state=Job.State.RUNNING, lease_until__lt=now)
    lost.filter(attempts__gte=settings.JOB_ATTEMPTS).update(
        state=Job.State.FAILED,
        finished_at=now,
        message=LOST,
    )
    sent_long_ago = now - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    waiting = Job.objects.claimable(now).filter(queued_at__lt=sent_long_ago)
    return sum(_send_again(job, now) for job in waiting)


def _send_again(job: Job, now: datetime) -> bool:
    """Send the job's task once more. One whose task this release no longer has is failed."""
    Job.objects.filter(pk=job.pk).update(queued_at=now)
    try:
        enqueue(job.kind, job_id=str(job.pk))
    except NotRegistered:
        logger.exception("job %s asks for a task that does not exist", job.pk)
        Job.objects.filter(pk=job.pk).claimable(now).update(
            state=Job.State.FAILED,
            finished_at=now,
            message=UNKNOWN,
        )
        return False
    return True


def open_file(job: Job) -> IO[bytes]:
    """The stored file, which the caller closes. Raises FileGone."""
    return open_stored(job.file, of=job, gone=GONE)


def cancel(*, job: Job, actor: models.Model) -> bool:
    """Give up a job that is not finished; whether it could still be.

    Its worker learns of it at its next step and keeps nothing of what it did.
    """
    with audit.atomic():
        waiting = Job.objects.visible_to(actor).filter(
            pk=job.pk, state__in=[Job.State.QUEUED, Job.State.RUNNING]
        )
        stopped = waiting.update(
            state=Job.State.FAILED, finished_at=timezone.now(), message=CANCELLED
        )
        if stopped:
            audit.record(actor=actor, act="jobs.cancel", subject=job, kind=job.kind)
        return bool(stopped)


def take_once(*, job: Job, actor: models.Model) -> IO[bytes] | None:
    """The file of a job that gives it once, to who comes first; None to everybody later.

    The taking is set down and audited before anything is handed out, then the file is
    deleted: what is lost on the way is lost, and never there a second time. Raises FileGone
    when there is nothing to hand out; then nothing is set down.
    """
    now = timezone.now()
    with audit.atomic():
        held = Job.objects.select_for_update(of=("self",)).get(pk=job.pk)
        open_still = held.expires_at is not None and held.expires_at > now
        if not (held.gives_once and held.file and open_still) or held.is_taken:
            return None
        content = _copied(held)
        held.outcome = held.outcome | {"taken_at": now.isoformat()}
        held.save(update_fields=["outcome"])
        audit.record(actor=actor, act="jobs.take_file", subject=held, file=held.file_name)
    held.file.delete(save=False)
    Job.objects.filter(pk=held.pk).update(file="")
    return content


def _copied(job: Job) -> IO[bytes]:
    content = tempfile.TemporaryFile()  # noqa: SIM115 -- the answer closes it
    with open_file(job) as stored:
        shutil.copyfileobj(stored, content)
    content.seek(0)
    return content


def expire_files() -> int:
    """Delete result files past their time; the row stays as history."""
    expired = Job.objects.filter(expires_at__lt=timezone.now()).exclude(file="")
    for job in expired:
        job.file.delete(save=False)
        Job.objects.filter(pk=job.pk).update(file="")
    return len(expired)


def _claim(job_id: uuid.UUID) -> Running | None:
    claim = uuid.uuid4()
    taken = (
        Job.objects.filter(pk=job_id)
        .claimable(timezone.now())
        .update(
            state=Job.State.RUNNING,
            claim=claim,
            lease_until=_lease_end(),
            attempts=F("attempts") + 1,
        )
    )
    return Running(Job.objects.get(pk=job_id), claim) if taken == 1 else None


@contextmanager
def _kept_alive(running: Running) -> Iterator[None]:
    """Renew the lease from a second thread, so that one long step does not lose it."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew_until, args=(stop, running), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew_until(stop: threading.Event, running: Running) -> None:
    while not stop.wait(settings.JOB_LEASE_SECONDS / 3):
        try:
            running.keep_alive()
        except LeaseLost:
            return
        except DatabaseError:  # a long write elsewhere; the next round may get through
            logger.warning("lease of job %s not renewed", running.job.pk, exc_info=True)
        finally:
            connection.close()


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)
