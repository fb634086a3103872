"""Archiving a campaign, and the page of what is left of it."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaign import exports, queries, rules, services
from campaign.forms.archive import ArchiveForm
from campaign.models import Campaign
from campaign.services import Refused
from campaign.views.scoped import NO_PART, NOT_YOURS, ONLY_OFFICE, visible_campaign
from core import audit
from core.downloads import workbook
from core.exports.table import Table
from core.models import Job
from core.paging import page_of
from core.permissions import needs
from organisation.models import Unit
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import takes_part


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def archive(request: StaffRequest, pk: int) -> HttpResponse:
    """What would stay and what would go; a POST with the name and proof has it done."""
    campaign = visible_campaign(request, pk)
    if not rules.keeps_campaign(request.user, campaign):
        raise PermissionDenied(NOT_YOURS)
    if campaign.archived_at:
        return redirect("campaign:campaign-detail", pk)
    posted = request.POST if request.method == "POST" else None
    form = ArchiveForm(posted, campaign=campaign, cancel_url=f"/campaign/{pk}/")
    if form.is_valid():
        if asked := ask_proof(request):
            return asked
        try:
            services.request_archive(
                campaign=campaign, actor=request.user, today=timezone.localdate()
            )
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("campaign:archive", pk)
    return _ask(request, campaign, form)


def _ask(request: StaffRequest, campaign: Campaign, form: ArchiveForm) -> HttpResponse:
    own = Job.objects.visible_to(request.user).filter(
        kind=services.ARCHIVE, arguments__campaign=campaign.pk
    )
    losses = queries.losses_of(campaign)
    context = {
        "campaign": campaign,
        "form": form,
        "obstacles": queries.obstacles_to_archiving(campaign, timezone.localdate()),
        "gone": [loss for loss in losses if not loss.stays],
        "cleared": [loss for loss in losses if loss.stays],
        "under_way": queries.jobs_under_way(campaign).first(),
        "job": own.order_by("-queued_at").first(),
    }
    return render(request, "campaign/archive.html", context, status=422 if form.is_bound else 200)


def totals_page(request: StaffRequest, campaign: Campaign) -> HttpResponse:
    """The numbers of an archived campaign: of all of it, and unit by unit."""
    page = page_of(queries.units_with_totals(request.user, campaign), request)
    links = [reverse("campaign:unit-detail", args=[campaign.pk, unit.pk]) for unit in page]
    context = {
        "campaign": campaign,
        "tables": _whole(request, campaign),
        "page": page,
        "units": _units(request, campaign, list(page), links),
    }
    return render(request, "campaign/totals.html", context)


def unit_totals_page(request: StaffRequest, campaign: Campaign, unit: int) -> HttpResponse:
    """The numbers of one unit, and its meetings and institutions."""
    found = get_object_or_404(queries.units_with_totals(request.user, campaign), pk=unit)
    totals = queries.totals_visible_to(request.user, campaign).filter(unit=found)
    institutions = campaign.institutions.filter(unit=found)
    context = {
        "campaign": campaign,
        "unit": found,
        "tables": _tables(queries.lines_by_group(totals)),
        "activities": campaign.activities.filter(unit=found).order_by("-held_on", "-id"),
        "institutions": institutions.prefetch_related("categories").order_by("issued_on", "id"),
    }
    return render(request, "campaign/unit_totals.html", context)


@require_safe
@needs(takes_part, NO_PART)
def totals_file(request: StaffRequest, pk: int) -> FileResponse:
    """The same numbers as a workbook: what the reader sees on the page, all units."""
    campaign = visible_campaign(request, pk)
    if not campaign.archived_at:
        raise Http404
    units = list(queries.units_with_totals(request.user, campaign).order_by("path"))
    tables = [*_whole(request, campaign), _units(request, campaign, units)]
    at = timezone.localtime()
    name = f"{campaign.name}归档数字.xlsx"
    write = partial(exports.write_totals, campaign, tables, reader=request.user, at=at)
    file = workbook(write, name)
    audit.record_alone(actor=request.user, act="campaign.fetch_totals", subject=campaign)
    return file


def _whole(request: StaffRequest, campaign: Campaign) -> list[Table]:
    totals = queries.totals_visible_to(request.user, campaign).filter(unit=None)
    return _tables(queries.lines_by_group(totals))


def _tables(groups: dict[str, list[queries.Line]]) -> list[Table]:
    return [table for name, lines in groups.items() for table in exports.group_tables(name, lines)]


def _units(
    request: StaffRequest, campaign: Campaign, units: list[Unit], links: list[str] | None = None
) -> Table:
    """The columns are the measures of which the reader may know some number."""
    totals = queries.totals_of_units(request.user, campaign, units)
    known = {measure for _, measure in totals}
    measures = [each for each in queries.table_measures() if each.key in known]
    return exports.unit_table(measures, units, totals, links or ())
