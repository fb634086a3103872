"""What goes to 12345 and is there: out as Excel, numbers and results back in, checked first."""

from collections.abc import Callable
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
from visits.exports.hotline import write_hotline, write_to_hand_over
from visits.forms.hotline import HotlineForm
from visits.models import HotlineUpload
from visits.queries.hotline import own_hotline_uploads, to_hand_over, with_hotline
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
    """How many may go and are there; the workbooks to fetch, and the form that takes them back."""
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
        waiting=to_hand_over(request.user, campaign).count(),
    )


@require_safe
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline_export(request: CampaignRequest) -> FileResponse:
    """What is with 12345 and in one's areas; each fetch is kept."""
    return _fetched(request, write_hotline, "12345转办诉求", act="visits.fetch_hotline")


@require_safe
@needs(dispatches_appeals, OFFICE_ONLY)
def hotline_waiting(request: CampaignRequest) -> FileResponse:
    """What waits to be assigned and may go to 12345, in one's areas; each fetch is kept."""
    title = "待转12345诉求"
    return _fetched(request, write_to_hand_over, title, act="visits.fetch_to_hand_over")


def _fetched(
    request: CampaignRequest, write: Callable[..., None], title: str, *, act: str
) -> FileResponse:
    campaign = _campaign(request)
    at = timezone.localtime()
    name = f"{title}_{at:%Y%m%d_%H%M}.xlsx"
    file = workbook(partial(write, campaign, reader=request.user, at=at), name)
    audit.record_alone(actor=request.user, act=act, subject=campaign)
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
