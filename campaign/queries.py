"""Reads on campaigns."""

from datetime import date

from django.utils import timezone

from campaign.models import Campaign, Stage


def current_campaign() -> Campaign | None:
    """The campaign that runs today, the latest when there are several; None when none does."""
    return Campaign.objects.running(timezone.localdate()).order_by("-starts_on", "-id").first()


def stages_of(campaign: Campaign) -> list[Stage]:
    return list(campaign.stages.all())


def stage_on(campaign: Campaign, day: date) -> Stage | None:
    """The stage that the day falls into; with overlaps the one that began last."""
    return (
        campaign.stages.filter(starts_on__lte=day, ends_on__gte=day).order_by("-starts_on").first()
    )
