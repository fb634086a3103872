"""Writing down a visit, and what is asked for on it."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from organisation.queries import unit_of
from visits.choices import (
    OUTCOMES_OF,
    AppealState,
    Handling,
    Outcome,
    TargetKind,
    Way,
)
from visits.coverage import state_after
from visits.models import Appeal, Target, Visit
from visits.rules import can_visit
from visits.services.counters import hold, move_count
from visits.services.deadlines import reckoned

NO_SUCH_OUTCOME = "空挂户只用于群众，失联或注销只用于企业，请重新选择结果。"
STRUCK = "这个走访对象刚刚移出了登记册，不用再走访。"
SETTLED_AT_ONCE = {Handling.ANSWERED, Handling.EXPLAINED}


@dataclass(frozen=True)
class AppealDraft:
    """What the visited person asks for."""

    content: str
    handling: Handling


@audit.atomic
def record_visit(
    *,
    token: UUID,
    target: Target,
    author: User,
    visited_on: date,
    way: Way,
    outcome: Outcome,
    companions: str = "",
    heard: str = "",
    late_reason: str = "",
    appeal: AppealDraft | None = None,
    received_at: datetime | None = None,
) -> Visit:
    """Save a visit, move the target's state and its village's counter, open the appeal.

    A token that the same author has already saved for the same target returns that visit
    and changes nothing, so a retry is harmless. Raises PermissionDenied when no team of the
    author covers the target, or when the token belongs to another visit.
    """
    saved = Visit.objects.filter(token=token).first()
    if saved is not None:
        return _own_repeat(saved, author, target)
    require_open(target.campaign_id)
    if not can_visit(author, target):
        raise PermissionDenied("这个走访对象不在您所在服务队的包联范围内。")
    if outcome not in OUTCOMES_OF[TargetKind(target.kind)]:
        raise PermissionDenied(NO_SUCH_OUTCOME)
    try:
        with audit.atomic():
            visit = Visit.objects.create(
                token=token,
                target=target,
                author=author,
                visited_on=visited_on,
                way=way,
                outcome=outcome,
                companions=companions,
                heard=heard,
                late_reason=late_reason,
                received_at=received_at or timezone.now(),
            )
    except IntegrityError:  # the same form, sent twice at the same moment
        return _own_repeat(Visit.objects.get(token=token), author, target)
    _move_target(target, visit)
    if appeal:
        _open_appeal(visit, appeal)
    audit.record(actor=author, act="visits.record", subject=visit, target=target.pk)
    return visit


def _own_repeat(visit: Visit, author: User, target: Target) -> Visit:
    if (visit.author_id, visit.target_id) != (author.pk, target.pk):
        raise PermissionDenied("这个提交号已经用于另一条走访记录，请重新打开页面填写。")
    return visit


def _move_target(target: Target, visit: Visit) -> None:
    """Move the state of the entry as it is now by a conditional write, so that of two visits
    only one counts.

    A change of the register may just have moved the entry elsewhere, or struck it off.
    """
    while True:
        (now,) = hold(target.pk)
        if now.struck_at:
            raise PermissionDenied(STRUCK)
        after = state_after(now.state, visit.outcome)
        if Target.objects.filter(pk=now.pk, state=now.state).update(state=after):
            break
    latest = Q(last_visited_on=None) | Q(last_visited_on__lt=visit.visited_on)
    Target.objects.filter(latest, pk=now.pk).update(last_visited_on=visit.visited_on)
    if after != now.state:
        move_count(now, now.state, after)


def _open_appeal(visit: Visit, draft: AppealDraft) -> None:
    settled = draft.handling in SETTLED_AT_ONCE
    today = timezone.localdate()
    Appeal.objects.create(
        visit=visit,
        unit=unit_of(visit.author),
        content=draft.content,
        handling=draft.handling,
        state=AppealState.ANSWERED if settled else AppealState.OPEN,
        due_on=None if settled else reckoned(today),
        counted_from=None if settled else today,
    )
