"""A register from a workbook, on the way that all uploads take (core.uploads)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from core.columns import Field, in_order
from core.jobs import request_job
from core.models import Job
from core.uploads import Flow, Outcome
from core.workbook import Row
from organisation.models import User
from visits.choices import TargetKind
from visits.models import RegisterUpload, Target
from visits.queries import gazetteer_for, registered_entries, villages_to_register
from visits.register.comparison import compare
from visits.register.fields import FIELDS, MAX_ROWS
from visits.register.rows import Entry, read_entries
from visits.rules import can_import_register
from visits.services.register import add_phones, add_targets

CHECK, APPLY = "visits.check_register", "visits.apply_register"


@dataclass(frozen=True)
class RegisterOutcome(Outcome):
    """What a register would add, or added."""

    new: tuple[Entry, ...] = ()
    phones: tuple[Entry, ...] = ()

    def counted(self) -> dict[str, object]:
        new = len(self.new)
        phones = {"phones": len(self.phones)} if self.phones else {}
        return {"new": new, "known": self.rows - self.wrong - new, **phones}


class RegisterFlow(Flow[RegisterUpload, RegisterOutcome]):
    """The register of one campaign and kind: it only grows."""

    model = RegisterUpload
    outcome = RegisterOutcome
    max_rows = MAX_ROWS
    apply_task = APPLY
    needs = ("campaign",)
    act = "visits.upload_register"
    errors_title = "登记册错误清单"
    not_ready = "这份登记册还没有通过检查，或已经导入过了。"

    def require_right(self, actor: User) -> None:
        if not can_import_register(actor):
            raise PermissionDenied("只有作风办和组织部可以导入登记册。")

    def fields(self, upload: RegisterUpload) -> Sequence[Field]:
        return FIELDS[TargetKind(upload.kind)]

    def request_check(self, upload: RegisterUpload, actor: User) -> Job:
        title = f"检查{TargetKind(upload.kind).label}登记册"
        return request_job(kind=CHECK, title=title, owner=actor, upload_id=upload.pk)

    def request_writing(self, upload: RegisterUpload, actor: User) -> Job:
        title = f"导入{TargetKind(upload.kind).label}登记册"
        return request_job(kind=APPLY, title=title, owner=actor, upload_id=upload.pk)

    def examine(self, upload: RegisterUpload, rows: Sequence[Row]) -> RegisterOutcome:
        kind = TargetKind(upload.kind)
        gazetteer = gazetteer_for(upload.uploaded_by, upload.campaign)
        entries, errors = read_entries(kind, rows, gazetteer)
        registered = registered_entries(upload.campaign, kind, [entry.code for entry in entries])
        found = compare(kind, entries, registered, gazetteer)
        return RegisterOutcome(
            rows=len(rows),
            errors=in_order([*errors, *found.errors], FIELDS[kind]),
            new=found.new,
            phones=found.phones,
        )

    def lock(self, upload: RegisterUpload) -> None:
        _lock_register(upload.campaign)

    def write(self, upload: RegisterUpload, found: RegisterOutcome, prepared: Any) -> None:
        targets = [_target(upload, entry) for entry in found.new]
        if targets:
            add_targets(campaign=upload.campaign, targets=targets, actor=upload.uploaded_by)
        if found.phones:
            add_phones(
                campaign=upload.campaign,
                kind=TargetKind(upload.kind),
                phones={entry.code: entry.phone for entry in found.phones},
                actor=upload.uploaded_by,
            )
        audit.record(
            actor=upload.uploaded_by,
            act="visits.apply_register",
            subject=upload,
            number=len(targets),
        )


REGISTER = RegisterFlow()


@audit.atomic
def upload_register(
    *, campaign: Campaign, kind: TargetKind, name: str, content: bytes, actor: User
) -> RegisterUpload:
    """Keep the file and ask for its check in the background; nothing is registered yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    upload = RegisterUpload(campaign=campaign, kind=kind)
    return REGISTER.upload(upload, name=name, content=content, actor=actor)


@audit.atomic
def request_apply(*, upload: RegisterUpload, actor: User) -> Job:
    """Ask for the import of a checked upload; while one is under way that one is returned."""
    require_open(upload.campaign_id)
    return REGISTER.request_apply(upload=upload, actor=actor)


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


def _target(upload: RegisterUpload, entry: Entry) -> Target:
    return Target(
        campaign=upload.campaign,
        kind=upload.kind,
        code=entry.code,
        name=entry.name,
        area_id=entry.area_id,
        address=entry.address,
        phone=entry.phone,
        members=entry.members,
        above_scale=entry.above_scale,
        industrial=entry.industrial,
        size=entry.size,
        status=entry.status,
    )
