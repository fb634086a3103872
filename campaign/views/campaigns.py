"""The campaign's page, its units, and how a campaign is made."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import queries, rules, services
from campaign.blueprints import PLANS, Plan
from campaign.choices import GROUPS, Blueprint
from campaign.forms.campaign import BeginForm
from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of, choose_campaign
from campaign.schedule import windows_from
from campaign.services import Refused, WrongDates
from campaign.views.archive import totals_page, unit_totals_page
from campaign.views.scoped import NO_PART, ONLY_OFFICE, visible_campaign
from core.paging import part_of
from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part

LATE_SHOWN = 10


@require_safe
@needs(takes_part, NO_PART)
def overview(request: CampaignRequest) -> HttpResponse:
    """The page of the campaign that comes first for this person, or what to do without one."""
    campaign = campaign_of(request) or queries.latest_campaign(request.user)
    if campaign is None:
        begins = rules.begins_campaigns(request.user)
        return render(request, "campaign/none.html", {"begins": begins})
    return _page(request, campaign)


@require_safe
@needs(takes_part, NO_PART)
def campaign_list(request: StaffRequest) -> HttpResponse:
    """Every campaign that the person may know, the newest first."""
    known = Campaign.objects.visible_to(request.user).select_related("area")
    campaigns, today = list(known.order_by("-starts_on", "-id")), timezone.localdate()
    over = [each for each in campaigns if each.ends_on < today and not each.archived_at]
    context = {
        "campaigns": campaigns,
        "to_archive": {each.pk for each in over if rules.keeps_campaign(request.user, each)},
        "today": today,
        "begins": rules.begins_campaigns(request.user),
    }
    return render(request, "campaign/list.html", context)


@require_safe
@needs(takes_part, NO_PART)
def campaign_detail(request: CampaignRequest, pk: int) -> HttpResponse:
    """Where a campaign stands: the stages, what is late, and what is mine in it."""
    campaign = visible_campaign(request, pk)
    if campaign.archived_at:
        return totals_page(request, campaign)
    campaign_of(request)
    return _page(request, campaign)


@require_POST
@needs(takes_part, NO_PART)
def campaign_work(request: StaffRequest, pk: int) -> HttpResponse:
    """Work in this campaign, of several that run, until signing out; back to the same page."""
    running = queries.running_campaigns(request.user)
    campaign = next((each for each in running if each.pk == pk), None)
    if campaign is None:
        raise Http404
    choose_campaign(request, campaign)
    page = request.POST.get("next", "")
    return redirect(page if url_has_allowed_host_and_scheme(page, allowed_hosts=None) else "/")


def _page(request: CampaignRequest, campaign: Campaign) -> HttpResponse:
    today = timezone.localdate()
    found = queries.overview_of(campaign, request.user, today)
    oversees = rules.oversees(request.user)
    context = {
        "campaign": campaign,
        "found": found,
        "today": today,
        "oversees": oversees,
        "whole": rules.sees_the_whole(request.user),
        "late_units": found.late_units[:LATE_SHOWN] if oversees else [],
        "mine": queries.own_lines(campaign, today, person=request.user),
        "units": queries.spoken_for(campaign, request.user),
        "keeps": rules.keeps_campaign(request.user, campaign),
    }
    return render(request, "campaign/detail.html", context)


@require_safe
@needs(rules.oversees, "各单位的任务由作风办、组织部、纪委监委和领导查看。")
def unit_list(request: StaffRequest, pk: int) -> HttpResponse:
    """The units within reach, those with most late tasks first; ``?late=1`` those alone."""
    campaign = visible_campaign(request, pk)
    if campaign.archived_at:
        return redirect("campaign:campaign-detail", pk)
    lines = queries.overview_of(campaign, request.user, timezone.localdate()).units
    only_late = request.GET.get("late") == "1"
    late = [line for line in lines if line.late]
    context = {
        "campaign": campaign,
        "page": part_of(late if only_late else lines, request),
        "only_late": only_late,
        "whole": len(lines),
        "late": len(late),
    }
    return render(request, "campaign/units.html", context)


@require_safe
@needs(takes_part, NO_PART)
def unit_detail(request: StaffRequest, pk: int, unit: int) -> HttpResponse:
    """One unit's tasks, activities and institutions."""
    campaign = visible_campaign(request, pk)
    if campaign.archived_at:
        return unit_totals_page(request, campaign, unit)
    found = get_object_or_404(queries.units_in(campaign, request.user), pk=unit)
    today = timezone.localdate()
    context = {
        "campaign": campaign,
        "unit": found,
        "stages": queries.own_lines(campaign, today, unit=found),
        "today": today,
        "groups": GROUPS,
        "activities": campaign.activities.filter(unit=found).order_by("-held_on", "-id"),
        "institutions": campaign.institutions.filter(unit=found).prefetch_related("categories"),
        "speaks": rules.speaks_for(request.user, found),
    }
    return render(request, "campaign/unit.html", context)


@require_safe
@needs(rules.begins_campaigns, ONLY_OFFICE)
def campaign_choose(request: StaffRequest) -> HttpResponse:
    """From what a campaign is made: a blueprint, or an older campaign."""
    context = {
        "plans": [(kind, PLANS[kind]) for kind in Blueprint],
        "older": Campaign.objects.visible_to(request.user).order_by("-starts_on", "-id"),
    }
    return render(request, "campaign/choose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def campaign_create(request: StaffRequest, blueprint: str) -> HttpResponse:
    """Name, area and dates of a campaign after a blueprint."""
    if blueprint not in PLANS:
        raise Http404
    return _begin(request, PLANS[blueprint], blueprint)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def campaign_copy(request: StaffRequest, pk: int) -> HttpResponse:
    """The same for the next time: lists, stages and tasks as they are now."""
    older = visible_campaign(request, pk)
    return _begin(request, services.plan_of(older), older.blueprint, older)


def _begin(
    request: StaffRequest, plan: Plan, blueprint: str, older: Campaign | None = None
) -> HttpResponse:
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        user=request.user,
        windows=windows_from(timezone.localdate(), plan.days),
        initial={"organiser": older.organiser, "area": older.area} if older else {},
        cancel_url="/campaign/new/",
    )
    if (
        request.method == "POST"
        and form.is_valid()
        and (made := _made(request, form, plan, blueprint, older))
    ):
        messages.success(request, f"已新建{made.name}。请核对参与单位、任务和日期。")
        return redirect("campaign:campaign-detail", made.pk)
    context: dict[str, Any] = {"form": form, "plan": plan, "older": older, "blueprint": blueprint}
    return render(request, "campaign/begin.html", context, status=422 if form.is_bound else 200)


def _made(
    request: StaffRequest, form: BeginForm, plan: Plan, blueprint: str, older: Campaign | None
) -> Campaign | None:
    data = form.cleaned_data
    try:
        return services.begin_campaign(
            plan=plan,
            name=data["name"],
            area=data["area"],
            organiser=data["organiser"],
            windows=form.windows,
            units=queries.units_with_a_head(data["area"]),
            blueprint=blueprint,
            copied_from=older,
            actor=request.user,
        )
    except (Refused, WrongDates) as refusal:
        form.add_error(None, str(refusal))
        return None
