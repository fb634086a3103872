"""Which units take part: the denominator, changed only by named acts."""

from datetime import date

from campaign.choices import DecisionKind
from campaign.models import Campaign, Decision, Participant
from campaign.services.open import hold_open, require_open
from campaign.services.refused import Refused
from core import audit
from organisation.models import Unit, User


@audit.atomic
def join(
    *, campaign: Campaign, unit: Unit, today: date, actor: User, reason: str = ""
) -> Participant:
    """A unit of the campaign's area takes part, for the first time or again.

    Once the campaign has begun it changes the denominator: Refused without a reason.
    """
    if campaign.starts_on <= today and not reason.strip():
        raise Refused("行动已经开始，请写明加入的原因。")
    if unit.closed_on or not unit.area.is_under(campaign.area.path):
        raise Refused(f"{unit.name}不在{campaign.area.name}的范围内，或者已经撤销。")
    hold_open(campaign.pk)
    row = Participant.objects.filter(campaign=campaign, unit=unit).first()
    if row and row.left_on is None:
        raise Refused(f"{unit.name}已经是参与单位。")
    if row is None:
        row = Participant(campaign=campaign, unit=unit, joined_on=today)
    row.left_on, row.reason = None, ""
    row.save()
    _keep_decision(row, DecisionKind.JOINED, actor, reason)
    audit.record(actor=actor, act="campaign.join", subject=row, unit=unit.pk, reason=reason.strip())
    return row


@audit.atomic
def leave(*, participant: Participant, reason: str, today: date, actor: User) -> None:
    """A unit does not take part any more; what it has done stays. Raises Refused."""
    if not reason.strip():
        raise Refused("请写明退出的原因。")
    require_open(participant.campaign_id)
    left = Participant.objects.filter(pk=participant.pk, left_on=None).update(
        left_on=today, reason=reason.strip()
    )
    if left != 1:
        raise Refused("这个单位已经退出。")
    _keep_decision(participant, DecisionKind.LEFT, actor, reason)
    audit.record(
        actor=actor,
        act="campaign.leave",
        subject=participant,
        unit=participant.unit_id,
        reason=reason.strip(),
    )


def _keep_decision(row: Participant, kind: DecisionKind, actor: User, reason: str) -> None:
    Decision.objects.create(
        campaign_id=row.campaign_id,
        unit_id=row.unit_id,
        kind=kind,
        made_by=actor,
        reason=reason.strip(),
    )
