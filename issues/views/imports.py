"""Pages of the ledger's import: template, upload, check, confirmation, what came of it."""

import io
from typing import Any

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.requests import CampaignRequest
from core.permissions import needs
from issues import services
from issues.exports.ledger_template import columns_for, write_ledger_template
from issues.forms.ledger import LedgerForm
from issues.models import LedgerUpload
from issues.queries.sheet import BRINGERS, own_uploads
from issues.sheet.faults import Fault
from issues.views.items import NO_PART, campaign_or_refuse
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from organisation.scope import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_UPLOADS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def ledger_import(request: CampaignRequest) -> HttpResponse:
    """Fetch the template, send in the filled ledger."""
    campaign = campaign_or_refuse(request)
    form = LedgerForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    if form.is_valid():
        upload = services.upload_ledger(
            campaign=campaign,
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=request.user,
        )
        return redirect("issues:ledger-upload", pk=upload.pk)
    context = {
        "campaign": campaign,
        "form": form,
        "uploads": own_uploads(request.user).filter(campaign=campaign)[:SHOWN_UPLOADS],
        "columns": columns_for(campaign),
        "for_others": scope_of(request.user).has(*BRINGERS),
    }
    status = 422 if form.is_bound else 200
    return render(request, "issues/ledger_import.html", context, status=status)


@require_safe
@needs(takes_part, NO_PART)
def ledger_template(request: CampaignRequest) -> FileResponse:
    """The empty ledger."""
    target = io.BytesIO()
    write_ledger_template(campaign_or_refuse(request), target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename="问题台账模板.xlsx", content_type=XLSX)


@require_safe
@needs(takes_part, NO_PART)
def ledger_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a ledger found, or what its import wrote."""
    upload = _own(request, pk)
    return render(request, "issues/ledger_upload.html", _context(upload))


@require_POST
@needs(takes_part, NO_PART)
def ledger_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked ledger."""
    upload = _own(request, pk)
    services.request_import(upload=upload, actor=request.user)
    return redirect("issues:ledger-upload", pk=upload.pk)


def _own(request: StaffRequest, pk: int) -> LedgerUpload:
    return get_object_or_404(own_uploads(request.user), pk=pk)


def _context(upload: LedgerUpload) -> dict[str, Any]:
    report = upload.report
    return {
        "upload": upload,
        "job": upload.job,
        "is_busy": upload.job is not None and not upload.job.is_finished,
        "lines": report.get("lines", []),
        "kinds": [(Fault(kind).label, number) for kind, number in report.get("kinds", {}).items()],
        "errors": [
            (row, column, Fault(kind).label, text)
            for row, column, kind, text in report.get("errors", [])
        ],
    }
