"""The way of a supervision slip: received, answered, signed, closed by others than answered it."""

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from issues.choices import SlipState
from issues.models import SlipEvent, SupervisionSlip
from issues.queries import page_of_slip
from issues.rules import parts_in
from issues.services.items import Stale
from issues.services.slip_deadlines import due_of
from issues.slip_way import Part, Step, check_step, part_next
from organisation.choices import Role
from organisation.models import User
from organisation.queries import holders_of

NOT_YOUR_SLIP = "这张督办单不由您办理；自己报送的结果不能自己审。"
STALE = "这张督办单刚刚被别人办理了，您看到的不是最新内容。请刷新页面后再操作。"
TITLE_LENGTH = 120  # of a message


@audit.atomic
def take_slip_step(
    *, slip: SupervisionSlip, name: str, actor: User, note: str = "", seen: int
) -> SupervisionSlip:
    """Take one step of the table; ``seen`` is the number of steps that the page showed.

    Raises PermissionDenied without a part in it, Refused when the step does not fit, Stale
    when somebody was faster; audited, and who is next is told.
    """
    parts = parts_in(actor, slip)
    if not parts:
        raise PermissionDenied(NOT_YOUR_SLIP)
    require_open(slip.campaign_id)
    step = check_step(name, state=slip.state, parts=parts, note=note)
    changes = _changes(slip, step, actor)
    moved = SupervisionSlip.objects.filter(pk=slip.pk, state=slip.state, step_count=slip.step_count)
    if seen != slip.step_count or moved.update(step_count=seen + 1, **changes) != 1:
        raise Stale(STALE)
    slip.refresh_from_db(fields=["step_count", *changes])
    event = _keep_step(slip, actor, step, note)
    audit.record(actor=actor, act=f"issues.{step.act}", subject=slip)
    _tell_after(slip, step, event)
    return slip


def _changes(slip: SupervisionSlip, step: Step, actor: User) -> dict[str, object]:
    changes: dict[str, object] = {"state": step.target}
    if step.name == "answer":
        changes["answered_by"] = actor
    if step.name == "sign":
        changes["signed_by"] = actor
    if step.target == SlipState.CLOSED:
        changes["closed_by"] = actor
    if step.renews:
        today = timezone.localdate()
        changes |= {"signed_by": None, "counted_from": today, "due_on": due_of(today, slip.pace)}
    return changes


def _keep_step(slip: SupervisionSlip, actor: User, step: Step, note: str) -> SlipEvent:
    return SlipEvent.objects.create(
        slip=slip,
        number=slip.step_count,
        actor=actor,
        step=step.name,
        label=step.label,
        to_state=step.target,
        note=note.strip(),
    )


def _tell_after(slip: SupervisionSlip, step: Step, event: SlipEvent) -> None:
    """Those who may take the next step that it waits; at the end, who has to know of it."""
    part = part_next(slip.state)
    if step.is_return or part is None:
        title = f"{slip}：{step.part.value}已{step.label}"
        people = concerned(slip)
        if slip.answered_by:
            people.append(slip.answered_by)
    elif step.name == "receive":
        return  # it goes on waiting for the same people
    else:
        title, people = f"{slip}「{slip.title}」等您{_WAITS[part]}", _able(slip, part)
    others = [person for person in people if person.pk != event.actor_id]
    tell(slip, f"issues.slip_step:{event.pk}", others, title, event.note)


_WAITS = {Part.UNIT_LEADER: "审签", Part.DISCIPLINE: "审结"}
_HOLDERS = {
    Part.HANDLER: (Role.UNIT_HEAD, Role.LIAISON),
    Part.UNIT_LEADER: (Role.UNIT_HEAD, Role.DEPUTY),
    Part.DISCIPLINE: (Role.DISCIPLINE,),
}


def _able(slip: SupervisionSlip, part: Part) -> list[User]:
    """The first of these roles in which somebody may take the part, as for an item."""
    for role in _HOLDERS[part]:
        able = [each for each in holders_of(role, unit=slip.unit) if part in parts_in(each, slip)]
        if able:
            return able
    return []


def concerned(slip: SupervisionSlip) -> list[User]:
    """Who answers for the matter, and the head of the unit."""
    own = [slip.responsible] if slip.responsible else []
    return [*own, *_able(slip, Part.HANDLER)]


def tell(slip: SupervisionSlip, event: str, people: list[User], title: str, body: str) -> None:
    unique = dict.fromkeys(person.pk for person in people)
    notices.send(
        Message(event, person, title[:TITLE_LENGTH], body, page_of_slip(slip)) for person in unique
    )
