"""Pages of visits from paper: template, upload, check, confirmation, what came of it."""

import io

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.permissions import needs
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
from visits.views.register import XLSX
from visits.views.visit import NO_PART

SHOWN_UPLOADS = 10


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def paper_import(request: CampaignRequest) -> HttpResponse:
    """Choose a member, fetch the table begun for the person, send in the filled one."""
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/paper_import.html", {"campaign": None})
    people = _people(request.user, campaign)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = PaperForm(*sent, people=people)
    if form.is_valid():
        upload = services.upload_paper(
            campaign=campaign,
            author=form.cleaned_data["author"],
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=request.user,
        )
        return redirect("visits:paper-upload", pk=upload.pk)
    context = {
        "campaign": campaign,
        "form": form,
        "people": people,
        "uploads": own_paper(request.user).filter(campaign=campaign)[:SHOWN_UPLOADS],
        "columns": FIELDS,
    }
    status = 422 if form.is_bound else 200
    return render(request, "visits/paper_import.html", context, status=status)


@require_safe
@needs(takes_part, NO_PART)
def paper_template(request: CampaignRequest, pk: int) -> FileResponse:
    """The table of one member, begun with what is left; names as the reader may see them."""
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    author = get_object_or_404(people_to_enter_for(request.user, campaign), pk=pk)
    target = io.BytesIO()
    write_paper_template(reader=request.user, author=author, campaign=campaign, target=target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename="走访记录表.xlsx", content_type=XLSX)


@require_safe
@needs(takes_part, NO_PART)
def paper_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a file found, or what its import wrote."""
    upload = _own(request, pk)
    report = upload.report
    context = {
        "upload": upload,
        "job": upload.job,
        "is_busy": upload.job is not None and not upload.job.is_finished,
        "kinds": [
            (PaperFault(kind).label, number) for kind, number in report.get("kinds", {}).items()
        ],
        "errors": [
            (row, column, PaperFault(kind).label, text)
            for row, column, kind, text in report.get("errors", [])
        ],
    }
    return render(request, "visits/paper_upload.html", context)


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
