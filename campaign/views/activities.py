"""Study activities and institutions of a unit."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import queries, rules, services
from campaign.forms.activities import ActivityForm, InstitutionForm
from campaign.models import Activity, Campaign, Institution
from campaign.services import Refused
from campaign.services.activities import NOT_YOURS
from campaign.views.scoped import NO_PART, visible_campaign
from core import audit
from core.files import open_stored
from core.permissions import needs
from organisation.models import Unit
from organisation.requests import StaffRequest
from organisation.rules import takes_part

ONLY_UNITS = "活动和制度由单位的联络员和班子成员登记。"
FILE_GONE = (
    "活动的登记还在，附件「{}」不见了。请告诉系统管理员从备份里找回；"
    "找不回来的，由登记的单位删除这条活动，重新登记并上传附件。"
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.speaks_for_a_unit, ONLY_UNITS)
def activity_create(request: StaffRequest, pk: int, unit: int) -> HttpResponse:
    """Enter a meeting or study activity."""
    return _create(request, _own(request, pk, unit), ActivityForm, services.record_activity)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.speaks_for_a_unit, ONLY_UNITS)
def institution_create(request: StaffRequest, pk: int, unit: int) -> HttpResponse:
    """Enter an institution."""
    return _create(request, _own(request, pk, unit), InstitutionForm, services.record_institution)


def _create(
    request: StaffRequest, own: tuple[Campaign, Unit], form_class: Any, enter: Any
) -> HttpResponse:
    campaign, unit = own
    posted = request.POST if request.method == "POST" else None
    back = f"/campaign/{campaign.pk}/units/{unit.pk}/"
    form = form_class(posted, request.FILES or None, campaign=campaign, cancel_url=back)
    if form.is_valid():
        try:
            enter(campaign=campaign, unit=unit, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已登记。")
            return redirect(back)
    context = {"form": form, "campaign": campaign, "unit": unit}
    status = 422 if form.is_bound else 200
    return render(request, "campaign/unit_form.html", context, status=status)


@require_POST
@needs(rules.speaks_for_a_unit, ONLY_UNITS)
def activity_remove(request: StaffRequest, activity: int) -> HttpResponse:
    """Delete what was entered by mistake."""
    rows = Activity.objects.visible_to(request.user).select_related("campaign", "unit__area")
    row = get_object_or_404(rows, pk=activity)
    return _remove(request, row, services.remove_activity, activity=row)


@require_POST
@needs(rules.speaks_for_a_unit, ONLY_UNITS)
def institution_remove(request: StaffRequest, institution: int) -> HttpResponse:
    """Delete what was entered by mistake."""
    rows = Institution.objects.visible_to(request.user).select_related("campaign", "unit__area")
    row = get_object_or_404(rows, pk=institution)
    return _remove(request, row, services.remove_institution, institution=row)


def _remove(
    request: StaffRequest, row: Activity | Institution, remove: Any, **which: Any
) -> HttpResponse:
    campaign, unit = row.campaign_id, row.unit_id
    try:
        remove(actor=request.user, **which)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已删除。")
    return redirect("campaign:unit-detail", campaign, unit)


@require_safe
@needs(takes_part, NO_PART)
def activity_file(request: StaffRequest, activity: int) -> HttpResponseBase:
    """The file of an activity; each fetch is audited."""
    rows = Activity.objects.visible_to(request.user).exclude(file="")
    row = get_object_or_404(rows, pk=activity)
    file = open_stored(row.file, of=row, gone=FILE_GONE.format(row.file_name))
    audit.record_alone(actor=request.user, act="campaign.fetch_file", subject=row)
    return FileResponse(file, as_attachment=True, filename=row.file_name)


def _own(request: StaffRequest, pk: int, unit: int) -> tuple[Campaign, Unit]:
    campaign = visible_campaign(request, pk)
    own = get_object_or_404(queries.units_in(campaign, request.user), pk=unit)
    if not rules.speaks_for(request.user, own):
        raise PermissionDenied(NOT_YOURS)
    return campaign, own
