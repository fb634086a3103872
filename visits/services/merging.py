"""Appeals about one matter become one; everybody who raised it is still asked at the end.

What was no one matter is taken out again: it stands where it stood, and its people go with it.
"""

from django.core.exceptions import PermissionDenied

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.appeal_way import BY_NAME, MOVED, Part, Refused, check_step
from visits.choices import TO_ANSWER, AppealState
from visits.models import Appeal, AppealEvent, Voice
from visits.queries.appeals import against_taking_out, standing_of, voices_to_take_out
from visits.rules import parts_in, takes_out
from visits.services.appeal_steps import NOT_YOURS, STALE, Stale, move, tell_next
from visits.services.appeals import keep_event
from visits.services.deadlines import (
    breach_of,
    clock_again,
    clock_of,
    end_request,
    late_unit_of,
)

NOT_INTO_THAT = "只能并入同一专项行动里还没有答复的另一件诉求。"


@audit.atomic
def merge_appeal(*, appeal: Appeal, into: Appeal, actor: User, seen: int, reason: str) -> Appeal:
    """End the appeal as part of another, which takes over its voices.

    Raises PermissionDenied, Refused, Stale; audited.
    """
    if not all(Part.OFFICE in parts_in(actor, each) for each in (appeal, into)):
        raise PermissionDenied(NOT_YOURS)
    require_open(appeal.campaign_id)
    step = check_step("merge", standing=standing_of(appeal), parts={Part.OFFICE}, note=reason)
    if into.pk == appeal.pk or into.campaign_id != appeal.campaign_id:
        raise Refused(NOT_INTO_THAT)
    rows = Appeal.objects.select_for_update().filter(pk__in=[appeal.pk, into.pk]).order_by("pk")
    states = {row.pk: row.state for row in rows}
    if states[into.pk] not in TO_ANSWER:
        raise Refused(NOT_INTO_THAT)
    if states[appeal.pk] != appeal.state:
        raise Refused(MOVED)
    changes = {"state": AppealState.MERGED, "merged_into": into, **breach_of(appeal)}
    late = late_unit_of(appeal)
    move(appeal, changes, seen=seen)
    end_request(appeal)
    Voice.objects.filter(appeal=appeal).update(appeal=into)
    keep_event(appeal, "merge", f"{step.label}：{into}", actor=actor, note=reason, **late)
    into.refresh_from_db(fields=["state", "step_count"])
    move(into, {}, seen=into.step_count)
    keep_event(into, "take_in", f"并入：{appeal}", actor=actor, note=reason)
    audit.record(actor=actor, act="visits.appeal_merge", subject=appeal, item=into.pk)
    return into


@audit.atomic
def unmerge_appeal(*, appeal: Appeal, actor: User, seen: int, reason: str) -> Appeal:
    """Take a merged appeal out again: it becomes what it was, with its people and its clock.

    Raises PermissionDenied, Refused, Stale; audited on it, told in both trails.
    """
    if not takes_out(actor, appeal):
        raise PermissionDenied(NOT_YOURS)
    require_open(appeal.campaign_id)
    step = check_step("unmerge", standing=standing_of(appeal), parts={Part.OFFICE}, note=reason)
    into = appeal.merged_into
    assert into is not None
    rows = Appeal.objects.select_for_update().filter(pk__in=[appeal.pk, into.pk]).order_by("pk")
    steps = {row.pk: row.step_count for row in rows}
    if steps[appeal.pk] != appeal.step_count:
        raise Stale(STALE)
    into.refresh_from_db(fields=["state", "step_count", "redo_count"])
    if why := against_taking_out(appeal):
        raise Refused(why)
    voices = list(voices_to_take_out(appeal).values_list("pk", flat=True))
    changes, late = _as_before(appeal)
    move(appeal, {"merged_into": None, **changes}, seen=seen)
    Voice.objects.filter(pk__in=voices).update(appeal=appeal)
    keep_event(appeal, step.name, f"{step.label}：{into}", actor=actor, note=reason, **late)
    move(into, {}, seen=into.step_count)
    keep_event(into, "give_out", f"{step.label}：{appeal}", actor=actor, note=reason)
    audit.record(actor=actor, act="visits.appeal_unmerge", subject=appeal, item=into.pk)
    tell_next(appeal, step.label, actor, reason)
    return appeal


def _as_before(appeal: Appeal) -> tuple[dict[str, object], dict[str, object]]:
    """What it was before the merge; without its clock it waits to be assigned.

    Beside it, for the trail, the unit that was late by then where that clock does not go on.
    """
    merge = AppealEvent.objects.filter(appeal=appeal, step="merge").order_by("-number")[0]
    before = AppealEvent.objects.filter(appeal=appeal, number__lt=merge.number).order_by("-number")
    former = before.values_list("to_state", flat=True).first()
    if former in BY_NAME["merge"].sources and appeal.due_on is not None:
        return {"state": AppealState(former), **clock_again(appeal)}, {}
    late: dict[str, object] = {
        "late_to_sign": merge.late_to_sign,
        "late_to_answer": merge.late_to_answer,
    }
    new = {"unit": None, "handler": None, "issued_on": None}
    return {"state": AppealState.UNASSIGNED, **clock_of(AppealState.UNASSIGNED), **new}, late
