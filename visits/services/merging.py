"""Appeals about one matter become one; everybody who raised it is still asked at the end."""

from django.core.exceptions import PermissionDenied

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.appeal_way import MOVED, Part, Refused, check_step
from visits.choices import TO_ANSWER, AppealState
from visits.models import Appeal, Voice
from visits.queries.appeals import standing_of
from visits.rules import parts_in
from visits.services.appeal_steps import NOT_YOURS, move
from visits.services.appeals import keep_event
from visits.services.deadlines import NO_CLOCK, breach_of, end_request, late_unit_of

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
    changes = {"state": AppealState.MERGED, "merged_into": into, **NO_CLOCK, **breach_of(appeal)}
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
