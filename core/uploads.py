"""Workbooks on their way in: uploaded, checked, confirmed, applied all or nothing.

What all of them share stands here: the row of an upload, its way, and what becomes of its
file. A ``Flow`` says what the rows of one kind of upload mean and what they write.
"""

import hashlib
import io
import logging
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, ClassVar, Generic, TypeVar

from django.apps import apps
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.db import IntegrityError, models
from django.db.models import Q, TextChoices
from django.utils import timezone

from core import audit
from core.columns import Field, RowError
from core.exports.errors import write_errors
from core.files import FileGone, open_stored
from core.jobs import JobError, Running
from core.models import Job
from core.sheets import container
from core.sheets.container import Limits, ordinary
from core.workbook import Row, WorkbookError, read_rows

logger = logging.getLogger(__name__)

GONE = "上传的文件已不在服务器上，没有导入。请重新上传。"

REPORTED_ERRORS = 300  # kept with the upload; the list for download has more
CONFIRM_WITHIN = timedelta(days=3)  # then the file, which names people, is dropped
APPLY_ATTEMPTS = 3  # how often the writing begins anew because others wrote in between


class UploadState(TextChoices):
    """How far an upload is."""

    UPLOADED = "uploaded", "正在检查"
    REFUSED = "refused", "有错误，未导入"
    CHECKED = "checked", "待确认"
    APPLIED = "applied", "已导入"
    LAPSED = "lapsed", "过期未确认"


class UploadQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: models.Model) -> "UploadQuerySet":
        """One's own uploads: they hold people's names, checked against one's own scope."""
        return self.filter(uploaded_by=user)


class Upload(models.Model):
    """An uploaded workbook: checked, then refused, or applied by its uploader, or lapsed.

    The file stays only as long as it is needed, so that a killed worker can begin again;
    what remains is its hash and the report: counts, the number of errors by kind, and the
    first of the errors as (row, column, kind, text).
    """

    file = models.FileField("文件", upload_to="uploads/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=120)
    sha256 = models.CharField("校验值", max_length=64)
    state = models.CharField(
        "状态", max_length=10, choices=UploadState, default=UploadState.UPLOADED
    )
    report = models.JSONField("检查结果", default=dict)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, related_name="+")
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间", auto_now_add=True)

    objects: Any = UploadQuerySet.as_manager()
    gone_with_file: ClassVar[tuple[str, ...]] = ()  # texts that were taken from the file
    writes: ClassVar[tuple[str, ...]] = ("new",)  # what of the report counts as something to write

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=UploadState.values), name="%(class)s_state"
            ),
        ]
        indexes = [models.Index(fields=["uploaded_by", "-id"], name="%(class)s_of_person")]

    @property
    def is_settled(self) -> bool:
        return self.state in {UploadState.APPLIED, UploadState.REFUSED, UploadState.LAPSED}

    @property
    def to_write(self) -> int:
        """How much it would write, or wrote; 0 before it is checked."""
        return sum(self.report.get(name, 0) for name in self.writes)


@dataclass(frozen=True)
class Outcome:
    """What a file would do, or did: ``problem`` is set when it could not be read at all."""

    rows: int = 0
    errors: tuple[RowError, ...] = ()
    problem: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.errors and not self.problem

    @property
    def wrong(self) -> int:
        """How many rows hold an error."""
        return len({error.row for error in self.errors})

    def counted(self) -> dict[str, object]:
        """What the report says besides the errors, as JSON; subclasses add theirs."""
        return {}

    def report(self) -> dict[str, object]:
        """The counts, the errors by kind and the first of the errors, as JSON."""
        kinds: dict[str, int] = {}
        for error in self.errors:
            kinds[error.kind.value] = kinds.get(error.kind.value, 0) + 1
        return {
            "problem": self.problem,
            "rows": self.rows,
            **self.counted(),
            "wrong": self.wrong,
            "kinds": kinds,
            "errors": [
                [error.row, error.column, error.kind.value, error.text]
                for error in self.errors[:REPORTED_ERRORS]
            ],
        }


@dataclass(frozen=True)
class Handed:
    """A file that the importer gets together with the writing, or with nothing."""

    file: IO[bytes]
    name: str
    keep_hours: int = 0
    once: bool = False  # given out a single time, then deleted


class Outrun(Exception):
    """What was prepared no longer fits what is there; nothing has been written."""


U = TypeVar("U", bound=Upload)
O = TypeVar("O", bound=Outcome)  # noqa: E741


class Way(ABC, Generic[U]):
    """What every kind of upload does alike: kept, checked, confirmed by its uploader."""

    model: type[U]
    apply_task: str
    needs: tuple[str, ...] = ()  # further rows to read with the upload
    same: tuple[str, ...] = ()  # with these alike, a file sent again while it is checked is one
    act: str  # the upload's name in the audit trail
    errors_title: str
    not_ready: str  # told to who confirms what is not checked, or has been applied

    @abstractmethod
    def require_right(self, actor: Any) -> None:
        """Raise PermissionDenied unless the person may import this."""

    @abstractmethod
    def request_check(self, upload: U, actor: Any) -> Job:
        """Ask for the check in the background."""

    @abstractmethod
    def request_writing(self, upload: U, actor: Any) -> Job:
        """Ask for the import in the background."""

    def limits(self) -> Limits:
        """How large a file may be."""
        return ordinary()

    @audit.atomic
    def upload(self, upload: U, *, name: str, content: bytes | IO[bytes], actor: Any) -> U:
        """Keep the file and ask for its check; nothing is written yet.

        ``upload`` is new and holds what the subclass needs; where that is ``same``, a file that
        is being checked already is that upload. Raises WorkbookError for what cannot be read,
        PermissionDenied without the right.
        """
        self.require_right(actor)
        file = io.BytesIO(content) if isinstance(content, bytes) else content
        suffix = "xlsx" if container.check(file, self.limits()) else "csv"
        file.seek(0)
        upload.file_name = name[-120:]
        upload.sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        upload.uploaded_by = actor
        if self.same and (earlier := self._under_check(upload)):
            return earlier
        file.seek(0)
        upload.file.save(f"{uuid.uuid4().hex}.{suffix}", File(file), save=True)
        upload.job = self.request_check(upload, actor)
        upload.save(update_fields=["job"])
        audit.record(actor=actor, act=self.act, subject=upload, sha256=upload.sha256)
        return upload

    def _under_check(self, upload: U) -> U | None:
        """The same file of the same person, sent a moment ago; nobody else learns it meanwhile."""
        everybody: Any = upload.uploaded_by._meta.default_manager
        everybody.select_for_update(no_key=True).get(pk=upload.uploaded_by.pk)
        found: Any = self.model.objects.filter(
            uploaded_by=upload.uploaded_by,
            sha256=upload.sha256,
            state=UploadState.UPLOADED,
            job__state__in=[Job.State.QUEUED, Job.State.RUNNING],
            **{name: getattr(upload, name) for name in self.same},
        ).first()
        earlier: U | None = found
        return earlier

    @audit.atomic
    def request_apply(self, *, upload: U, actor: Any) -> Job:
        """Ask for the import of a checked upload; while one is under way that one is returned."""
        self.require_right(actor)
        locked: Any = self.model.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if locked.state != UploadState.CHECKED:
            raise PermissionDenied(self.not_ready)
        under_way: Job | None = locked.job
        if under_way and under_way.kind == self.apply_task and not under_way.is_finished:
            return under_way
        job = self.request_writing(locked, actor)
        self.model.objects.filter(pk=upload.pk).update(job=job)
        return job

    def demand(self, actor: Any) -> None:
        """Who has lost the right since the upload is told so in place of an error."""
        try:
            self.require_right(actor)
        except PermissionDenied as why:
            raise JobError(f"没有导入：{why}") from why

    def of(self, running: Running) -> U:
        uploads = self.model.objects.select_related("uploaded_by", *self.needs)
        found: Any = uploads.get(pk=running.job.arguments["upload_id"])
        return found

    def set_down(self, upload: U, report: dict[str, object], *, is_sound: bool) -> None:
        """What the check found, unless the upload has been applied or has lapsed since."""
        state = UploadState.CHECKED if is_sound else UploadState.REFUSED
        open_ones = self.model.objects.filter(pk=upload.pk).exclude(
            state__in=[UploadState.APPLIED, UploadState.LAPSED]
        )
        open_ones.update(state=state, report=report)


class Flow(Way[U], Generic[U, O]):
    """An upload that is read as a whole. Subclasses say what its rows mean and write."""

    outcome: type[O]
    max_rows: int

    @abstractmethod
    def fields(self, upload: U) -> Sequence[Field]:
        """The columns of the workbook."""

    @abstractmethod
    def examine(self, upload: U, rows: Sequence[Row]) -> O:
        """What the rows would do; writes nothing."""

    @abstractmethod
    def lock(self, upload: U) -> None:
        """Let nobody else write between the examination and the writing."""

    @abstractmethod
    def write(self, upload: U, found: O, prepared: Any) -> Handed | None:
        """Write all of a sound outcome and its audit rows, in the caller's transaction."""

    def prepare(self, upload: U, rows: Sequence[Row], running: Running) -> Any:
        """Slow work that must not hold the lock; ``write`` raises Outrun if it fits no more."""
        return None

    def check(self, running: Running) -> None:
        """Examine the file and keep the report. Safe to repeat."""
        upload = self.of(running)
        found = self.outcome()
        if not upload.is_settled:
            self.demand(upload.uploaded_by)
            rows = self._read(upload, running)
            found = self._examined(upload, rows)
            self.set_down(upload, found.report(), is_sound=found.is_sound)
        self._finish(running, found)
        discard_file(upload)

    def apply(self, running: Running) -> None:
        """Write everything of a checked upload, or nothing, and finish the job with it.

        The file is examined again, since the data may have moved since the check; an
        upload that somebody has applied is left alone, so a second run changes nothing.
        """
        upload = self.of(running)
        found = self._applied(upload, running) if upload.state == UploadState.CHECKED else None
        if found is None or not found.is_sound:
            self._finish(running, found or self.outcome())
        discard_file(upload)

    def _applied(self, upload: U, running: Running) -> O | None:
        """The outcome; None when somebody else has applied the upload. Raises JobError."""
        self.demand(upload.uploaded_by)
        rows = self._read(upload, running)
        for _ in range(APPLY_ATTEMPTS):
            prepared = None if isinstance(rows, str) else self.prepare(upload, rows, running)
            try:
                return self._written(upload, rows, prepared, running)
            except (Outrun, IntegrityError):
                logger.info("upload %s was outrun", upload.pk, exc_info=True)
        raise JobError("导入时别人正在修改同一批数据，没有写入。请过几分钟再确认导入。")

    @audit.atomic
    def _written(
        self, upload: U, rows: list[Row] | str, prepared: Any, running: Running
    ) -> O | None:
        self.lock(upload)
        claimed = self.model.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
        if claimed.update(state=UploadState.APPLIED) != 1:
            return None
        found = self._examined(upload, rows)
        state = UploadState.APPLIED if found.is_sound else UploadState.REFUSED
        if found.is_sound:
            handed = self.write(upload, found, prepared)
            _hand_over(running, handed)
        self.model.objects.filter(pk=upload.pk).update(state=state, report=found.report())
        return found

    def _read(self, upload: U, running: Running) -> list[Row] | str:
        """The rows, or why there are none."""
        fields = self.fields(upload)
        try:
            with open_stored(upload.file, of=upload, gone=GONE) as file:
                content = file.read()
            rows = read_rows(
                content,
                headings=[field.heading for field in fields],
                optional=[field.heading for field in fields if field.optional],
                max_rows=self.max_rows,
            )
        except (FileGone, WorkbookError) as error:
            return str(error)
        running.progress(len(rows) // 2, len(rows))  # reading takes about half of the time
        return rows

    def _examined(self, upload: U, rows: list[Row] | str) -> O:
        return self.outcome(problem=rows) if isinstance(rows, str) else self.examine(upload, rows)

    def _finish(self, running: Running, found: O) -> None:
        """End the job with the list of errors, if there are any."""
        if not found.errors:
            running.finish()
            return
        with tempfile.TemporaryFile() as file:
            write_errors(self.errors_title, found.errors, file)
            file.seek(0)
            running.finish(file=file, file_name=f"{self.errors_title}.xlsx")


def _hand_over(running: Running, handed: Handed | None) -> None:
    """End the job within the writing: a worker that has lost it writes nothing."""
    if handed is None:
        running.finish()
    else:
        running.finish(
            outcome={"once": True} if handed.once else None,
            file=handed.file,
            file_name=handed.name,
            keep_hours=handed.keep_hours,
        )


def discard_file(upload: Upload) -> None:
    """Delete a file that has served: it holds people's names."""
    rows = type(upload).objects.filter(pk=upload.pk)
    kept = rows.exclude(file="").first()
    if kept and kept.is_settled:
        kept.file.delete(save=False)
        rows.update(file="", **dict.fromkeys(upload.gone_with_file, ""))


def lapse() -> int:
    """Drop what nobody confirmed in time, and files that a killed worker left; how many."""
    return sum(_lapse(model) for model in apps.get_models() if issubclass(model, Upload))


def _lapse(model: type[Upload]) -> int:
    """One kind of upload. What a job is just working on is left alone."""
    late = model.objects.filter(uploaded_at__lt=timezone.now() - CONFIRM_WITHIN).exclude(file="")
    idle = late.exclude(job__state__in=[Job.State.QUEUED, Job.State.RUNNING])
    number = 0
    for upload in idle:
        waiting = Q(state__in=[UploadState.UPLOADED, UploadState.CHECKED])
        model.objects.filter(waiting, pk=upload.pk).update(state=UploadState.LAPSED)
        discard_file(upload)
        number += 1
    return number
