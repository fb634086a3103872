"""More working days for an appeal: asked for once with a reason, decided by the office."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.appeal_way import EXTENSION_WORKDAYS, Refused
from visits.choices import DECIDED as BY_OFFICE
from visits.choices import AppealState, Decision
from visits.models import Appeal, AppealExtension
from visits.rules import decides_on_days, handles
from visits.services.appeal_steps import move, offices_of, tell
from visits.services.appeals import keep_event
from visits.services.deadlines import is_in_time, reckoned

NOT_YOURS_TO_ASK = "延期由主办单位在办理期间申请。"
NOT_YOURS_TO_GRANT = "延期由作风办决定，本人的申请不能由本人决定。"
ASKED_ONCE = "一件诉求只能申请一次延期，已经申请过了。"
TOO_LATE = "只有在办理期间、时限没过时才能申请延期。"
RUN_OUT = "办理时限已过，不能再同意延期：过了的时限不能补回来。请写明理由，选「不同意」。"
PAUSED = "正在等待群众补充，继续办理后再决定是否同意延期。"
DECIDED = "这次延期申请已经办过，或者诉求的情况已经变化。请刷新页面查看。"


@audit.atomic
def ask_for_days(*, appeal: Appeal, actor: User, workdays: int, reason: str) -> AppealExtension:
    """Ask for so many working days more, once, while the unit's clock runs.

    Raises PermissionDenied, Refused; audited.
    """
    if not handles(actor, appeal):
        raise PermissionDenied(NOT_YOURS_TO_ASK)
    require_open(appeal.campaign_id)
    if not 1 <= workdays <= EXTENSION_WORKDAYS:
        raise Refused(f"延期最多 {EXTENSION_WORKDAYS} 个工作日。")
    if not reason.strip():
        raise Refused("请写明延期的原因：卡在哪里、还差什么。")
    now = Appeal.objects.select_for_update().get(pk=appeal.pk)
    if now.state != AppealState.HANDLING or not is_in_time(now):
        raise Refused(TOO_LATE)
    try:
        with audit.atomic():
            asked = AppealExtension.objects.create(
                appeal=appeal, asked_by=actor, workdays=workdays, reason=reason.strip()
            )
    except IntegrityError:
        raise Refused(ASKED_ONCE) from None
    audit.record(actor=actor, act="visits.ask_for_days", subject=appeal, number=workdays)
    title = f"{appeal}：{actor.name}申请延期 {workdays} 个工作日，请在时限前决定"
    tell(appeal, offices_of(appeal), title, asked.reason)
    return asked


@audit.atomic
def decide_on_days(
    *, extension: AppealExtension, actor: User, decision: Decision, note: str = ""
) -> AppealExtension:
    """Grant or refuse; granting lengthens the clock while it runs, a refusal says why.

    Raises PermissionDenied, Refused, Stale; audited.
    """
    appeal = extension.appeal
    if not decides_on_days(actor, appeal, extension.asked_by_id):
        raise PermissionDenied(NOT_YOURS_TO_GRANT)
    require_open(appeal.campaign_id)
    if decision not in BY_OFFICE or extension.decision:
        raise Refused(DECIDED)
    if decision == Decision.REFUSED and not note.strip():
        raise Refused("不同意延期时，请写明理由。")
    longer = _longer(appeal, extension.workdays) if decision == Decision.GRANTED else {}
    move(appeal, longer, seen=appeal.step_count)
    decided = AppealExtension.objects.filter(pk=extension.pk, decision="").update(
        decision=decision, decided_by=actor, decided_at=timezone.now(), note=note.strip()
    )
    if decided != 1:
        raise Refused(DECIDED)
    extension.refresh_from_db()
    label = f"延期申请：{extension.get_decision_display()}"
    keep_event(appeal, "decide_on_days", label, actor=actor, note=note)
    audit.record(actor=actor, act="visits.decide_on_days", subject=appeal, decision=decision)
    tell(appeal, [extension.asked_by], f"{appeal}：作风办{decision.label}延期", note)
    return extension


def against_granting(appeal: Appeal) -> str:
    """Why no more days can be granted now, in a sentence; empty where they can. For both."""
    if appeal.state == AppealState.PAUSED:
        return PAUSED
    if appeal.state != AppealState.HANDLING:
        return DECIDED
    return "" if is_in_time(appeal) else RUN_OUT


def _longer(appeal: Appeal, days: int) -> dict[str, object]:
    """The clock with so many days more. Raises Refused where none runs that could have them."""
    if why := against_granting(appeal):
        raise Refused(why)
    if appeal.counted_from is None or appeal.workdays is None:
        assert appeal.due_on is not None
        return {"due_on": reckoned(appeal.due_on, days)}
    whole = appeal.workdays + days
    return {"workdays": whole, "due_on": reckoned(appeal.counted_from, whole)}
