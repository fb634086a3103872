"""Reads on campaigns and their stages."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign, Decision, Stage
from organisation.models import User


def running_campaigns(user: User) -> list[Campaign]:
    """What runs today where the person has a part, the latest to begin first."""
    running = Campaign.objects.visible_to(user).running(timezone.localdate())
    return list(running.select_related("area").order_by("-starts_on", "-id"))


def stages_of(campaign: Campaign) -> list[Stage]:
    return list(campaign.stages.all())


def stage_on(campaign: Campaign, day: date) -> Stage | None:
    """The stage that the day falls into; None before the first and after the last."""
    return campaign.stages.filter(starts_on__lte=day, ends_on__gte=day).first()


def decisions_on(stage: Stage) -> QuerySet[Decision]:
    """How the stage was ended and resumed, the newest first."""
    return stage.decisions.select_related("made_by")


def decisions_on_units(campaign: Campaign) -> QuerySet[Decision]:
    """Which units have joined and left on the way, the newest first."""
    return campaign.decisions.filter(stage=None).select_related("made_by", "unit")
