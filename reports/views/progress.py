"""The progress page and its exports."""

from urllib.parse import urlencode

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.exports.table import Table
from core.models import Job
from core.permissions import needs
from organisation.models import Area, User
from reports import exports
from reports.choices import FileFormat
from reports.queries.progress import Progress, progress, readable_areas, way_to, widest_area
from reports.rules import can_read_progress
from reports.services import NO_RIGHT, PROGRESS_KIND, request_progress_export, retry_export

LATE_SHOWN = 20
EXPORTS_SHOWN = 50


@require_safe
@needs(can_read_progress, NO_RIGHT)
def show(request: CampaignRequest) -> HttpResponse:
    """Where the campaign stands in one area; ``?area=`` goes down, ``?sort=`` reorders."""
    user = _reader(request)
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "reports/progress_none.html")
    area = _chosen_area(user, campaign, request.GET.get("area", ""))
    way = way_to(user, campaign, area)
    found = progress(user, campaign, way, timezone.now(), listed=LATE_SHOWN)
    context = {
        "found": found,
        "way": way[:-1],
        "areas": _area_table(found, request.GET.get("sort", "")),
        "sort_page": f"?{urlencode({'area': area.code})}&",
        "chart": _chart(found),
        "states": exports.state_table(found),
        "rates": exports.rate_table(found),
        "categories": exports.category_table(found, with_empty=False),
        "units": exports.unit_table(found),
        "late": exports.late_table(found),
        "formats": FileFormat.choices,
    }
    return render(request, "reports/progress.html", context)


@require_POST
@needs(can_read_progress, NO_RIGHT)
def export(request: CampaignRequest) -> HttpResponse:
    """Ask for the file; with htmx the answer is the job's row, which follows itself."""
    user = _reader(request)
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    area = _chosen_area(user, campaign, request.POST.get("area", ""))
    file_format = request.POST.get("format", "")
    if file_format not in FileFormat:
        raise BadRequest("unknown format")
    job = request_progress_export(
        actor=user, campaign=campaign, area=area, file_format=FileFormat(file_format)
    )
    return _job_answer(request, job)


@require_safe
@needs(can_read_progress, NO_RIGHT)
def export_list(request: HttpRequest) -> HttpResponse:
    """The person's own exports, the newest first."""
    jobs = Job.objects.visible_to(_reader(request)).filter(kind=PROGRESS_KIND)
    context = {"jobs": jobs.order_by("-queued_at")[:EXPORTS_SHOWN], "limit": EXPORTS_SHOWN}
    return render(request, "reports/export_list.html", context)


@require_POST
@needs(can_read_progress, NO_RIGHT)
def export_retry(request: HttpRequest, pk: str) -> HttpResponse:
    user = _reader(request)
    own = Job.objects.visible_to(user).filter(kind=PROGRESS_KIND)
    job = retry_export(actor=user, job=get_object_or_404(own, pk=pk))
    return _job_answer(request, job)


def _reader(request: HttpRequest) -> User:
    """The person, who must have the right to read progress."""
    user = request.user
    if not isinstance(user, User) or not can_read_progress(user):
        raise PermissionDenied(NO_RIGHT)
    return user


def _chosen_area(user: User, campaign: Campaign, code: str) -> Area:
    if code and not code.isdecimal():  # PostgreSQL takes no NUL, not even to find nothing
        raise Http404
    if code:
        return get_object_or_404(readable_areas(user, campaign), code=code)
    area = widest_area(user, campaign)
    if area is None:
        raise Http404
    return area


def _area_table(found: Progress, sort: str) -> Table:
    """The coverage table with a way down from each child."""
    table = exports.area_table(found)
    page = reverse("reports:progress")
    links = [
        "" if line.area == found.area else f"{page}?{urlencode({'area': line.area.code})}"
        for line in found.areas
    ]
    return Table(table.title, table.columns, table.rows, table.note, table.total, links).sorted_by(
        sort
    )


def _chart(found: Progress) -> dict[str, list[object]]:
    """What charts.js draws; the table beside it says the same in words."""
    shown = [(line.name, line.total) for line in found.areas]
    return {
        "names": [name for name, total in shown if total],
        "covered": [total.covered for _, total in shown if total],
        "left": [total.left for _, total in shown if total],
    }


def _job_answer(request: HttpRequest, job: Job) -> HttpResponse:
    if getattr(request, "htmx", False):
        return render(request, "core/_job.html", {"job": job})
    return redirect("reports:export-list")
