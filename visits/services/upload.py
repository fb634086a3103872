"""A register from a workbook: uploaded, checked, applied all or nothing."""

import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile

from campaign.models import Campaign
from core import audit
from core.jobs import request_job
from core.models import Job
from core.workbook import Row, WorkbookError, check_container, read_rows
from organisation.models import User
from visits.choices import TargetKind, UploadState
from visits.models import RegisterUpload, Target
from visits.queries import gazetteer_for, registered_entries, villages_to_register
from visits.register.comparison import compare
from visits.register.fields import FIELDS, MAX_ROWS
from visits.register.rows import Entry, RowError, read_entries
from visits.rules import can_import_register
from visits.services.register import add_targets

REPORTED_ERRORS = 300  # kept with the upload; the list for download has all of them
Progress = Callable[[int, int], None]
CHECK, APPLY = "visits.check_register", "visits.apply_register"


@dataclass(frozen=True)
class Outcome:
    """What a file would do, or did: ``problem`` is set when it could not be read at all."""

    rows: int = 0
    new: tuple[Entry, ...] = ()
    errors: tuple[RowError, ...] = ()
    problem: str = ""

    @property
    def is_sound(self) -> bool:
        return not self.errors and not self.problem

    def report(self) -> dict[str, object]:
        """The counts, the errors by kind and the first of the errors, as JSON."""
        wrong = len({error.row for error in self.errors})
        kinds: dict[str, int] = {}
        for error in self.errors:
            kinds[error.kind.value] = kinds.get(error.kind.value, 0) + 1
        return {
            "problem": self.problem,
            "rows": self.rows,
            "new": len(self.new),
            "known": self.rows - wrong - len(self.new),
            "wrong": wrong,
            "kinds": kinds,
            "errors": [
                [error.row, error.column, error.kind.value, error.text]
                for error in self.errors[:REPORTED_ERRORS]
            ],
        }


@audit.atomic
def upload_register(
    *, campaign: Campaign, kind: TargetKind, name: str, content: bytes, actor: User
) -> RegisterUpload:
    """Keep the file and ask for its check in the background; nothing is registered yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    _require_right(actor)
    check_container(content)
    upload = RegisterUpload(
        campaign=campaign,
        kind=kind,
        file_name=name[-120:],
        sha256=hashlib.sha256(content).hexdigest(),
        uploaded_by=actor,
    )
    upload.file.save(f"{uuid.uuid4().hex}.xlsx", ContentFile(content), save=False)
    title = f"检查{kind.label}登记册"
    upload.job = request_job(kind=CHECK, title=title, owner=actor, upload_id=_saved(upload).pk)
    upload.save(update_fields=["job"])
    audit.record(actor=actor, act="visits.upload_register", subject=upload, sha256=upload.sha256)
    return upload


def _saved(upload: RegisterUpload) -> RegisterUpload:
    upload.save()
    return upload


def check_upload(*, upload: RegisterUpload, progress: Progress) -> Outcome:
    """Examine the file against the register and keep the report. Safe to repeat."""
    if upload.state == UploadState.APPLIED:
        return Outcome()
    rows = _read(upload, progress)
    found = _examined(upload, rows)
    _set_down(upload, found)
    return found


@audit.atomic
def request_apply(*, upload: RegisterUpload, actor: User) -> Job:
    """Ask for the import of a checked upload; while one is under way that one is returned."""
    _require_right(actor)
    locked = RegisterUpload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if locked.state != UploadState.CHECKED:
        raise PermissionDenied("这份登记册还没有通过检查，或已经导入过了。")
    if locked.job and locked.job.kind == APPLY and not locked.job.is_finished:
        return locked.job
    title = f"导入{TargetKind(upload.kind).label}登记册"
    job = request_job(kind=APPLY, title=title, owner=actor, upload_id=upload.pk)
    RegisterUpload.objects.filter(pk=upload.pk).update(job=job)
    return job


def apply_upload(*, upload: RegisterUpload, progress: Progress) -> Outcome:
    """Register all new entries of a checked upload, or none.

    The file is examined again, since the register may have moved since the check; an
    upload that somebody has applied is left alone, so a second run changes nothing.
    """
    if upload.state != UploadState.CHECKED:
        return Outcome()
    rows = _read(upload, progress)
    with audit.atomic():
        _lock_register(upload.campaign)
        claimed = RegisterUpload.objects.filter(pk=upload.pk, state=UploadState.CHECKED)
        if claimed.update(state=UploadState.APPLIED) != 1:
            return Outcome()
        found = _examined(upload, rows)
        if found.is_sound:
            _register(upload, found)
        else:
            RegisterUpload.objects.filter(pk=upload.pk).update(
                state=UploadState.REFUSED, report=found.report()
            )
    return found


def discard_file(*, upload: RegisterUpload) -> None:
    """Delete a file that has served: it holds people's names and addresses."""
    settled = (UploadState.APPLIED, UploadState.REFUSED)
    kept = RegisterUpload.objects.filter(pk=upload.pk, state__in=settled).exclude(file="").first()
    if kept:
        kept.file.delete(save=False)
        RegisterUpload.objects.filter(pk=upload.pk).update(file="")


@audit.atomic
def register_villages(*, campaign: Campaign, actor: User) -> int:
    """Register every village of the actor's areas that is not registered yet; how many."""
    _require_right(actor)
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


def _require_right(actor: User) -> None:
    if not can_import_register(actor):
        raise PermissionDenied("只有作风办和组织部可以导入登记册。")


def _read(upload: RegisterUpload, progress: Progress) -> list[Row] | str:
    """The rows, or why there are none."""
    fields = FIELDS[TargetKind(upload.kind)]
    with upload.file.open("rb") as file:
        content = file.read()
    try:
        rows = read_rows(
            content,
            headings=[field.heading for field in fields],
            optional=[field.heading for field in fields if field.optional],
            max_rows=MAX_ROWS,
        )
    except WorkbookError as error:
        return str(error)
    progress(len(rows) // 2, len(rows))  # reading takes about half of the time
    return rows


def _examined(upload: RegisterUpload, rows: list[Row] | str) -> Outcome:
    if isinstance(rows, str):
        return Outcome(problem=rows)
    kind = TargetKind(upload.kind)
    gazetteer = gazetteer_for(upload.uploaded_by, upload.campaign)
    entries, errors = read_entries(kind, rows, gazetteer)
    registered = registered_entries(upload.campaign, kind, [entry.code for entry in entries])
    new, changed = compare(kind, entries, registered, gazetteer)
    places = {field.heading: place for place, field in enumerate(FIELDS[kind])}
    in_order = sorted(
        [*errors, *changed], key=lambda error: (error.row, places.get(error.column, len(places)))
    )
    return Outcome(len(rows), tuple(new), tuple(in_order))


def _set_down(upload: RegisterUpload, found: Outcome) -> None:
    state = UploadState.CHECKED if found.is_sound else UploadState.REFUSED
    open_ones = RegisterUpload.objects.filter(pk=upload.pk).exclude(state=UploadState.APPLIED)
    open_ones.update(state=state, report=found.report())


def _lock_register(campaign: Campaign) -> None:
    """One addition to a register at a time; a visit does not wait for it."""
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)


def _register(upload: RegisterUpload, found: Outcome) -> None:
    """Add the targets in the caller's transaction, which has claimed the upload."""
    targets = [
        Target(
            campaign=upload.campaign,
            kind=upload.kind,
            code=entry.code,
            name=entry.name,
            area_id=entry.area_id,
            address=entry.address,
            members=entry.members,
            above_scale=entry.above_scale,
            industrial=entry.industrial,
            size=entry.size,
        )
        for entry in found.new
    ]
    if targets:
        add_targets(campaign=upload.campaign, targets=targets, actor=upload.uploaded_by)
    RegisterUpload.objects.filter(pk=upload.pk).update(report=found.report())
    audit.record(
        actor=upload.uploaded_by, act="visits.apply_register", subject=upload, number=len(targets)
    )
