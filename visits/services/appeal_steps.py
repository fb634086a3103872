"""The way of an appeal: dispatched, signed for, handled, answered; each step written once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.queries import holders_of, holders_today
from visits.appeal_way import Part, Refused, Step, check_step
from visits.choices import WITH_UNIT, AppealState
from visits.models import Appeal, AppealPause
from visits.queries.appeals import page_of_appeal, standing_of, units_to_dispatch_to
from visits.queries.hotline import taken_numbers
from visits.rules import has_its_handler, parts_in
from visits.services.appeals import keep_event
from visits.services.deadlines import (
    breach_of,
    clock,
    clock_of,
    end_request,
    is_in_time,
    late_unit_of,
    workdays_left,
)

NOT_YOURS = "这件诉求不由您办理：主办单位办理和答复，作风办分派，没有参与办理的人回访。"
STALE = "这件诉求刚刚被别人办理了，您看到的不是最新内容。请刷新页面后再操作。"
NO_UNIT = "请选择主办单位：参加专项行动、在您辖区内的单位。"
SAME_UNIT = "改派要选另一个单位。"
NO_NUMBER = "请填写 12345 的工单号。"
SAME_NUMBER = "填的工单号和原来的一样。请填写正确的工单号。"
WRONG_THERE = "如果是那一件填错了，请先在那一件的页面上「更正工单号」。"
NO_CATEGORY = "请选择诉求的类别；拿不准的选「其他」，以后可以更正。"
TITLE_LENGTH = 120  # of a message


class Stale(Exception):
    """Somebody was faster."""


@dataclass(frozen=True)
class Given:
    """What a form gives to a step beside its text."""

    note: str = ""
    internal: str = ""
    unit: Unit | None = None
    assisting: Sequence[Unit] = ()
    category: str = ""
    number: str = ""


@audit.atomic
def take_appeal_step(
    *, appeal: Appeal, name: str, actor: User, seen: int, given: Given | None = None
) -> Appeal:
    """Take one step of the table; ``seen`` is the number of steps that the page showed.

    Raises PermissionDenied without a part in it, Refused when the step does not fit, Stale
    when somebody was faster; audited, and who is next is told.
    """
    given = given or Given()
    parts = parts_in(actor, appeal)
    if not parts:
        raise PermissionDenied(NOT_YOURS)
    require_open(appeal.campaign_id)
    step = check_step(name, standing=standing_of(appeal), parts=parts, note=given.note)
    _check(appeal, step, given, actor)
    unit = given.unit if step.needs_unit else appeal.unit
    changes = _changes(appeal, step, given)
    left = workdays_left(appeal) if step.name == "pause" else 0
    late = late_unit_of(appeal)
    move(appeal, changes, seen=seen)
    if step.needs_unit:
        appeal.assisting.set(each for each in given.assisting if each != unit)
    _keep_pause(appeal, step, left)
    if step.target not in _SAME_CLOCK:
        end_request(appeal)
    keep_event(
        appeal,
        step.name,
        step.label,
        actor=actor,
        unit=unit if step.part == Part.UNIT or step.needs_unit else None,
        note=given.note,
        internal=given.internal,
        **late,
    )
    audit.record(actor=actor, act=f"visits.{step.act}", subject=appeal)
    tell_next(appeal, step.label, actor, given.note)
    return appeal


def move(appeal: Appeal, changes: Mapping[str, object], *, seen: int) -> None:
    """Write the changes if it stands where it was seen; else raise Stale."""
    same = Appeal.objects.filter(pk=appeal.pk, state=appeal.state, step_count=appeal.step_count)
    if seen != appeal.step_count or same.update(step_count=seen + 1, **changes) != 1:
        raise Stale(STALE)
    for name, value in changes.items():
        setattr(appeal, name, value)
    appeal.step_count = seen + 1


def _check(appeal: Appeal, step: Step, given: Given, actor: User) -> None:
    if step.apart:
        raise Refused(f"「{step.label}」不在这里办理。")
    chosen = [each for each in (given.unit, *given.assisting) if each]
    units = units_to_dispatch_to(actor, appeal) if step.needs_unit else None
    if units is not None and (given.unit is None or not set(chosen) <= set(units)):
        raise Refused(NO_UNIT)
    if step.name == "reassign" and given.unit == appeal.unit:
        raise Refused(SAME_UNIT)
    if step.needs_number:
        _check_number(appeal, step, given.number.strip(), actor)
    if step.needs_category and not (given.category or appeal.category):
        raise Refused(NO_CATEGORY)


def _check_number(appeal: Appeal, step: Step, number: str, actor: User) -> None:
    """One number stands for one appeal, by hand as in the workbook."""
    if not number:
        raise Refused(NO_NUMBER)
    if step.name == "renumber" and number == appeal.hotline_number:
        raise Refused(SAME_NUMBER)
    holder = taken_numbers(actor, appeal.campaign, {number}).get(number, appeal.pk)
    if holder != appeal.pk:
        other = Appeal.objects.get(pk=holder)
        raise Refused(f"工单号「{number}」已经登记在{other}上，请核对。{WRONG_THERE}")


def _changes(appeal: Appeal, step: Step, given: Given) -> dict[str, object]:
    """The values of the state that the step leads to."""
    own = _OWN.get(step.name, _nothing)
    changes = {"state": step.target, **clock_of(step.target), **breach_of(appeal)}
    changes |= own(appeal, given)
    if step.needs_unit:
        changes |= {"unit": given.unit, "handler": None, "issued_on": timezone.localdate()}
    return changes | ({"category": given.category} if given.category else {})


def _nothing(appeal: Appeal, given: Given) -> dict[str, object]:
    return {}


def _signed(appeal: Appeal, given: Given) -> dict[str, object]:
    return {"signed_in_time": appeal.signed_in_time is not False and is_in_time(appeal)}


def _answered(appeal: Appeal, given: Given) -> dict[str, object]:
    in_time = appeal.answered_in_time is not False and is_in_time(appeal)
    return {"answer": given.note.strip(), "answered_in_time": in_time}


def _returned(appeal: Appeal, given: Given) -> dict[str, object]:
    return {"unit": None, "handler": None, "issued_on": None, "designated": True}


def _resumed(appeal: Appeal, given: Given) -> dict[str, object]:
    """What was left when it paused; at least today is left to whom an answer comes."""
    pause = AppealPause.objects.filter(appeal=appeal, resumed_on=None).first()
    if pause is None:  # somebody else has just gone on with it
        raise Stale(STALE)
    return clock(pause.workdays_left)


_OWN: Mapping[str, Callable[[Appeal, Given], dict[str, object]]] = {
    "sign": _signed,
    "answer": _answered,
    "return": _returned,
    "resume": _resumed,
    "reassign": lambda appeal, given: {"designated": True},
    "hotline": lambda appeal, given: {"hotline_number": given.number.strip()},
    "renumber": lambda appeal, given: {"hotline_number": given.number.strip()},
    "hotline_result": lambda appeal, given: {"answer": given.note.strip()},
}


_SAME_CLOCK = {AppealState.HANDLING, AppealState.PAUSED}  # it goes on, or waits to


def _keep_pause(appeal: Appeal, step: Step, left: int) -> None:
    today = timezone.localdate()
    if step.name == "pause":
        AppealPause.objects.create(appeal=appeal, paused_on=today, workdays_left=left)
    else:
        AppealPause.objects.filter(appeal=appeal, resumed_on=None).update(resumed_on=today)


### Who is told


def tell_next(appeal: Appeal, label: str, actor: User | None, note: str = "") -> None:
    """Whoever has the next step, the first of the roles in which somebody may take it.

    Without an actor the step follows from what the person who raised it has answered.
    """
    others = [person for person in _able(appeal) if actor is None or person.pk != actor.pk]
    tell(appeal, others, title_of_step(appeal, label, actor), note)


def title_of_step(appeal: Appeal, label: str, actor: User | None) -> str:
    """Who has taken the step, and where the appeal stands now."""
    who = actor.name if actor else "群众作答后"
    done = f"按{label}" if label == AppealState.LAPSED.label else label
    return f"{appeal}：{who}已{done}{_now(appeal, label)}"


def _now(appeal: Appeal, label: str) -> str:
    """Where it stands now, unless the step has said so: 「已办结」 and not 「已办结，办结」."""
    state = appeal.get_state_display()
    return "" if label in state else f"，现在{state}"


def _able(appeal: Appeal) -> list[User]:
    if appeal.state in WITH_UNIT and appeal.unit is not None:
        if appeal.handler and has_its_handler(appeal):
            return [appeal.handler]
        return holders_of(Role.LIAISON, unit=appeal.unit)
    if appeal.state in {AppealState.UNASSIGNED, AppealState.ANSWERED}:
        return offices_of(appeal)
    return [appeal.visit.author]


def nobody_calls(appeal: Appeal) -> bool:
    """Whether it waits for a call that nobody may make: the units of all have handled it."""
    return appeal.state == AppealState.ANSWERED and not offices_of(appeal)


def offices_of(appeal: Appeal) -> list[User]:
    """Those nearest to the area who have the next part in it, by the role whose work it is.

    Where all of one place have handled it, those of the place above; none where nobody is left.
    """
    calling = appeal.state == AppealState.ANSWERED
    part, roles = (Part.CALLER, (Role.ORGANISATION, Role.OFFICE)) if calling else _OFFICE
    holders = holders_today(*roles)
    for role in roles:
        for nearest in holders.upwards(role, "", appeal.area.path):
            people = User.objects.filter(pk__in=nearest)
            if able := [person for person in people if part in parts_in(person, appeal)]:
                return able
    return []


_OFFICE = (Part.OFFICE, (Role.OFFICE,))


def tell(appeal: Appeal, people: Sequence[User], title: str, body: str = "") -> None:
    unique = dict.fromkeys(person.pk for person in people)
    event = f"visits.appeal:{appeal.pk}:{appeal.step_count}"
    notices.send(
        Message(event, person, title[:TITLE_LENGTH], body, page_of_appeal(appeal))
        for person in unique
    )
