"""What goes to 12345 and its results from a workbook: each row a step, all or nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from core.columns import Field, in_order
from core.jobs import JobError, request_job
from core.models import Job
from core.uploads import Flow, Outcome, Outrun
from core.workbook import Row
from organisation.models import User
from visits.appeal_way import Refused
from visits.models import Appeal, HotlineUpload
from visits.queries.hotline import present_for, taken_numbers
from visits.rules import dispatches_appeals
from visits.services.appeal_steps import Given, Stale, take_appeal_step
from visits.sheet.hotline import (
    BACK,
    FIELDS,
    HAND_OVER,
    MAX_ROWS,
    RESULT,
    STEPS,
    Line,
    number_of,
    outside_of,
    read_lines,
    says_something,
)

CHECK_HOTLINE, APPLY_HOTLINE = "visits.check_hotline", "visits.apply_hotline"
NOT_TO_BRING_IN = "12345 的办理结果由作风办登记。"


@dataclass(frozen=True)
class HotlineOutcome(Outcome):
    """What a workbook would do, or did, step by step, and the rows that do nothing."""

    lines: tuple[Line, ...] = ()
    known: int = 0
    blank: int = 0

    def counted(self) -> dict[str, object]:
        steps = Counter(line.step for line in self.lines)
        return {
            "handed": steps[HAND_OVER],
            "results": steps[STEPS[RESULT]],
            "backs": steps[STEPS[BACK]],
            "new": len(self.lines),
            "known": self.known,
            "blank": self.blank,
        }


class HotlineFlow(Flow[HotlineUpload, HotlineOutcome]):
    """Steps of appeals to 12345 and back; what has been taken is not taken again."""

    model = HotlineUpload
    outcome = HotlineOutcome
    max_rows = MAX_ROWS
    apply_task = APPLY_HOTLINE
    needs = ("campaign",)
    same = ("campaign",)
    act = "visits.upload_hotline"
    errors_title = "12345往来错误清单"
    not_ready = "这份结果还没有通过检查，或已经登记过了。"

    def require_right(self, actor: User) -> None:
        if not dispatches_appeals(actor):
            raise PermissionDenied(NOT_TO_BRING_IN)

    def fields(self, upload: HotlineUpload) -> Sequence[Field]:
        return FIELDS

    def request_check(self, upload: HotlineUpload, actor: User) -> Job:
        return request_job(
            kind=CHECK_HOTLINE, title="检查12345往来", owner=actor, upload_id=upload.pk
        )

    def request_writing(self, upload: HotlineUpload, actor: User) -> Job:
        return request_job(
            kind=APPLY_HOTLINE, title="登记12345往来", owner=actor, upload_id=upload.pk
        )

    def examine(self, upload: HotlineUpload, rows: Sequence[Row]) -> HotlineOutcome:
        filled = [row for row in rows if says_something(row)]
        numbers = {number_of(row) for row in filled} - {0}
        outside = {number for row in filled if (number := outside_of(row))}
        whose = upload.uploaded_by, upload.campaign
        found = read_lines(filled, present_for(*whose, numbers), taken_numbers(*whose, outside))
        return HotlineOutcome(
            rows=len(filled),
            errors=in_order(found.errors, FIELDS),
            lines=tuple(found.lines),
            known=found.known,
            blank=found.blank,
        )

    def lock(self, upload: HotlineUpload) -> None:
        """One import into a campaign at a time; a step by hand is seen by its own condition."""
        Campaign.objects.select_for_update(no_key=True).get(pk=upload.campaign_id)

    def write(self, upload: HotlineUpload, found: HotlineOutcome, prepared: Any) -> None:
        try:
            require_open(upload.campaign_id)
        except PermissionDenied as why:
            raise JobError(f"没有登记：{why}") from why
        for line in found.lines:
            _take(line, upload.uploaded_by)
        audit.record(
            actor=upload.uploaded_by,
            act="visits.import_hotline",
            subject=upload,
            sha256=upload.sha256,
            items=len(found.lines),
            known=found.known,
        )


def _take(line: Line, actor: User) -> None:
    """As by hand. Whoever has moved the appeal meanwhile makes the whole begin anew."""
    appeals = Appeal.objects.select_related("unit__area", "area", "handler", "visit__author")
    appeal = appeals.get(pk=line.key)
    given = Given(note=line.note, number=line.number, category=line.category)
    try:
        take_appeal_step(
            appeal=appeal, name=line.step, actor=actor, seen=appeal.step_count, given=given
        )
    except (Stale, Refused) as why:
        raise Outrun(str(why)) from why


HOTLINE_IN = HotlineFlow()


@audit.atomic
def upload_hotline(*, campaign: Campaign, name: str, content: bytes, actor: User) -> HotlineUpload:
    """Keep the file and ask for its check in the background; nothing is written yet.

    Raises WorkbookError for what is no plain .xlsx, PermissionDenied without the right.
    """
    require_open(campaign.pk)
    upload = HotlineUpload(campaign=campaign)
    return HOTLINE_IN.upload(upload, name=name, content=content, actor=actor)


@audit.atomic
def request_hotline(*, upload: HotlineUpload, actor: User) -> Job:
    """Ask for the steps of a checked workbook; while they are under way that job is returned."""
    require_open(upload.campaign_id)
    return HOTLINE_IN.request_apply(upload=upload, actor=actor)
