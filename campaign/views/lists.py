"""The lists of a campaign, and the units that take part."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import queries, rules, services
from campaign.forms.lists import JoinForm, LeaveForm, ListForm
from campaign.services import Refused
from campaign.views.scoped import NO_PART, ONLY_OFFICE, kept_campaign, visible_campaign
from core.paging import part_of
from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part

DECISIONS_SHOWN = 50  # the newest; the audit trail has all


@require_safe
@needs(takes_part, NO_PART)
def term_lists(request: StaffRequest, pk: int) -> HttpResponse:
    """All lists of a campaign with their rows."""
    campaign = visible_campaign(request, pk)
    context = {
        "campaign": campaign,
        "lists": campaign.taxonomies.prefetch_related("categories").order_by("id"),
        "keeps": rules.keeps_campaign(request.user, campaign) and not campaign.archived_at,
    }
    return render(request, "campaign/lists.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def term_list_update(request: StaffRequest, pk: int, taxonomy: int) -> HttpResponse:
    """Other words, more rows, fewer rows."""
    campaign = kept_campaign(request, pk)
    found = get_object_or_404(campaign.taxonomies, pk=taxonomy)
    posted = request.POST if request.method == "POST" else None
    form = ListForm(posted, taxonomy=found, cancel_url=f"/campaign/{pk}/lists/")
    if form.is_valid():
        try:
            services.change_list(taxonomy=found, rows=form.wanted, actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"「{found.name}」已保存。")
            return redirect("campaign:term-lists", pk)
    context = {"campaign": campaign, "taxonomy": found, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "campaign/list_form.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def participants(request: StaffRequest, pk: int) -> HttpResponse:
    """The units that take part; a POST adds one."""
    campaign = kept_campaign(request, pk)
    form = JoinForm(request.POST if request.method == "POST" else None, campaign=campaign)
    if form.is_valid():
        unit = form.cleaned_data["unit"]
        try:
            services.join(
                campaign=campaign,
                unit=unit,
                reason=form.cleaned_data.get("reason", ""),
                today=timezone.localdate(),
                actor=request.user,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{unit.name}已加入。")
            return redirect("campaign:participants", pk)
    rows = campaign.participants.select_related("unit__area").order_by("unit__path")
    present = [row for row in rows if row.left_on is None]
    context = {
        "campaign": campaign,
        "form": form,
        "number": len(present),
        "page": part_of(present, request),
        "decisions": queries.decisions_on_units(campaign)[:DECISIONS_SHOWN],
    }
    status = 422 if form.is_bound else 200
    return render(request, "campaign/participants.html", context, status=status)


@require_POST
@needs(rules.begins_campaigns, ONLY_OFFICE)
def participant_leave(request: StaffRequest, pk: int, unit: int) -> HttpResponse:
    """A unit leaves, with the reason."""
    campaign = kept_campaign(request, pk)
    row = get_object_or_404(campaign.participants.select_related("unit"), unit=unit)
    form = LeaveForm(request.POST)
    if not form.is_valid():
        messages.error(request, f"{row.unit.name}没有退出：请写明原因。")
        return redirect("campaign:participants", pk)
    reason = form.cleaned_data["reason"]
    try:
        services.leave(
            participant=row, reason=reason, today=timezone.localdate(), actor=request.user
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{row.unit.name}已退出，它办过的事保留。")
    return redirect("campaign:participants", pk)
