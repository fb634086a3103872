"""What is left of an area, entry by entry; from the coverage page by a click."""

from dataclasses import replace
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.models import Job
from core.paging import page_of_all
from core.permissions import needs
from core.sought import opened, to_list
from organisation.models import Area, User
from visits import services
from visits.choices import LEFT, TargetKind, TargetState
from visits.filters import LeftFilter
from visits.queries import coverage_of, shown_to
from visits.queries.left import Left, areas_to_list
from visits.rules import lists_targets
from visits.services.left import EXPORT_LEFT, TOTALS_ONLY

SHOWN_EXPORTS = 3


@require_safe
@needs(lists_targets, TOTALS_ONLY)
def left_list(request: CampaignRequest) -> HttpResponse:
    """The entries of an area in one state, village by village."""
    campaign = _campaign(request)
    asked = opened(request.GET, "words")
    left = _left(request.user, campaign, asked)
    found = LeftFilter(asked, left.rows(), request=request)
    page = page_of_all([left.listed(found.qs)], request)
    exports = Job.objects.visible_to(request.user).filter(kind=EXPORT_LEFT)
    context = {
        "area": left.area,
        "state": TargetState(left.state),
        "tabs": _tabs(left),
        "filter": found,
        "is_narrowed": bool(asked.get("words") or asked.get("kind")),
        "page": replace(page, rows=shown_to(request.user, page.rows)),
        "kind": left.kind,
        "jobs": exports.order_by("-queued_at")[:SHOWN_EXPORTS],
    }
    return render(request, "visits/left_list.html", context)


@require_POST
@needs(lists_targets, TOTALS_ONLY)
def left_search(request: CampaignRequest) -> HttpResponse:
    """On to the list, narrowed."""
    names = ("area", "state", "kind", "words")
    asked = {name: request.POST.get(name, "") for name in names}
    return to_list("visits:left-list", asked, "words")


@require_POST
@needs(lists_targets, TOTALS_ONLY)
def left_export(request: CampaignRequest) -> HttpResponse:
    """Ask for the list as Excel; the page follows the job."""
    left = _left(request.user, _campaign(request), request.POST)
    job = services.request_left_export(left=left, actor=request.user)
    if getattr(request, "htmx", False):
        return render(request, "core/_job.html", {"job": job})
    return redirect(left_page(left.area, left.state))


def left_page(area: Area, state: str) -> str:
    """The address of the list."""
    return f"{reverse('visits:left-list')}?{urlencode({'area': area.code, 'state': state})}"


def _campaign(request: CampaignRequest) -> Campaign:
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    return campaign


def _left(user: User, campaign: Campaign, asked: dict[str, str]) -> Left:
    """What the address asks for; an area of others is not found, nor is another state."""
    code, state = asked.get("area", ""), asked.get("state", "") or TargetState.PENDING
    kind = asked.get("kind", "")
    if not code.isdecimal() or state not in LEFT:
        raise Http404
    area = get_object_or_404(areas_to_list(user, campaign), code=code)
    return Left(campaign, area, state, kind if kind in TargetKind.values else "")


def _tabs(left: Left) -> list[dict[str, object]]:
    """The states of what is left, each with its number from the counters and its address.

    Who reads the entries reads every number of them.
    """
    numbers = coverage_of(left.campaign, left.area)
    return [
        {
            "label": state.label,
            "number": getattr(numbers, state),
            "link": left_page(left.area, state),
            "is_chosen": state == left.state,
        }
        for state in LEFT
    ]
