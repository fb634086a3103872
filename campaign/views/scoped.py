"""Fetching what an address names, as far as the person may know it."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from campaign import rules
from campaign.models import Campaign, Stage, StageTask
from organisation.requests import StaffRequest

NO_PART = "这个账号不参与专项行动。请用参与专项行动的账号登录。"
ONLY_OFFICE = "专项行动由作风办建立和修改。"
NOT_YOURS = "这次专项行动由它所在区划的作风办管理。"


def visible_campaign(request: StaffRequest, pk: int) -> Campaign:
    campaigns = Campaign.objects.visible_to(request.user).select_related("area")
    return get_object_or_404(campaigns, pk=pk)


def kept_campaign(request: StaffRequest, pk: int) -> Campaign:
    """The campaign, which the person's office must lead and nobody have archived."""
    campaign = visible_campaign(request, pk)
    if not rules.keeps_campaign(request.user, campaign):
        raise PermissionDenied(NOT_YOURS)
    if campaign.archived_at:
        raise PermissionDenied("这次专项行动已经归档，只能查看。")
    return campaign


def kept_stage(request: StaffRequest, pk: int, kind: str) -> Stage:
    campaign = kept_campaign(request, pk)
    return get_object_or_404(campaign.stages.select_related("campaign__area"), kind=kind)


def kept_task(request: StaffRequest, pk: int, task: int) -> StageTask:
    campaign = kept_campaign(request, pk)
    tasks = StageTask.objects.filter(stage__campaign=campaign)
    return get_object_or_404(tasks.select_related("stage__campaign__area"), pk=task)


def visible_task(request: StaffRequest, pk: int) -> StageTask:
    campaigns = Campaign.objects.visible_to(request.user)
    tasks = StageTask.objects.filter(stage__campaign__in=campaigns)
    return get_object_or_404(tasks.select_related("stage__campaign__area"), pk=pk)
