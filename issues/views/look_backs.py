"""Looking back at what was signed off: what to look at, and the draws."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core import sampling
from core.paging import Order, page_of
from core.permissions import needs
from issues import services
from issues.forms.look_backs import DrawForm
from issues.queries import draws_visible_to, look_backs, undrawn_look_backs
from issues.rules import draws_look_backs
from issues.workflow import Refused
from organisation.requests import StaffRequest

ONLY_DISCIPLINE = "回头看由纪委监委组织。"
VIEWS = {"": "待看", "undrawn": "未抽中", "found": "已看"}
DRAWS_SHOWN = 8
BY_DAY = Order("due_on")  # what is to be looked at first stands first


@require_safe
@needs(draws_look_backs, ONLY_DISCIPLINE)
def look_back_list(request: CampaignRequest) -> HttpResponse:
    """The drawn items that wait for a look, those not drawn, and what was found."""
    return _page(request, campaign_of(request), DrawForm())


@require_POST
@needs(draws_look_backs, ONLY_DISCIPLINE)
def look_back_draw(request: CampaignRequest) -> HttpResponse:
    """Draw from what no draw has seen yet; the draw's page shows how to repeat it."""
    campaign, form = campaign_of(request), DrawForm(request.POST)
    if campaign and form.is_valid():
        try:
            made = services.draw_look_backs(
                campaign=campaign, percent=form.cleaned_data["percent"], actor=request.user
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            number, drawn = len(made.population), len(made.drawn)
            messages.success(request, f"从 {number} 项中抽取了 {drawn} 项。")
            return redirect("issues:draw-detail", made.pk)
    return _page(request, campaign, form)


@require_safe
@needs(draws_look_backs, ONLY_DISCIPLINE)
def draw_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """A draw with its seed, repeated while the page is made."""
    draw = get_object_or_404(draws_visible_to(request.user), pk=pk)
    again = sampling.draw(draw.seed, draw.population, draw.percent)
    context = {
        "draw": draw,
        "repeats": again == draw.drawn,
        "page": page_of(look_backs(request.user).filter(pk__in=draw.drawn), request),
        "today": timezone.localdate(),
    }
    return render(request, "issues/draw_detail.html", context)


def _page(request: StaffRequest, campaign: Campaign | None, form: DrawForm) -> HttpResponse:
    show = request.GET.get("show", "")
    found = look_backs(request.user).exclude(finding="")
    if show != "found":
        found = look_backs(request.user).filter(finding="", is_drawn=show != "undrawn")
    waiting = undrawn_look_backs(campaign, request.user).count() if campaign else 0
    context = {
        "campaign": campaign,
        "page": page_of(found, request, BY_DAY),
        "show": show if show in VIEWS else "",
        "views": VIEWS.items(),
        "waiting": waiting,
        "form": form,
        "draws": draws_visible_to(request.user)[:DRAWS_SHOWN],
        "today": timezone.localdate(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "issues/look_backs.html", context, status=status)
