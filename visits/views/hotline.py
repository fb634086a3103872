"""What is with 12345: out as Excel, results back in, checked before they are written."""

from functools import partial

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core import audit
from core.downloads import workbook
from core.permissions import needs
from core.upload_views import UploadPages, sent
from organisation.requests import StaffRequest
from visits import services
from visits.exports.hotline import write_hotline
from visits.forms.hotline import HotlineForm
from visits.models import HotlineUpload
from visits.queries.hotline import own_hotline_uploads, with_hotline
from visits.rules import dispatches_appeals
from visits.sheet.hotline import Fault

OFFICE_ONLY = "12345 的往来由作风办办理。"
PAGES = UploadPages(
    title="12345 往来",
    chooser="visits:hotline",
    shown="visits:hotline-upload",
    apply="visits:hotline-apply",
    faults=Fault,
    verb="登记",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline(request: CampaignRequest) -> HttpResponse:
    """How many are there; the workbook to fetch, and the form that takes it back."""
    campaign = _campaign(request)
    form = HotlineForm(*sent(request))
    if form.is_valid():
        upload = services.upload_hotline(
            campaign=campaign,
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=request.user,
        )
        return redirect("visits:hotline-upload", pk=upload.pk)
    return PAGES.choose(
        request,
        "visits/hotline.html",
        form=form,
        uploads=own_hotline_uploads(request.user).filter(campaign=campaign),
        number=with_hotline(request.user, campaign).count(),
    )


@require_safe
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline_export(request: CampaignRequest) -> FileResponse:
    """What is with 12345 and in one's areas; each fetch is kept."""
    campaign = _campaign(request)
    at = timezone.localtime()
    name = f"12345转办诉求_{at:%Y%m%d_%H%M}.xlsx"
    file = workbook(partial(write_hotline, campaign, reader=request.user, at=at), name)
    audit.record_alone(actor=request.user, act="visits.fetch_hotline", subject=campaign)
    return file


@require_safe
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a workbook found, or what was written."""
    return PAGES.show(request, "visits/hotline_upload.html", _own(request, pk))


@require_POST
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the steps of a checked workbook."""
    upload = _own(request, pk)
    services.request_hotline(upload=upload, actor=request.user)
    return redirect("visits:hotline-upload", pk=upload.pk)


def _campaign(request: CampaignRequest) -> Campaign:
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404("现在没有正在进行的专项行动。")
    return campaign


def _own(request: StaffRequest, pk: int) -> HotlineUpload:
    return get_object_or_404(own_hotline_uploads(request.user), pk=pk)
