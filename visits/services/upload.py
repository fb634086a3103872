"""A register from a file, read as a stream: of a million rows as of ten.

The file is read once to count, and once more to tell where something is wrong or alike.
What is confirmed is read and sealed first, and then written in one transaction.
"""

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit
from core.exports.marked import MarkedCopy
from core.files import FileGone, open_stored
from core.jobs import JobError, Running, cancel, request_job
from core.models import Job
from core.sheets.container import MEGABYTE, Limits
from core.sheets.values import Book
from core.uploads import APPLY_ATTEMPTS, GONE, UploadState, Way, discard_file
from core.workbook import (
    HeadingsUnclear,
    WorkbookError,
    opened,
    tops,
)
from organisation.models import User
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.queries import villages_to_register
from visits.queries.columns import chosen_columns
from visits.queries.denominator import needs_reason
from visits.register.columns import forbidden_in, to_keep
from visits.register.tally import Tally
from visits.rules import can_import_register
from visits.services.reading import Prepared, Reading
from visits.services.register import NEEDS_REASON, Sealing, add_phones, add_rows, add_targets

CHECK, APPLY = "visits.check_register", "visits.apply_register"
LIMITS = Limits(packed=200 * MEGABYTE, unpacked=3072 * MEGABYTE, csv=True)
ASKED = "按您的要求先核对各列：请指定每一列是什么，再检查。"
NOT_COLLECTED = "登记册不收集「{}」，请在原表里删除这一列再上传。"


class RegisterWay(Way[RegisterUpload]):
    """The register of one campaign and kind: it only grows."""

    model = RegisterUpload
    apply_task = APPLY
    needs = ("campaign",)
    same = ("campaign", "kind")
    act = "visits.upload_register"
    errors_title = "登记册（已标出问题）"
    not_ready = "这份登记册还没有通过检查，或已经导入过了。"

    def limits(self) -> Limits:
        return LIMITS

    def require_right(self, actor: User) -> None:
        if not can_import_register(actor):
            raise PermissionDenied("只有作风办和组织部可以导入登记册。")

    def request_check(self, upload: RegisterUpload, actor: User) -> Job:
        title = f"检查{TargetKind(upload.kind).label}登记册"
        return request_job(kind=CHECK, title=title, owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: RegisterUpload, actor: User) -> Job:
        title = f"导入{TargetKind(upload.kind).label}登记册"
        return request_job(kind=APPLY, title=title, owner=actor, upload_id=upload.pk)

    def check_again(self, *, upload: RegisterUpload, actor: User) -> Job:
        """Ask for a new check of a file that waits, in the caller's transaction."""
        upload.job = self.request_check(upload, actor)
        upload.state, upload.report = UploadState.UPLOADED, {}
        upload.columns_first = False
        upload.save(update_fields=["job", "state", "report", "columns_first"])
        return upload.job

    def check(self, running: Running) -> None:
        """Examine the file and keep the report. Safe to repeat."""
        upload = self.of(running)
        if upload.is_settled:
            running.finish()
        else:
            self.demand(upload.uploaded_by)
            with tempfile.TemporaryFile() as copy:
                try:
                    tally, problem = self._checked(upload, running, copy)
                except HeadingsUnclear as why:
                    self._ask_columns(upload, running, str(why))
                    return
                running.require_held()
                is_sound = not (tally.kinds or problem)
                self.set_down(upload, tally.report(problem), is_sound=is_sound)
                self._finish(running, copy)
        discard_file(upload)

    def _ask_columns(self, upload: RegisterUpload, running: Running, why: str) -> None:
        """The uploader tells what the columns are; until then the file waits, as does the rest."""
        running.require_held()
        waiting = self.model.objects.filter(pk=upload.pk, state=UploadState.UPLOADED)
        waiting.update(report={"unclear": why})
        running.finish()

    def apply(self, running: Running) -> None:
        """Write everything of a checked upload, or nothing, and finish the job with it.

        The file is examined again, since the register may have moved since the check. An
        upload that has been applied is left alone, so that a second run changes nothing.
        """
        upload = self.of(running)
        if upload.state == UploadState.CHECKED:
            self.demand(upload.uploaded_by)
            self._applied(upload, running)
        else:
            running.finish()
        discard_file(upload)

    def _checked(
        self, upload: RegisterUpload, running: Running, copy: IO[bytes]
    ) -> tuple[Tally, str]:
        """What the check found; a marked copy where something is wrong or alike.

        Raises HeadingsUnclear where somebody has to say what the columns are.
        """
        tally = Tally(TargetKind(upload.kind))
        try:
            with _book_of(upload) as book:
                reading = Reading(upload, book, running, _chosen_for(upload))
                tally = self._counted(upload, book, reading)
                if reading.is_clean:
                    return tally, ""
            with _book_of(upload) as book, MarkedCopy(copy, reading.width) as marked:
                return reading.mark(book, marked), ""
        except HeadingsUnclear:
            raise
        except (FileGone, WorkbookError) as error:
            return tally, str(error)

    def _counted(self, upload: RegisterUpload, book: Book, reading: Reading) -> Tally:
        """Every row, with the first ones kept and what has been said of columns set down.

        A file with what no register asks for does not wait on the server for its columns.
        """
        first = tops(book)
        rows = self.model.objects.filter(pk=upload.pk, state=UploadState.UPLOADED)
        forbidden = forbidden_in(first)
        if not forbidden:
            rows.update(first_rows=to_keep(first, reading.kind))
        try:
            if upload.columns_first and first:
                raise HeadingsUnclear(ASKED)
            tally = reading.count()
        except HeadingsUnclear as why:
            if forbidden:
                raise WorkbookError(f"{why}{NOT_COLLECTED.format(forbidden)}") from why
            raise
        rows.update(chosen=reading.applied)
        return tally

    def _applied(self, upload: RegisterUpload, running: Running) -> None:
        for _ in range(APPLY_ATTEMPTS):
            with tempfile.TemporaryFile() as rows:
                try:
                    with _book_of(upload) as book:
                        reading = Reading(upload, book, running, upload.chosen)
                        sealing = Sealing(upload.campaign, reading.kind)
                        prepared = Prepared(Tally(reading.kind), sealing, rows)
                        prepared.tally = reading.count(prepared)
                except (FileGone, WorkbookError) as error:
                    report = _unread(upload, str(error))
                    self.set_down(upload, report, is_sound=False)
                    running.finish()
                    return
                if reading.is_wrong:
                    self.check(running)
                    return
                try:
                    self._written(upload, prepared, running)
                    return
                except IntegrityError:  # somebody has registered one of them just now
                    continue
                except Refused as why:  # frozen just now, without a reason for what is new
                    raise JobError(str(why)) from why
        raise JobError("导入时别人正在修改同一批数据，没有写入。请过几分钟再确认导入。")

    @audit.atomic
    def _written(self, upload: RegisterUpload, prepared: Prepared, running: Running) -> None:
        _lock_register(upload.campaign)
        claimed = self.model.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
        warnings = {k: v for k, v in upload.report.items() if k in {"likenesses", "warnings"}}
        report = prepared.tally.report() | warnings
        if claimed.update(state=UploadState.APPLIED, report=report) == 1:
            self._write(upload, prepared, running)
        running.finish()

    def _write(self, upload: RegisterUpload, prepared: Prepared, running: Running) -> None:
        actor, numbers = upload.uploaded_by, prepared.sealing.numbers
        if prepared.phones:  # targets before counters, as a visit takes them
            add_phones(
                campaign=upload.campaign,
                kind=TargetKind(upload.kind),
                phones=prepared.phones,
                actor=actor,
            )
        if numbers:
            batches = prepared.batches(running)
            add_rows(
                campaign=upload.campaign,
                batches=batches,
                numbers=numbers,
                actor=actor,
                reason=upload.reason,
            )
        number = sum(numbers.values())
        audit.record(actor=actor, act="visits.apply_register", subject=upload, number=number)

    def _finish(self, running: Running, copy: IO[bytes]) -> None:
        """End the job with the marked copy, if there is one."""
        if copy.seek(0, io.SEEK_END):
            copy.seek(0)
            running.finish(file=copy, file_name=f"{self.errors_title}.xlsx")
        else:
            running.finish()


def _chosen_for(upload: RegisterUpload) -> Mapping[str, Sequence[str]]:
    """What has been said of columns: for a checked file what it was checked by."""
    if upload.state == UploadState.CHECKED:
        held: Mapping[str, Sequence[str]] = upload.chosen
        return held
    return chosen_columns(upload.campaign, TargetKind(upload.kind))


def _unread(upload: RegisterUpload, problem: str) -> dict[str, object]:
    return Tally(TargetKind(upload.kind)).report(problem)


@contextmanager
def _book_of(upload: RegisterUpload) -> Iterator[Book]:
    """The stored file as a book. Raises FileGone, WorkbookError."""
    with tempfile.TemporaryFile() as file:  # a store elsewhere gives no file to seek in
        with open_stored(upload.file, of=upload, gone=GONE) as stored:
            shutil.copyfileobj(stored, file)
        with opened(file, LIMITS) as book:
            yield book


REGISTER = RegisterWay()


@audit.atomic
def upload_register(
    *,
    campaign: Campaign,
    kind: TargetKind,
    name: str,
    content: bytes | IO[bytes],
    actor: User,
    columns_first: bool = False,
) -> RegisterUpload:
    """Keep the file and ask for its check in the background; nothing is registered yet.

    ``columns_first``: the check waits until the uploader has said what the columns are.
    Raises WorkbookError for what cannot be read, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    upload = RegisterUpload(campaign=campaign, kind=kind, columns_first=columns_first)
    return REGISTER.upload(upload, name=name, content=content, actor=actor)


@audit.atomic
def request_apply(*, upload: RegisterUpload, actor: User, reason: str = "") -> Job:
    """Ask for the import of a checked upload; while one is under way that one is returned.

    After the register was frozen new entries join it with the reason. Raises Refused without.
    """
    require_open(upload.campaign_id)
    if needs_reason(upload):
        _set_reason(upload, reason.strip())
    return REGISTER.request_apply(upload=upload, actor=actor)


def _set_reason(upload: RegisterUpload, reason: str) -> None:
    if not reason:
        raise Refused(NEEDS_REASON)
    checked = RegisterUpload.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
    checked.update(reason=reason)


@audit.atomic
def cancel_upload(*, upload: RegisterUpload, actor: User) -> bool:
    """Stop the check or the import that is under way; whether there was one.

    Nothing is written of an import that is stopped, and it can be confirmed anew.
    """
    require_open(upload.campaign_id)
    REGISTER.require_right(actor)
    return upload.job is not None and cancel(job=upload.job, actor=actor)


@audit.atomic
def register_villages(*, campaign: Campaign, actor: User, reason: str = "") -> int:
    """Register every village of the actor's areas that is not registered yet; how many.

    After the register was frozen they join it with the reason. Raises Refused without.
    """
    REGISTER.require_right(actor)
    _lock_register(campaign)
    targets = [
        Target(
            campaign=campaign,
            kind=TargetKind.VILLAGE,
            code=area.code,
            name=area.name,
            area=area,
        )
        for area in villages_to_register(actor, campaign)
    ]
    if not targets:
        return 0
    return add_targets(campaign=campaign, targets=targets, actor=actor, reason=reason)


def _lock_register(campaign: Campaign) -> None:
    """One addition to a register at a time; a visit does not wait for it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
