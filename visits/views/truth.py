"""Hints on visits and the call-backs drawn from visits, for the organisation department."""

from dataclasses import replace

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.requests import CampaignRequest, campaign_of
from core.paging import page_of
from core.permissions import needs
from core.sought import to_list
from organisation.requests import StaffRequest
from visits import services
from visits.appeal_way import Refused
from visits.filters import FlagFilter
from visits.forms.truth import CheckForm, DrawForm
from visits.models import TruthCheck, TruthDraw, TruthFlag, Visit
from visits.queries import shown_to
from visits.queries.truth import areas_to_check, checks_of, draws_of, flags_of, results_of
from visits.rules import checks_visit, reads_flags
from visits.services.truth_draws import NOT_YOURS_TO_CHECK, drawn_again

ONLY_ORGANISATION = "走访的真实性提示和核实抽查由组织部使用。"
DRAWS_SHOWN = 8


@require_safe
@needs(reads_flags, ONLY_ORGANISATION)
def truth_list(request: CampaignRequest) -> HttpResponse:
    """The hints of the person's areas, the newest first; nobody's name stands there."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/truth_list.html", {"campaign": None})
    found = FlagFilter(request.GET, flags_of(request.user, campaign), request=request)
    context = {"campaign": campaign, "filter": found, "page": page_of(found.qs, request)}
    return render(request, "visits/truth_list.html", context)


@require_POST
@needs(reads_flags, ONLY_ORGANISATION)
def truth_search(request: StaffRequest) -> HttpResponse:
    """On to the hints, narrowed."""
    asked = {name: request.POST.get(name, "") for name in FlagFilter.base_filters}
    return to_list("visits:truth-list", asked)


@require_safe
@needs(reads_flags, ONLY_ORGANISATION)
def truth_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One hint with the visits that it is about."""
    flags = TruthFlag.objects.visible_to(request.user).select_related("area__parent")
    flag = get_object_or_404(flags, pk=pk)
    visits = Visit.objects.visible_to(request.user).filter(flags=flag)
    page = page_of(visits.select_related("target__area__parent"), request)
    shown = shown_to(request.user, [visit.target for visit in page])
    rows = list(zip(page, shown, strict=True))
    context = {"flag": flag, "page": replace(page, rows=rows)}
    return render(request, "visits/truth_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(reads_flags, ONLY_ORGANISATION)
def truth_draws(request: CampaignRequest) -> HttpResponse:
    """Draw visits for call-backs; the draws so far."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/truth_draws.html", {"campaign": None})
    areas = areas_to_check(request.user, campaign)
    form = DrawForm(request.POST or None, campaign=campaign, areas=areas)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.draw_visits(campaign=campaign, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            of = len(made.population) + len(made.flagged)
            messages.success(request, f"从 {of} 次走访中抽取了 {len(made.drawn)} 次。")
            return redirect("visits:truth-draw", made.pk)
    draws = draws_of(request.user, campaign)
    context = {"campaign": campaign, "form": form, "page": page_of(draws, request)}
    status = 422 if request.method == "POST" else 200
    return render(request, "visits/truth_draws.html", context, status=status)


@require_safe
@needs(reads_flags, ONLY_ORGANISATION)
def truth_draw(request: StaffRequest, pk: int) -> HttpResponse:
    """A draw with its seed, repeated while the page is made, and its call-backs."""
    draws = TruthDraw.objects.visible_to(request.user).select_related("area", "drawn_by")
    draw = get_object_or_404(draws, pk=pk)
    again = drawn_again(
        draw.seed, draw.population, draw.percent, draw.flagged, draw.flagged_percent
    )
    page = page_of(checks_of(request.user, draw), request)
    shown = shown_to(request.user, [check.visit.target for check in page])
    context = {
        "draw": draw,
        "repeats": again == draw.drawn,
        "results": results_of(draw),
        "page": replace(page, rows=list(zip(page, shown, strict=True))),
    }
    return render(request, "visits/truth_draw.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(reads_flags, ONLY_ORGANISATION)
def truth_check(request: StaffRequest, pk: int) -> HttpResponse:
    """One drawn visit: call the person, and keep what he says."""
    checks = TruthCheck.objects.visible_to(request.user)
    check = get_object_or_404(
        checks.select_related(
            "draw", "visit__target__area__parent", "visit__target__campaign", "recorded_by"
        ),
        pk=pk,
    )
    may = checks_visit(request.user, check)
    form = CheckForm(request.POST or None, initial={"seen": check.tries})
    if request.method == "POST" and not may:
        raise PermissionDenied(NOT_YOURS_TO_CHECK)
    if request.method == "POST" and form.is_valid():
        try:
            services.record_check(check=check, actor=request.user, **form.check_result())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已保存核实结果。它只供核实，不计入任何比例。")
            return redirect("visits:truth-draw", check.draw_id)
    (shown,) = shown_to(request.user, [check.visit.target])
    context = {"check": check, "target": shown, "form": form, "may_check": may}
    status = 422 if request.method == "POST" else 200
    return render(request, "visits/truth_check.html", context, status=status)
