"""A stage: its dates, its gate, its end."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import queries, rules, services
from campaign.forms.campaign import DatesForm
from campaign.forms.tasks import ReasonForm
from campaign.models import Campaign, Stage
from campaign.services import Refused, WrongDates
from campaign.views.scoped import (
    NO_PART,
    ONLY_OFFICE,
    kept_campaign,
    kept_stage,
    visible_campaign,
)
from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_safe
@needs(takes_part, NO_PART)
def stage_detail(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """The tasks of a stage with how many have done them, and what stands against its end."""
    campaign = visible_campaign(request, pk)
    get_object_or_404(campaign.stages, kind=kind)
    if campaign.archived_at:
        return redirect("campaign:campaign-detail", pk)
    return _page(request, campaign, kind)


def _page(
    request: StaffRequest, campaign: Campaign, kind: str, form: ReasonForm | None = None
) -> HttpResponse:
    whole, today = rules.sees_the_whole(request.user), timezone.localdate()
    stages = (
        queries.overview_of(campaign, request.user, today).stages
        if whole
        else queries.own_lines(campaign, today, person=request.user)
    )
    line = next(each for each in stages if each.stage.kind == kind)
    context: dict[str, Any] = {
        "campaign": campaign,
        "line": line,
        "today": today,
        "whole": whole,
        "keeps": rules.keeps_campaign(request.user, campaign) and not campaign.archived_at,
        "form": form or ReasonForm(),
        "decisions": queries.decisions_on(line.stage) if whole else [],
        "open": [each for each in line.tasks if not each.is_done],
    }
    return render(request, "campaign/stage.html", context, status=422 if form else 200)


@require_POST
@needs(rules.begins_campaigns, ONLY_OFFICE)
def stage_end(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """End the stage: its gate holds, or a reason is given."""
    return _decide(request, kept_stage(request, pk, kind), services.end_stage, "已结束")


@require_POST
@needs(rules.begins_campaigns, ONLY_OFFICE)
def stage_resume(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """Take the end back, with a reason."""
    return _decide(request, kept_stage(request, pk, kind), services.resume_stage, "已恢复")


def _decide(request: StaffRequest, stage: Stage, act: Any, done: str) -> HttpResponse:
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            act(stage=stage, actor=request.user, reason=form.cleaned_data["reason"])
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{stage.get_kind_display()}{done}。")
            return redirect("campaign:stage-detail", stage.campaign_id, stage.kind)
    return _page(request, stage.campaign, stage.kind, form)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def dates(request: StaffRequest, pk: int) -> HttpResponse:
    """Move the stages: first what would move with them, then the save of just these dates."""
    campaign = kept_campaign(request, pk)
    form = DatesForm(
        request.POST if request.method == "POST" else None,
        windows=services.windows_of(campaign),
        ended=set(campaign.stages.exclude(ended_at=None).values_list("kind", flat=True)),
        cancel_url=f"/campaign/{pk}/",
    )
    context: dict[str, Any] = {"campaign": campaign, "form": form}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("confirm") == form.previewed:
            try:
                moved = services.change_dates(
                    campaign=campaign,
                    windows=form.windows,
                    seen=form.seen_windows,
                    actor=request.user,
                )
            except (Refused, WrongDates) as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, f"日期已保存，{moved} 项任务的期限随之改变。")
                return redirect("campaign:campaign-detail", pk)
        else:
            context["shifts"] = services.shifts(campaign, form.windows)
            context["previews"] = True
    faulty = form.is_bound and not form.is_valid()
    return render(request, "campaign/dates.html", context, status=422 if faulty else 200)
