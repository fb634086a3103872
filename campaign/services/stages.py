"""Stages: their dates, and how they end."""

from collections.abc import Mapping
from datetime import date

from django.db.models import F
from django.utils import timezone

from campaign import schedule
from campaign.choices import DecisionKind, StageKind
from campaign.models import Campaign, Decision, Stage
from campaign.queries.gate import gate_of
from campaign.schedule import Window, WrongDates
from campaign.services.deadlines import recompute, windows_of
from campaign.services.open import hold_open
from campaign.services.refused import Refused
from campaign.services.tasks import see_tasks
from core import audit
from organisation.models import User

STALE = "别人刚刚改过阶段，没有保存。请重新打开页面再改。"


@audit.atomic
def change_dates(
    *,
    campaign: Campaign,
    windows: Mapping[StageKind, Window],
    seen: Mapping[StageKind, Window],
    actor: User,
) -> int:
    """Move the stages, and every deadline reckoned from them; returns how many moved.

    ``seen`` are the dates the person was shown: if they are others by now, Refused. An ended
    stage keeps its dates. Raises WrongDates and Refused; audited.
    """
    held = hold_open(campaign.pk)
    present = windows_of(held)
    if present != dict(seen):
        raise Refused(STALE)
    schedule.check(windows)
    for stage in held.stages.all():
        wanted = windows[StageKind(stage.kind)]
        if stage.ended_at and wanted != stage.window:
            raise WrongDates(f"{stage.get_kind_display()}已经结束，不能再改日期。")
        Stage.objects.filter(pk=stage.pk).update(starts_on=wanted.start, ends_on=wanted.end)
    Campaign.objects.filter(pk=held.pk).update(
        starts_on=windows[schedule.ORDER[0]].start, ends_on=windows[schedule.ORDER[-1]].end
    )
    moved = recompute(held)
    audit.record(
        actor=actor,
        act="campaign.change_dates",
        subject=campaign,
        dates=[f"{kind}: {each.start}..{each.end}" for kind, each in windows.items()],
        moved=moved,
    )
    return moved


@audit.atomic
def end_stage(*, stage: Stage, actor: User | None, reason: str = "") -> Stage:
    """End a stage: its gate holds, or a named person says why it ends all the same.

    Stages end in their order. Without an ``actor`` (the daily look) the gate must hold.
    Raises Refused; audited.
    """
    hold_open(stage.campaign_id)
    held = Stage.objects.select_related("campaign").get(pk=stage.pk)
    earlier = held.campaign.stages.filter(starts_on__lt=held.starts_on, ended_at=None).first()
    if held.ended_at:
        raise Refused("这个阶段已经结束。")
    if earlier:
        raise Refused(f"{earlier.get_kind_display()}还没有结束，请先结束它。")
    gate = gate_of(held)
    if not gate.holds and not (actor and reason.strip()):
        raise Refused(f"还有 {len(gate.open)} 项任务没有完成。确要结束，请写明原因。")
    held.ended_at = timezone.now()
    held.ended_by = actor
    held.end_reason = "" if gate.holds else reason.strip()
    held.save(update_fields=["ended_at", "ended_by", "end_reason"])
    _keep_decision(held, DecisionKind.ENDED, actor, held.end_reason)
    audit.record(
        actor=actor, act="campaign.end_stage", subject=held, gate=gate.holds, open=len(gate.open)
    )
    return held


@audit.atomic
def resume_stage(*, stage: Stage, actor: User, reason: str) -> Stage:
    """Take the end of a stage back; those after it must not have ended. Raises Refused."""
    hold_open(stage.campaign_id)
    held = Stage.objects.get(pk=stage.pk)
    if not held.ended_at:
        raise Refused("这个阶段没有结束，不用恢复。")
    if not reason.strip():
        raise Refused("请写明恢复的原因。")
    later = Stage.objects.filter(campaign=held.campaign_id, starts_on__gt=held.starts_on)
    if later.exclude(ended_at=None).exists():
        raise Refused("后面的阶段已经结束，请先恢复后面的阶段。")
    held.ended_at = held.ended_by = None
    held.end_reason = ""
    held.save(update_fields=["ended_at", "ended_by", "end_reason"])
    _keep_decision(held, DecisionKind.RESUMED, actor, reason.strip())
    audit.record(actor=actor, act="campaign.resume_stage", subject=held, reason=reason.strip())
    return held


def _keep_decision(stage: Stage, kind: DecisionKind, actor: User | None, reason: str) -> None:
    Decision.objects.create(
        campaign_id=stage.campaign_id, stage=stage, kind=kind, made_by=actor, reason=reason
    )


def look_at_stages(today: date) -> None:
    """Write down what is seen of tasks, then end what that leaves to be ended."""
    see_tasks(today)
    end_due_stages(today)


def end_due_stages(today: date) -> int:
    """End every stage whose last day has passed and whose gate holds; returns how many."""
    waiting = Stage.objects.filter(
        ended_at=None, ends_on__lt=today, campaign__archived_at=None
    ).order_by(F("campaign_id"), "starts_on")
    ended = 0
    for stage in waiting:
        try:
            end_stage(stage=stage, actor=None)
        except Refused:
            continue
        ended += 1
    return ended
