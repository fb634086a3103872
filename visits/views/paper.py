"""Pages of visits from paper: template, upload, check, confirmation, what came of it."""

from functools import partial

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.downloads import workbook
from core.permissions import needs
from core.upload_views import UploadPages, sent
from organisation.models import User
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.choices import PaperFault
from visits.exports.paper import write_paper_template
from visits.forms.paper import PaperForm
from visits.models import VisitUpload
from visits.queries.paper import own_paper
from visits.rules import people_to_enter_for
from visits.sheet.fields import FIELDS
from visits.views.visit import NO_PART

PAGES = UploadPages(
    title="按纸质记录补录",
    chooser="visits:paper-import",
    shown="visits:paper-upload",
    apply="visits:paper-apply",
    cancel="visits:paper-cancel",
    faults=PaperFault,
    verb="补录",
    error_file="已标出问题的原表",
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def paper_import(request: CampaignRequest) -> HttpResponse:
    """Choose a member, fetch the table begun for the person, send in the filled one."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/paper_import.html", {"pages": PAGES, "campaign": None})
    people = _people(request.user, campaign)
    form = PaperForm(*sent(request), people=people)
    if form.is_valid():
        upload = services.upload_paper(
            campaign=campaign,
            author=form.cleaned_data["author"],
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=request.user,
        )
        return redirect("visits:paper-upload", pk=upload.pk)
    return PAGES.choose(
        request,
        "visits/paper_import.html",
        form=form,
        uploads=own_paper(request.user).filter(campaign=campaign),
        campaign=campaign,
        people=people,
        columns=FIELDS,
    )


@require_safe
@needs(takes_part, NO_PART)
def paper_template(request: CampaignRequest, pk: int) -> FileResponse:
    """The table of one member, begun with what is left; names as the reader may see them."""
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    author = get_object_or_404(people_to_enter_for(request.user, campaign), pk=pk)
    write = partial(write_paper_template, reader=request.user, author=author, campaign=campaign)
    return workbook(write, "走访记录表.xlsx")


@require_safe
@needs(takes_part, NO_PART)
def paper_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a file found, or what its import wrote."""
    return PAGES.show(request, "visits/paper_upload.html", _own(request, pk))


@require_POST
@needs(takes_part, NO_PART)
def paper_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked file."""
    upload = _own(request, pk)
    services.request_paper_import(upload=upload, actor=request.user)
    return redirect("visits:paper-upload", pk=upload.pk)


@require_POST
@needs(takes_part, NO_PART)
def paper_cancel(request: StaffRequest, pk: int) -> HttpResponse:
    """Stop the check or the import that is under way."""
    upload = _own(request, pk)
    if services.cancel_paper(upload=upload, actor=request.user):
        messages.success(request, "已停止，没有写入任何走访。")
    else:
        messages.info(request, "这一步已经结束，不用停止。")
    return redirect("visits:paper-upload", pk=upload.pk)


def _people(user: User, campaign: Campaign) -> QuerySet[User]:
    people = people_to_enter_for(user, campaign).select_related("unit")
    return people.order_by("name", "pk")


def _own(request: StaffRequest, pk: int) -> VisitUpload:
    return get_object_or_404(own_paper(request.user), pk=pk)
