"""Correcting a visit: what stood there stays to be read, and its target is judged anew."""

from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils import timezone

from campaign.services import require_open
from core import audit
from organisation.models import User
from visits.choices import OUTCOMES_OF, Outcome, TargetKind, Way
from visits.coverage import state_of
from visits.entry import text_key
from visits.models import Target, Visit, VisitVersion
from visits.queries.denominator import visits_of
from visits.rules import can_correct
from visits.services.counters import hold, move_count
from visits.services.entry_days import require_day
from visits.services.visit import NO_SUCH_OUTCOME

NOT_YOURS = "走访记录由登记它的人更正，代录的也可以由代录人更正。"
MOVED_ON = "这条记录刚才在别的窗口更正过。请看过现在的内容再改，您写的没有保存。"
NOTHING_NEW = "内容和现在的一样，没有要更正的。"


class Superseded(Exception):
    """The visit is not as its corrector saw it any more; the text says so, in Chinese."""


@audit.atomic
def correct_visit(
    *,
    visit: Visit,
    actor: User,
    seen_version: int,
    reason: str,
    visited_on: date,
    way: Way,
    outcome: Outcome,
    began: time | None = None,
    companions: str = "",
    heard: str = "",
    late_reason: str = "",
) -> Visit:
    """Put other content in place of the visit's, keep the former, and judge the target anew.

    Its state is what all its visits come to, so a correction can take a coverage back. A day more
    than three days before the entry needs its reason as a late entry does; without a new one the
    former reason stands. Raises PermissionDenied for others than who logged it and for what
    cannot be; Superseded where another window was quicker, or where nothing differs.
    """
    require_open(visit.target.campaign_id)
    if not can_correct(actor, visit):
        raise PermissionDenied(NOT_YOURS)
    before = Visit.objects.get(pk=visit.pk)
    after = {
        "visited_on": visited_on,
        "began": began,
        "way": Way(way),
        "outcome": Outcome(outcome),
        "companions": companions,
        "heard": heard,
        "late_reason": late_reason.strip() or before.late_reason,
    }
    _require_possible(visit.target, before, after)
    if before.version != seen_version:
        raise Superseded(MOVED_ON)
    if all(getattr(before, name) == value for name, value in after.items()):
        raise Superseded(NOTHING_NEW)
    target = _held_target(visit)
    as_seen = Visit.objects.filter(pk=visit.pk, version=seen_version)
    if not as_seen.update(version=seen_version + 1, text_key=text_key(heard), **after):
        raise Superseded(MOVED_ON)
    _keep(before, after.keys(), actor, reason)
    if not target.struck_at:
        _judge_anew(target)
    audit.record(actor=actor, act="visits.correct_visit", subject=visit, number=seen_version + 1)
    visit.refresh_from_db()
    return visit


def _require_possible(target: Target, before: Visit, after: Mapping[str, Any]) -> None:
    if after["outcome"] not in OUTCOMES_OF[TargetKind(target.kind)]:
        raise PermissionDenied(NO_SUCH_OUTCOME)
    require_day(
        target.campaign,
        visited_on=after["visited_on"],
        received_at=before.received_at,
        late_reason=after["late_reason"],
    )


def _keep(before: Visit, names: Iterable[str], actor: User, reason: str) -> None:
    VisitVersion.objects.create(
        visit=before,
        number=before.version,
        text={name: _said(getattr(before, name)) for name in names},
        replaced_by=actor,
        replaced_at=timezone.now(),
        reason=reason.strip(),
    )


def _held_target(visit: Visit) -> Target:
    """What the visit counts for, held: a split or a merge may have moved it meanwhile."""
    wanted, held = _counts_for(visit), None
    while held is None or wanted != held.pk:
        (held,) = hold(wanted)
        wanted = _counts_for(visit)
    return held


def _counts_for(visit: Visit) -> int:
    target = Target.objects.get(visits=visit.pk)
    return target.merged_into_id or target.pk


def _said(value: object) -> str:
    return "" if value is None else str(value)


def _judge_anew(target: Target) -> None:
    """State and last day from all visits to the target, which is held."""
    visits = visits_of(target)
    after = state_of(visits.values_list("outcome", flat=True))
    latest = visits.aggregate(day=Max("visited_on"))["day"]
    Target.objects.filter(pk=target.pk).update(state=after, last_visited_on=latest)
    if after != target.state:
        move_count(target, target.state, after)
