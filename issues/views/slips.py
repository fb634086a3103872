"""Supervision slips: the list, one slip with its steps, raising one by hand, the paper form."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.forms import NOT_WHOLE
from core.models import Job
from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from issues import services
from issues.choices import Pace
from issues.filters import SlipFilter
from issues.forms.slips import SlipForm, StepForm
from issues.models import SupervisionSlip
from issues.queries import slips
from issues.rules import raises_appeal_slips, raises_slips, steps_for
from issues.services import SLIP_KIND, Stale
from issues.slip_way import PROVEN_STEPS, label_of_step
from issues.views.items import NO_PART, detail_context, visible_issue
from issues.workflow import Refused
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import takes_part
from visits.models import Appeal


@require_safe
@needs(takes_part, NO_PART)
def slip_list(request: StaffRequest) -> HttpResponse:
    """The slips that the person may see, newest first."""
    asked = opened(request.GET, "words")
    found = SlipFilter(asked, slips(request.user), request=request)
    context = {"filter": found, "page": page_of(found.qs, request)}
    return render(request, "issues/slip_list.html", context)


@require_POST
@needs(takes_part, NO_PART)
def slip_search(request: StaffRequest) -> HttpResponse:
    """On to the list, narrowed."""
    asked = {name: request.POST.get(name, "") for name in SlipFilter.base_filters}
    return to_list("issues:slip-list", asked, "words")


@require_safe
@needs(takes_part, NO_PART)
def slip_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One slip: its matter, what is asked for, its trail, and the steps of this person."""
    return render(request, "issues/slip_detail.html", _shown(request, _visible_slip(request, pk)))


def _shown(request: StaffRequest, slip: SupervisionSlip) -> dict[str, Any]:
    jobs = Job.objects.visible_to(request.user).filter(kind=SLIP_KIND, arguments__slip=slip.pk)
    events = list(slip.events.select_related("actor"))
    return {
        "slip": slip,
        "events": events,
        "returned": events[-1] if events[-1].is_return else None,
        "steps": steps_for(request.user, slip),
        "job": jobs.order_by("-queued_at").first(),
    }


@require_POST
@needs(takes_part, NO_PART)
def slip_step(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Take one step; what stands in the way is said on the page, and nothing written is lost."""
    slip = _visible_slip(request, pk)
    form = StepForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, name, str(form.errors.get("note", [NOT_WHOLE])[0]))
    if name in PROVEN_STEPS and (asked := ask_proof(request)):
        return asked
    try:
        services.take_slip_step(slip=slip, name=name, actor=request.user, **form.cleaned_data)
    except (Refused, Stale) as error:
        return _again(request, pk, name, str(error))
    messages.success(request, f"已{label_of_step(name)}。")
    return redirect("issues:slip-detail", pk)


def _again(request: StaffRequest, pk: int, name: str, why: str) -> HttpResponse:
    """The page as the slip stands now, with the words that were sent; no step was taken."""
    messages.error(request, why)
    context = _shown(request, _visible_slip(request, pk))
    note = request.POST.get("note", "")
    is_offered = any(step.name == name for step in context["steps"])
    context |= {
        "sent": {"name": name, "fault": why, "note": note},
        "unsent": "" if is_offered else note,
    }
    return render(request, "issues/slip_detail.html", context, status=422)


@require_POST
@needs(takes_part, NO_PART)
def slip_raise(request: StaffRequest, pk: int) -> HttpResponse:
    """Raise one by hand; what stands against it is said at the form."""
    issue = visible_issue(request, pk)
    if not raises_slips(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_RAISE)
    form = SlipForm(request.POST)
    if form.is_valid():
        asked = form.cleaned_data | {"pace": Pace(form.cleaned_data["pace"])}
        try:
            slip = services.raise_slip(issue=issue, actor=request.user, **asked)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已出具{slip}，承办单位会收到消息。")
            return redirect("issues:slip-detail", slip.pk)
    context = detail_context(request, issue) | {"slip_form": form}
    return render(request, "issues/issue_detail.html", context, status=422)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def appeal_slip(request: StaffRequest, pk: int) -> HttpResponse:
    """Raise one on an appeal by hand."""
    seen = Appeal.objects.visible_to(request.user)
    appeal = get_object_or_404(seen.select_related("unit__area", "area", "handler"), pk=pk)
    if not raises_appeal_slips(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_RAISE_ON_APPEAL)
    form = SlipForm(request.POST if request.method == "POST" else None)
    form.cancel_url = reverse("visits:appeal-detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data | {"pace": Pace(form.cleaned_data["pace"])}
        try:
            slip = services.raise_appeal_slip(appeal=appeal, actor=request.user, **asked)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已出具{slip}，承办单位会收到消息。")
            return redirect("issues:slip-detail", slip.pk)
    context = {"form": form, "appeal": appeal}
    status = 422 if form.is_bound else 200
    return render(request, "issues/appeal_slip_form.html", context, status=status)


@require_POST
@needs(takes_part, NO_PART)
def slip_file(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for the slip as PDF; with htmx the answer is the job's row, which follows itself."""
    job = services.request_slip_file(slip=_visible_slip(request, pk), actor=request.user)
    if getattr(request, "htmx", False):
        return render(request, "core/_job.html", {"job": job})
    return redirect("issues:slip-detail", pk)


def _visible_slip(request: StaffRequest, pk: int) -> SupervisionSlip:
    found = SupervisionSlip.objects.visible_to(request.user).select_related(
        "unit__area",
        "issue__unit",
        "issue__responsible",
        "appeal__handler",
        "raised_by",
        "answered_by",
    )
    return get_object_or_404(found, pk=pk)
