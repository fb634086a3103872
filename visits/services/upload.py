"""A register from a file, read as a stream: of a million rows as of ten.

The file is read once to count, and once more to tell where something is wrong or alike.
What is confirmed is read and sealed first, and then written in one transaction.
"""

import io
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit
from core.columns import RowError, in_order
from core.exports.marked import MarkedCopy
from core.files import FileGone, open_stored
from core.jobs import JobError, Running, cancel, request_job
from core.models import Job
from core.sheets.container import MEGABYTE, Limits
from core.sheets.values import Book
from core.uploads import APPLY_ATTEMPTS, GONE, UploadState, Way, discard_file
from core.workbook import Layout, Read, WorkbookError, opened, read_lines
from organisation.models import User
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.queries import gazetteer_for, registered_entries, villages_to_register
from visits.queries.denominator import needs_reason
from visits.register.comparison import Comparison, compare
from visits.register.fields import FIELDS, IGNORED, MAX_ROWS, SYNONYMS
from visits.register.places import Gazetteer
from visits.register.rows import Entry, read_entry, repeated
from visits.register.tally import Tally
from visits.register.twins import Twins, resemblance
from visits.rules import can_import_register
from visits.services.register import NEEDS_REASON, Sealing, add_phones, add_rows, add_targets

CHECK, APPLY = "visits.check_register", "visits.apply_register"
LIMITS = Limits(packed=200 * MEGABYTE, unpacked=3072 * MEGABYTE, csv=True)
BATCH = 900  # rows whose codes are looked up at once
SOON = 5 * BATCH  # rows between two signs of life


@dataclass
class _Prepared:
    """A sound file as it will be written; ``rows`` holds the sealed batches."""

    tally: Tally
    sealing: Sealing
    rows: IO[bytes]
    phones: dict[str, str] = field(default_factory=dict)

    def keep(self, found: Comparison) -> None:
        self.sealing.begin_batch()
        rows = [self.sealing.row(entry) for entry in found.new]
        self.rows.write(json.dumps(rows).encode() + b"\n")
        self.phones |= {entry.code: entry.phone for entry in found.phones}

    def batches(self, running: Running) -> Iterator[list[tuple[Any, ...]]]:
        """Raises LeaseLost between two batches when the import has been given up."""
        self.rows.seek(0)
        for line in self.rows:
            running.require_held()
            yield json.loads(line)


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

    def check(self, running: Running) -> None:
        """Examine the file and keep the report. Safe to repeat."""
        upload = self.of(running)
        if upload.is_settled:
            running.finish()
        else:
            self.demand(upload.uploaded_by)
            with tempfile.TemporaryFile() as copy:
                tally, problem = self._checked(upload, running, copy)
                running.require_held()
                is_sound = not (tally.kinds or problem)
                self.set_down(upload, tally.report(problem), is_sound=is_sound)
                self._finish(running, copy)
        discard_file(upload)

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
        """What the check found; a marked copy where something is wrong or alike."""
        tally = Tally(TargetKind(upload.kind))
        try:
            with _book_of(upload) as book:
                pass_ = _Pass(upload, book, running)
                tally = pass_.count()
                if pass_.is_clean:
                    return tally, ""
            with _book_of(upload) as book, MarkedCopy(copy, pass_.width) as marked:
                return pass_.mark(book, marked), ""
        except (FileGone, WorkbookError) as error:
            return tally, str(error)

    def _applied(self, upload: RegisterUpload, running: Running) -> None:
        for _ in range(APPLY_ATTEMPTS):
            with tempfile.TemporaryFile() as rows:
                try:
                    with _book_of(upload) as book:
                        pass_ = _Pass(upload, book, running)
                        sealing = Sealing(upload.campaign, pass_.kind)
                        prepared = _Prepared(Tally(pass_.kind), sealing, rows)
                        prepared.tally = pass_.count(prepared)
                except (FileGone, WorkbookError) as error:
                    report = _unread(upload, str(error))
                    self.set_down(upload, report, is_sound=False)
                    running.finish()
                    return
                if pass_.is_wrong:
                    self.check(running)
                    return
                try:
                    self._written(upload, prepared, running)
                    return
                except IntegrityError:  # somebody has registered one of them just now
                    continue
        raise JobError("导入时别人正在修改同一批数据，没有写入。请过几分钟再确认导入。")

    @audit.atomic
    def _written(self, upload: RegisterUpload, prepared: _Prepared, running: Running) -> None:
        _lock_register(upload.campaign)
        claimed = self.model.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
        warnings = {k: v for k, v in upload.report.items() if k in {"likenesses", "warnings"}}
        report = prepared.tally.report() | warnings
        if claimed.update(state=UploadState.APPLIED, report=report) == 1:
            self._write(upload, prepared, running)
        running.finish()

    def _write(self, upload: RegisterUpload, prepared: _Prepared, running: Running) -> None:
        actor, numbers = upload.uploaded_by, prepared.sealing.numbers
        if numbers:
            batches = prepared.batches(running)
            add_rows(
                campaign=upload.campaign,
                batches=batches,
                numbers=numbers,
                actor=actor,
                reason=upload.reason,
            )
        if prepared.phones:
            add_phones(
                campaign=upload.campaign,
                kind=TargetKind(upload.kind),
                phones=prepared.phones,
                actor=actor,
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


class _Pass:
    """One reading of a file against the register."""

    def __init__(self, upload: RegisterUpload, book: Book, running: Running) -> None:
        self.upload, self.book, self.running = upload, book, running
        self.kind = TargetKind(upload.kind)
        self.gazetteer: Gazetteer = gazetteer_for(upload.uploaded_by, upload.campaign)
        self.twins = Twins(self.kind)
        self.tally = Tally(self.kind)
        self.width = 0

    @property
    def is_wrong(self) -> bool:
        return bool(self.tally.kinds or self.twins.repeats)

    @property
    def is_clean(self) -> bool:
        return not (self.tally.kinds or self.twins.found)

    def count(self, prepared: _Prepared | None = None) -> Tally:
        """Every row once; what is new is kept, as long as nothing is wrong."""
        tally = self.tally
        for batch in self._batches():
            entries = []
            for read in batch:
                if read.row is None:
                    continue
                self._note(read)
                entry, errors = read_entry(self.kind, read.row, self.gazetteer)
                if entry and prepared is None:  # what is confirmed has been looked through
                    self.twins.add(entry)
                if errors:
                    tally.wrong += 1
                    tally.faults(read.row, errors)
                elif entry:
                    entries.append(entry)
            found = self._compared(entries)
            tally.wrong += len({error.row for error in found.errors})
            tally.kinds.update(error.kind.value for error in found.errors)
            tally.new += len(found.new)
            tally.phones += len(found.phones)
            if prepared and not tally.kinds:
                prepared.keep(found)
        self.twins.settle()
        return tally

    def mark(self, book: Book, marked: MarkedCopy) -> Tally:
        """Every row once more, with what is wrong with it, or alike."""
        self.book, self.tally, place = book, Tally(self.kind), -1
        for batch in self._batches():
            judged: list[tuple[Read, list[RowError], list[RowError]]] = []
            entries: list[Entry] = []
            for read in batch:
                errors: list[RowError] = []
                warnings: list[RowError] = []
                if read.row is not None:
                    entry, errors = read_entry(self.kind, read.row, self.gazetteer)
                    if entry:
                        place += 1
                        first = self.twins.repeated(place)
                        if first is not None:
                            errors.append(repeated(self.kind, read.row, entry.code, first))
                        elif not errors:
                            entries.append(entry)
                        warnings = self._alike(read, place)
                judged.append((read, errors, warnings))
            self._mark_batch(judged, self._compared(entries), marked)
        return self.tally

    def _mark_batch(
        self,
        judged: list[tuple[Read, list[RowError], list[RowError]]],
        found: Comparison,
        marked: MarkedCopy,
    ) -> None:
        tally = self.tally
        differing: dict[int, list[RowError]] = {}
        for error in found.errors:
            differing.setdefault(error.row, []).append(error)
        tally.new += len(found.new)
        tally.phones += len(found.phones)
        for read, errors, warnings in judged:
            if read.row is not None:
                self._note(read)
                errors.extend(differing.get(read.row.number, ()))
                tally.wrong += bool(errors)
                tally.faults(read.row, in_order(errors, FIELDS[self.kind]))
                for warning in warnings:
                    tally.warn(read.row, warning)
            marked.line(read, errors, warnings)

    def _alike(self, read: Read, place: int) -> list[RowError]:
        return [
            resemblance(self.kind, read.line.number, likeness, first)
            for likeness, first in self.twins.like(place)
        ]

    def _compared(self, entries: Sequence[Entry]) -> Comparison:
        codes = [entry.code for entry in entries]
        registered = registered_entries(self.upload.campaign, self.kind, codes)
        return compare(self.kind, entries, registered, self.gazetteer)

    def _note(self, read: Read) -> None:
        """Figures, and a sign of life: how many rows of about how many."""
        tally = self.tally
        tally.rows += 1
        tally.hidden += read.line.hidden
        if not tally.sheets or tally.sheets[-1] != read.sheet:
            tally.sheets.append(read.sheet)
        if tally.rows % SOON == 0:
            about = round(tally.rows / max(self.book.share, 0.001))
            self.running.progress(tally.rows, max(tally.rows, about))

    def _batches(self) -> Iterator[list[Read]]:
        """Lines of one sheet each, in order."""
        batch: list[Read] = []
        layout = layout_of(self.kind)
        for read in read_lines(self.book, layout, max_rows=MAX_ROWS, several=True):
            if len(batch) == BATCH or (batch and batch[-1].sheet != read.sheet):
                yield batch
                batch = []
            batch.append(read)
            self.width = max(self.width, len(read.line.cells))
        if batch:
            yield batch


def layout_of(kind: TargetKind) -> Layout:
    fields = FIELDS[kind]
    return Layout(
        headings=[each.heading for each in fields],
        optional=[each.heading for each in fields if each.optional],
        synonyms=SYNONYMS[kind],
        ignored=IGNORED,
    )


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
    *, campaign: Campaign, kind: TargetKind, name: str, content: bytes | IO[bytes], actor: User
) -> RegisterUpload:
    """Keep the file and ask for its check in the background; nothing is registered yet.

    Raises WorkbookError for what cannot be read, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    upload = RegisterUpload(campaign=campaign, kind=kind)
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
def register_villages(*, campaign: Campaign, actor: User) -> int:
    """Register every village of the actor's areas that is not registered yet; how many."""
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
    return add_targets(campaign=campaign, targets=targets, actor=actor) if targets else 0


def _lock_register(campaign: Campaign) -> None:
    """One addition to a register at a time; a visit does not wait for it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
