"""The call-back: what the person who raised it says closes an appeal, or sends it back."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.appeal_way import BY_NAME, TRIES, Call, Part, Refused, verdict
from visits.choices import REACHED, AppealState, CallResult, CallWay
from visits.models import Appeal, CallBack, Voice
from visits.queries.appeals import asked_of, said_in, vain_try
from visits.rules import parts_in
from visits.services.appeal_steps import STALE, Stale, move, tell_next
from visits.services.appeals import keep_event
from visits.services.deadlines import clock_of

NOT_YOURS_TO_CALL = "回访由没有参与办理的人进行：承办人和承办单位的人不能给自己办的诉求回访。"
NOT_ANSWERED = "这件诉求还没有答复，或者已经回访完毕。请刷新页面查看最新情况。"
SOLVED_OR_NOT = "请问清问题解决了没有，再选「已解决」或「没有解决」。"
WHY = "群众不满意的，请写下群众说的话。"
ASKED_ALREADY = "这位群众本轮已经回访过了。"
NOT_YET = (
    "这位群众 {} 打过，没有联系上。下一次联系不上最早 {} 再记：一个工作日记一次。"
    "打通了的，随时可以记。"
)


@dataclass(frozen=True)
class Said:
    """What came of one call or link; ``solved`` is None where nobody was reached."""

    result: CallResult
    solved: bool | None
    said: str = ""
    way: CallWay = CallWay.PHONE


@audit.atomic
def record_call_back(
    *,
    appeal: Appeal,
    voice: Voice,
    actor: User,
    seen: int,
    result: CallResult,
    solved: bool | None,
    way: CallWay = CallWay.PHONE,
    said: str = "",
) -> Appeal:
    """Keep what one person said; when that decides the round, take the step that follows.

    Nobody calls back on what he or his unit has handled. Raises PermissionDenied, Refused,
    Stale; audited, and who is next is told.
    """
    if Part.CALLER not in parts_in(actor, appeal):
        raise PermissionDenied(NOT_YOURS_TO_CALL)
    require_open(appeal.campaign_id)
    solved = None if result == CallResult.UNREACHABLE else solved
    if result == CallResult.DISSATISFIED and not said.strip():
        raise Refused(WHY)
    heard = Said(result, solved, said, way)
    return keep_call(appeal=appeal, voice=voice, caller=actor, actor=actor, seen=seen, said=heard)


@audit.atomic
def keep_call(
    *, appeal: Appeal, voice: Voice, caller: User, actor: User | None, seen: int, said: Said
) -> Appeal:
    """Keep one answer, and take the step that it decides. Raises Refused, Stale; audited.

    Whether the caller may is the callers' business. Without an actor the person has answered
    himself, on a link of the caller.
    """
    _check(appeal, voice, said)
    call = _kept(appeal, voice, caller, said)
    step = verdict(said_in(asked_of(appeal)))
    move(appeal, _changes(appeal, step, call), seen=seen)
    label = BY_NAME[step].label if step else "回访"
    by_himself = "群众在链接上作答：" if actor is None else ""
    words = f"：{said.said}" if said.said else ""
    note = f"{by_himself}{call.get_result_display()}{_solved_words(said.solved)}{words}"
    keep_event(appeal, step or "call_back", label, actor=actor, note=note)
    act = BY_NAME[step].act if step else "appeal_call_back"
    audit.record(actor=actor, act=f"visits.{act}", subject=appeal)
    if step:
        tell_next(appeal, label, actor)
    return appeal


def _check(appeal: Appeal, voice: Voice, said: Said) -> None:
    if appeal.state != AppealState.ANSWERED or voice.appeal_id != appeal.pk:
        raise Refused(NOT_ANSWERED)
    if said.result != CallResult.UNREACHABLE and said.solved is None:
        raise Refused(SOLVED_OR_NOT)


def _kept(appeal: Appeal, voice: Voice, caller: User, said: Said) -> CallBack:
    """As the next attempt of this round; of two at one moment the second is told so.

    Who could not be reached so often may still answer on a link.
    """
    calls = list(voice.call_backs.filter(round=appeal.redo_count))
    if said.result == CallResult.UNREACHABLE:
        _check_tried_today(voice)
    tried_out = len(calls) >= TRIES and said.way != CallWay.LINK
    if tried_out or any(Call(call.result, call.solved).is_content for call in calls):
        raise Refused(ASKED_ALREADY)
    try:
        with audit.atomic():
            return CallBack.objects.create(
                appeal=appeal,
                voice=voice,
                round=appeal.redo_count,
                attempt=len(calls) + 1,
                caller=caller,
                way=said.way,
                result=said.result,
                solved=said.solved,
                said=said.said,
                at=timezone.now(),
            )
    except IntegrityError:
        if voice.call_backs.filter(round=appeal.redo_count, attempt=len(calls) + 1).exists():
            raise Stale(STALE) from None
        raise


def _check_tried_today(voice: Voice) -> None:
    """Three vain calls within a minute are one."""
    last, again = vain_try(voice)
    if last and again and timezone.localdate() < again:
        raise Refused(NOT_YET.format(*(f"{day.month}月{day.day}日" for day in (last, again))))


def _changes(appeal: Appeal, step: str, call: CallBack) -> dict[str, object]:
    """Nothing moves while others are still to be asked, or this one once more."""
    if not step:
        return {}
    target = BY_NAME[step].target
    changes: dict[str, object] = {"result": call.result, "solved": call.solved}
    if step == "redo":
        changes |= _redone(appeal)
        target = AppealState.HANDLING if changes["unit"] else AppealState.UNASSIGNED
    if step == "close":
        changes |= _worst_of(appeal)
    if step == "lapse" and appeal.result in REACHED:
        changes = {}  # what was said in an earlier round stays the last word
    return changes | {"state": target, **clock_of(target)}


def _redone(appeal: Appeal) -> dict[str, object]:
    """The unit that answered keeps it; what the visitor answered himself the office sends on.

    Whatever was designated before stays so.
    """
    changes: dict[str, object] = {"redo_count": appeal.redo_count + 1}
    if appeal.unit is None or appeal.is_answer_of_visitor:
        return changes | {"unit": None, "handler": None}
    return changes | {"unit": appeal.unit, "designated": True}


def _worst_of(appeal: Appeal) -> dict[str, object]:
    """Of several content people the least content counts; who was not reached does not."""
    results = {call.result for each in asked_of(appeal) for call in each.calls}
    basically = CallResult.BASICALLY in results
    return {
        "result": CallResult.BASICALLY if basically else CallResult.SATISFIED,
        "solved": True,
    }


def _solved_words(solved: bool | None) -> str:
    return "" if solved is None else "，已解决" if solved else "，没有解决"
