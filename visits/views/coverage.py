"""The coverage page: from the city down to the grid by clicks, from counters alone."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.exports.table import Table
from core.models import Job
from core.permissions import needs
from organisation.models import Area, User
from visits import services
from visits.choices import LEFT, TargetKind
from visits.coverage import TOTAL, Coverage
from visits.exports import coverage as tables
from visits.queries.denominator import current_freeze
from visits.queries.picture import (
    Day,
    Picture,
    days_of,
    picture,
    readable_areas,
    way_to,
    widest_area,
)
from visits.rules import can_read_coverage, lists_targets_of, reads_flags
from visits.services.days import EXPORT, NO_RIGHT
from visits.views.left import left_page

SHOWN_EXPORTS = 3


@require_safe
@needs(can_read_coverage, NO_RIGHT)
def coverage(request: CampaignRequest) -> HttpResponse:
    """How far one area is; ``?area=`` goes down, ``?sort=`` reorders the areas below."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/coverage.html")
    area = _chosen(request.user, campaign, request.GET.get("area", ""))
    way = way_to(request.user, campaign, area)
    found = picture(request.user, campaign, way)
    days = days_of(found)
    exports = Job.objects.visible_to(request.user).filter(kind=EXPORT)
    context = {
        "found": found,
        "frozen": current_freeze(campaign),
        "way": way[:-1],
        "figures": list(_figures(found)),
        "areas": _linked(found).sorted_by(request.GET.get("sort", "")),
        "sort_page": f"?{urlencode({'area': area.code})}&",
        "splits": tables.split_table(found),
        "states": tables.state_table(found),
        "left": _left(request.user, found),
        "reads_flags": reads_flags(request.user),
        "trend": tables.day_table(days) if len(days) > 1 else None,
        "bars": _bars(found),
        "line": _line(days),
        "jobs": exports.order_by("-queued_at")[:SHOWN_EXPORTS],
    }
    return render(request, "visits/coverage.html", context)


@require_POST
@needs(can_read_coverage, NO_RIGHT)
def coverage_export(request: CampaignRequest) -> HttpResponse:
    """Ask for the area's coverage as Excel; the page follows the job."""
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    area = _chosen(request.user, campaign, request.POST.get("area", ""))
    job = services.request_coverage_export(campaign=campaign, area=area, actor=request.user)
    if getattr(request, "htmx", False):
        return render(request, "core/_job.html", {"job": job})
    return redirect(_page(area))


def _chosen(user: User, campaign: Campaign, code: str) -> Area:
    """The area, or the widest that the person reads; any other is not found."""
    if code and not code.isdecimal():  # PostgreSQL takes no NUL, not even to find nothing
        raise Http404
    if code:
        return get_object_or_404(readable_areas(user, campaign), code=code)
    if area := widest_area(user, campaign):
        return area
    raise Http404


def _page(area: Area) -> str:
    return f"{reverse('visits:coverage')}?{urlencode({'area': area.code})}"


def _linked(found: Picture) -> Table:
    """The table of the areas below, each with the way down to it."""
    table = tables.area_table(found)
    links = ["" if line.own else _page(line.area) for line in found.lines]
    return Table(table.title, table.columns, table.rows, table.note, table.total, links)


def _left(user: User, found: Picture) -> list[dict[str, object]]:
    """The ways on to the entries that are left; none for who reads the totals alone."""
    if not lists_targets_of(user, found.area):
        return []
    total = found.whole.by_state(TOTAL)
    return [
        {
            "label": state.label,
            "number": getattr(total, state) if total else None,
            "link": left_page(found.area, state),
        }
        for state in LEFT
    ]


def _figures(found: Picture) -> Iterator[tuple[str, Coverage | None]]:
    yield "全部", found.whole.total
    for kind in TargetKind:
        yield kind.label, found.whole.cells[kind]


def _bars(found: Picture) -> dict[str, list[object]]:
    """What charts.js draws; the table says the same."""
    shown = [(line.name, total) for line in found.lines if (total := line.cells[TOTAL])]
    return {
        "names": [name for name, _ in shown],
        "covered": [total.covered for _, total in shown],
        "left": [total.left for _, total in shown],
    }


def _line(days: Sequence[Day]) -> dict[str, list[object]]:
    return {
        "days": [f"{each.day:%m-%d}" for each in days],
        "covered": [each.covered for each in days],
        "registered": [each.registered for each in days],
    }
