"""Reads on campaigns and their stages."""

from datetime import date

from django.utils import timezone

from campaign.models import Campaign, Stage
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
