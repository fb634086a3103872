"""Writing down a visit, and what is asked for on it."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from hashlib import sha256
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Q
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.choices import (
    OUTCOMES_OF,
    Outcome,
    TargetKind,
    Way,
)
from visits.coverage import state_after
from visits.entry import text_key
from visits.models import Target, Visit
from visits.rules import can_visit
from visits.services.appeals import AppealDraft, open_appeals
from visits.services.counters import hold, move_count
from visits.services.entry_days import require_day

NOT_YOURS = "这个走访对象不在您所在服务队的包联范围内。"
NO_SUCH_OUTCOME = "空挂户只用于群众，失联或注销只用于企业，请重新选择结果。"
OTHER_CONTENT = "这份表单已经保存过，内容和这次的不同。已保存的没有改动；要改请打开那条记录更正。"
STRUCK = "这个走访对象刚刚移出了登记册，不用再走访。"


@audit.atomic
def record_visit(
    *,
    token: UUID,
    target: Target,
    author: User,
    visited_on: date,
    way: Way,
    outcome: Outcome,
    began: time | None = None,
    companions: str = "",
    heard: str = "",
    late_reason: str = "",
    appeals: Sequence[AppealDraft] = (),
    received_at: datetime | None = None,
) -> Visit:
    """Save a visit, move the target's state and its village's counter, open the appeals.

    A token that the same author has already saved for the same target with the same content
    returns that visit and changes nothing, so a retry is harmless; nor do the same words of the
    same day, as of who went back to the form. Raises OtherContent when it
    was something else, PermissionDenied when no team of the author covers the target, when the
    day cannot be or is late without a reason, or when the token belongs to another visit.
    """
    hour = [began] if began else []  # a form without it says what it said before there was one
    said = (*hour, *answers_in(appeals))
    sent = fingerprint(visited_on, way, outcome, companions, heard, late_reason, appeals, *said)
    if saved := _saved_already(token, author, target, sent, has_words=bool(heard or appeals)):
        return saved
    require_open(target.campaign_id)
    if not can_visit(author, target):
        raise PermissionDenied(NOT_YOURS)
    if outcome not in OUTCOMES_OF[TargetKind(target.kind)]:
        raise PermissionDenied(NO_SUCH_OUTCOME)
    received_at = received_at or timezone.now()
    require_day(
        target.campaign, visited_on=visited_on, received_at=received_at, late_reason=late_reason
    )
    try:
        with audit.atomic():
            visit = Visit.objects.create(
                token=token,
                target=target,
                author=author,
                visited_on=visited_on,
                began=began,
                way=way,
                outcome=outcome,
                companions=companions,
                heard=heard,
                late_reason=late_reason,
                received_at=received_at,
                sha256=sent,
                text_key=text_key(heard),
            )
    except IntegrityError:  # the same form, sent twice at the same moment
        return _own_repeat(Visit.objects.get(token=token), author, target, sent)
    _move_target(target, visit)
    open_appeals(visit=visit, target=target, drafts=appeals)
    audit.record(actor=author, act="visits.record", subject=visit, target=target.pk)
    return visit


class OtherContent(Exception):
    """The token was used for the same target with other content; that ``visit`` stands."""

    def __init__(self, visit: Visit) -> None:
        super().__init__(OTHER_CONTENT)
        self.visit = visit


def _own_repeat(visit: Visit, author: User, target: Target, sent: str) -> Visit:
    if (visit.author_id, visit.target_id) != (author.pk, target.pk):
        raise PermissionDenied("这个提交号已经用于另一条走访记录，请重新打开页面填写。")
    if visit.sha256 not in {"", sent}:
        raise OtherContent(visit)
    return visit


def _saved_already(
    token: UUID, author: User, target: Target, sent: str, *, has_words: bool
) -> Visit | None:
    """The visit of this token; or one that the author saved with these very words of that day."""
    saved = Visit.objects.filter(token=token).first()
    if saved is not None:
        return _own_repeat(saved, author, target, sent)
    if not has_words:
        return None
    return Visit.objects.filter(author=author, target=target, sha256=sent).first()


def answers_in(drafts: Sequence[AppealDraft]) -> list[list[str]]:
    """What a fingerprint takes in beside the drafts: what was answered on the spot, if anything."""
    answers = [draft.answer for draft in drafts]
    return [answers] if any(answers) else []


def fingerprint(*sent: object) -> str:
    """Of what the form said; a visit does not keep its first words once it is corrected."""
    return sha256(json.dumps(sent, default=str, ensure_ascii=False).encode()).hexdigest()


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
        as_seen = Target.objects.filter(pk=now.pk, state=now.state)
        if as_seen.update(state=after, taken_by=None, taken_until=None):
            break
    latest = Q(last_visited_on=None) | Q(last_visited_on__lt=visit.visited_on)
    Target.objects.filter(latest, pk=now.pk).update(last_visited_on=visit.visited_on)
    if after != now.state:
        move_count(now, now.state, after)
