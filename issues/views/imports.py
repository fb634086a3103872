"""Pages of the ledger's import: template, upload, check, confirmation, what came of it."""

from functools import partial

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.requests import CampaignRequest
from core.downloads import workbook
from core.permissions import needs
from core.upload_views import UploadPages, sent
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

CONCRETE = "写得具体。"
PAGES = UploadPages(
    title="导入台账",
    chooser="issues:ledger-import",
    shown="issues:ledger-upload",
    apply="issues:ledger-apply",
    faults=Fault,
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def ledger_import(request: CampaignRequest) -> HttpResponse:
    """Fetch the template, send in the filled ledger."""
    campaign = campaign_or_refuse(request)
    form = LedgerForm(*sent(request))
    if form.is_valid():
        upload = services.upload_ledger(
            campaign=campaign,
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=request.user,
        )
        return redirect("issues:ledger-upload", pk=upload.pk)
    return PAGES.choose(
        request,
        "issues/ledger_import.html",
        form=form,
        uploads=own_uploads(request.user).filter(campaign=campaign),
        columns=columns_for(campaign),
        for_others=scope_of(request.user).has(*BRINGERS),
    )


@require_safe
@needs(takes_part, NO_PART)
def ledger_template(request: CampaignRequest) -> FileResponse:
    """The empty ledger."""
    campaign = campaign_or_refuse(request)
    return workbook(partial(write_ledger_template, campaign), "问题台账模板.xlsx")


@require_safe
@needs(takes_part, NO_PART)
def ledger_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a ledger found, or what its import wrote."""
    upload = _own(request, pk)
    lines = [(row, name, note or CONCRETE) for row, name, note in upload.report.get("lines", [])]
    return PAGES.show(request, "issues/ledger_upload.html", upload, lines=lines)


@require_POST
@needs(takes_part, NO_PART)
def ledger_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked ledger."""
    upload = _own(request, pk)
    services.request_import(upload=upload, actor=request.user)
    return redirect("issues:ledger-upload", pk=upload.pk)


def _own(request: StaffRequest, pk: int) -> LedgerUpload:
    return get_object_or_404(own_uploads(request.user), pk=pk)
