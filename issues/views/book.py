"""A cadre's own book of mistakes."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.models import Job
from core.paging import LONGEST_ID, page_of
from core.permissions import needs
from issues import services
from issues.exports.photos import thumbnail
from issues.models import Evidence, Issue
from issues.queries import book_of, campaigns_of_book, example_of, is_photo, leaves, lessons
from issues.workflow import Refused
from organisation.requests import StaffRequest
from organisation.rules import takes_part

NO_BOOK = "这个账号不参与专项行动，没有错题本。请用参与专项行动的账号登录。"


@require_safe
@needs(takes_part, NO_BOOK)
def book(request: CampaignRequest) -> HttpResponse:
    """The own problems of one campaign, one line each, and the file of them."""
    campaigns = campaigns_of_book(request.user)
    running = campaign_of(request)
    campaign = _chosen(request, campaigns)
    own = book_of(request.user).filter(campaign=campaign)
    jobs = Job.objects.visible_to(request.user).filter(kind=services.BOOK_KIND)
    context = {
        "campaign": campaign,
        "campaigns": campaigns,
        "page": page_of(own, request),
        "can_write": running is not None,
        "job": jobs.order_by("-queued_at").first(),
    }
    return render(request, "issues/book.html", context)


@require_safe
@needs(takes_part, NO_BOOK)
def book_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One page: what was wrong, why, how it is put right, and how well."""
    issue = _own(request, pk)
    (leaf,) = leaves(book_of(request.user).filter(pk=pk).select_related("responsible"))
    context = {
        "leaf": leaf,
        "issue": leaf.issue,
        "lessons": lessons(request.user, issue.category, at=issue),
        "example": example_of(issue),
    }
    return render(request, "issues/book_page.html", context)


@require_safe
@needs(takes_part, NO_BOOK)
def book_photo(request: StaffRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """A photo of one's own page, small enough for an old phone."""
    photo = get_object_or_404(Evidence, pk=evidence_pk, issue=_own(request, pk))
    if not is_photo(photo):
        raise Http404
    return HttpResponse(thumbnail(photo), content_type="image/jpeg")


@require_POST
@needs(takes_part, NO_BOOK)
def book_export(request: CampaignRequest) -> HttpResponse:
    """Ask for the file of the whole book."""
    campaign = _chosen(request, campaigns_of_book(request.user))
    if campaign is None:
        messages.error(request, "错题本里还没有题。先写一个问题，再来打印。")
        return redirect("issues:book")
    return _asked(request, campaign)


@require_POST
@needs(takes_part, NO_BOOK)
def book_page_export(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for the file of one page."""
    issue = _own(request, pk)
    return _asked(request, issue.campaign, issue)


def _asked(request: StaffRequest, campaign: Campaign, issue: Issue | None = None) -> HttpResponse:
    try:
        job = services.request_book(actor=request.user, campaign=campaign, issue=issue)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        if getattr(request, "htmx", False):
            return render(request, "core/_job.html", {"job": job})
    return redirect("issues:book")


def _own(request: StaffRequest, pk: int) -> Issue:
    return get_object_or_404(book_of(request.user), pk=pk)


def _chosen(request: StaffRequest, campaigns: list[Campaign]) -> Campaign | None:
    """The campaign asked for, else the latest of the book."""
    asked = request.POST.get("campaign") or request.GET.get("campaign", "")
    if not asked:
        return next(iter(campaigns), None)
    if not asked.isdecimal() or len(asked) > LONGEST_ID:
        raise Http404
    found = next((each for each in campaigns if each.pk == int(asked)), None)
    if found is None:
        raise Http404
    return found
