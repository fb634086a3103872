"""Raising supervision slips, by the rule or by hand, each with the next number."""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from campaign.services import require_open
from core import audit
from issues.choices import SLIP_OPEN, Pace, SlipReason
from issues.models import Issue, SlipEvent, SupervisionSlip
from issues.queries import appeals_without_slip, without_slip
from issues.rules import raises_appeal_slips, raises_slips
from issues.services.slip_deadlines import due_of
from issues.services.slip_steps import concerned, tell
from issues.workflow import Refused
from organisation.models import User
from visits.models import Appeal

Matter = Issue | Appeal
logger = logging.getLogger(__name__)

NOT_YOURS_TO_RAISE = "督办单由纪委监委对已备案、未销号的问题出具，不能督办本人和本单位的问题。"
NOT_YOURS_TO_RAISE_ON_APPEAL = "督办单由纪委监委对单位正在办理的诉求出具，不能督办本单位的诉求。"
OPEN_ALREADY = "这件事已有一张交办的督办单没有审结，请在那张上办理。"
CROWDED = "同时出具督办单的人太多，这一张没有出具。请稍后再试。"
ATTEMPTS = 100  # each failed one means that somebody else's slip has got the number
ASKED = {  # what the rule asks for, and how soon
    SlipReason.OVERDUE: (
        Pace.ORDINARY,
        "整改时限已过。请抓紧整改，按时报送办理结果；仍办不完的，写明进展、原因和下一步打算。",
    ),
    SlipReason.RETURNED: (
        Pace.ORDINARY,
        "申请销号已两次被退回。请对照退回理由逐条整改到位，报送办理结果后再申请销号。",
    ),
    SlipReason.DISSATISFIED: (
        Pace.URGENT,
        "回头看发现问题反弹，群众不满意。请查清反弹的原因，重新整改，报送办理结果。",
    ),
    SlipReason.UNANSWERED: (
        Pace.URGENT,
        "诉求的办理时限已过，逐级提醒后仍未答复。请抓紧办理，当面答复群众，报送办理结果。",
    ),
    SlipReason.NOT_HELPED: (
        Pace.URGENT,
        "群众两次回访都说没有解决或不满意。请主要负责人过问，当面听取群众意见，重新办理，报送办理结果。",
    ),
}


@audit.atomic
def raise_slip(
    *, issue: Issue, actor: User, request: str, pace: Pace, token: UUID
) -> SupervisionSlip:
    """Raise one by hand; the same ``token`` again returns the one it has raised.

    Raises PermissionDenied, Refused; audited, and the unit is told.
    """
    if not raises_slips(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_RAISE)
    require_open(issue.campaign_id)
    if not request.strip():
        raise Refused("请写明办理要求：办什么、办到什么程度。")
    return _by_hand(issue, actor, request, pace, token)


@audit.atomic
def raise_appeal_slip(
    *, appeal: Appeal, actor: User, request: str, pace: Pace, token: UUID
) -> SupervisionSlip:
    """The same on an appeal that a unit has in hand; numbered with those on items."""
    if not raises_appeal_slips(actor, appeal):
        raise PermissionDenied(NOT_YOURS_TO_RAISE_ON_APPEAL)
    require_open(appeal.campaign_id)
    if not request.strip():
        raise Refused("请写明办理要求：办什么、办到什么程度。")
    return _by_hand(appeal, actor, request, pace, token)


def _by_hand(matter: Matter, actor: User, request: str, pace: Pace, token: UUID) -> SupervisionSlip:
    occasion = str(token)
    slip = _numbered(
        matter, SlipReason.BY_HAND, occasion, raised_by=actor, request=request.strip(), pace=pace
    )
    if slip is None:
        known = SupervisionSlip.objects.filter(**_key(matter), occasion=occasion, raised_by=actor)
        if repeated := known.first():
            return repeated
        raise Refused(OPEN_ALREADY)
    title = f"{slip}要求办理{slip.matter}「{slip.title}」，请签收"
    tell(slip, f"issues.slip:{slip.pk}", concerned(slip), title, slip.request)
    return slip


def _key(matter: Matter) -> dict[str, Any]:
    """The column of a slip that holds the matter."""
    return {"issue": matter} if isinstance(matter, Issue) else {"appeal": matter}


def raise_due_slips(today: date) -> int:
    """Raise what the rule asks for and is not there yet; returns how many.

    Each stands by itself: one that fails is logged, and looked at again the next time. Two
    workers at once raise no more than one. Whom it concerns is told in the day's digest.
    """
    found = [(reason, key) for reason in ASKED for key in _without(reason, today).values_list("pk")]
    return sum(_raised_by_rule(reason, key, today) for reason, (key,) in found)


def _raised_by_rule(reason: SlipReason, key: int, today: date) -> bool:
    try:
        return _raise_by_rule(reason, key, today)
    except (Refused, PermissionDenied):  # crowded, or archived meanwhile
        logger.warning("no slip was raised: %s of %s", reason.value, key, exc_info=True)
        return False


@audit.atomic
def _raise_by_rule(reason: SlipReason, key: int, today: date) -> bool:
    """Look once more in the transaction that raises it: the item may have moved."""
    matter = _without(reason, today).select_related("unit__area").filter(pk=key).first()
    if matter is None:
        return False
    require_open(matter.campaign_id)
    pace, request = ASKED[reason]
    occasion = str(matter.occasion)
    return _numbered(matter, reason, occasion, request=request, pace=pace) is not None


def _without(reason: SlipReason, today: date) -> QuerySet[Any]:
    """The items, or the appeals, that the rule asks a slip for."""
    of_appeals = reason in {SlipReason.UNANSWERED, SlipReason.NOT_HELPED}
    return appeals_without_slip(reason, today) if of_appeals else without_slip(reason, today)


def _numbered(
    matter: Matter, reason: SlipReason, occasion: str, *, pace: Pace, **values: object
) -> SupervisionSlip | None:
    """With the next number of campaign and year; None when a like one is there already.

    Whoever gets a number that another has taken meanwhile takes the next; a number is taken
    with its slip or not at all, so there are no gaps.
    """
    today = timezone.localdate()
    values |= {**_key(matter), "reason": reason, "occasion": occasion, "pace": pace}
    values |= {"unit_id": matter.unit_id, "counted_from": today, "due_on": due_of(today, pace)}
    for _ in range(ATTEMPTS):
        try:
            with audit.atomic():
                return _created(matter.campaign_id, today.year, values)
        except IntegrityError:
            if _is_there(matter, reason, occasion):
                return None
    raise Refused(CROWDED)


def _created(campaign: int, year: int, values: Mapping[str, Any]) -> SupervisionSlip:
    given = SupervisionSlip.objects.filter(campaign=campaign, year=year)
    last = given.aggregate(last=Max("number"))["last"] or 0
    slip = SupervisionSlip.objects.create(
        campaign_id=campaign, year=year, number=last + 1, **values
    )
    SlipEvent.objects.create(
        slip=slip,
        number=0,
        actor=slip.raised_by,
        step="raise",
        label="出具督办单",
        to_state=slip.state,
        note=slip.request,
    )
    audit.record(actor=slip.raised_by, act="issues.raise_slip", subject=slip, reason=slip.reason)
    return slip


def _is_there(matter: Matter, reason: SlipReason, occasion: str) -> bool:
    like = Q(occasion=occasion) | Q(state__in=sorted(SLIP_OPEN))
    return SupervisionSlip.objects.filter(like, **_key(matter), reason=reason).exists()
