"""The ledger: filters, saved views, and the file."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from campaign.requests import CampaignRequest, campaign_of
from core.models import Job
from core.paging import page_of_all
from core.permissions import needs
from core.sought import opened, to_list
from issues import services
from issues.filters import SOUGHT, LedgerFilter
from issues.forms.ledger import ViewForm
from issues.models import SavedView
from issues.rules import draws_look_backs, reads_lists, reviews
from issues.views.items import NO_PART
from issues.workflow import Refused
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import takes_part

BUILT_IN = (
    ("等我办理", "?waiting=on"),
    ("逾期", "?light=red&sort=due"),
    ("三日内到期", "?light=yellow&sort=due"),
    ("申请销号", "?state=asked&sort=due"),
    ("反弹", "?relapsed=on"),
)
EXPORTS_SHOWN = 20
NO_CAMPAIGN = "现在没有正在进行的专项行动，不能存常用筛选。"


@require_safe
@needs(takes_part, NO_PART)
def issue_list(request: CampaignRequest) -> HttpResponse:
    """The ledger: what the person may see, narrowed, page by page."""
    found = _filter(request)
    criteria = found.criteria
    context = {
        "filter": found,
        "chips": found.chips(request.GET),
        "views": SavedView.objects.visible_to(request.user).order_by("place"),
        "built_in": BUILT_IN,
        "here": f"?{request.GET.urlencode()}",
        "page": page_of_all(criteria.lists(request.user), request),
        "can_write": request.campaign is not None,
        "draws_look_backs": draws_look_backs(request.user),
        "reads_lists": reads_lists(request.user),
        "ticks": reviews(request.user) and bool(criteria.waiting or criteria.state),
    }
    return render(request, "issues/issue_list.html", context)


@require_POST
@needs(takes_part, NO_PART)
def issue_search(request: CampaignRequest) -> HttpResponse:
    """On to the ledger, narrowed."""
    return to_list("issues:issue-list", _filter(request).asked.written, *SOUGHT)


@require_POST
@needs(takes_part, NO_PART)
def ledger_export(request: CampaignRequest) -> HttpResponse:
    """Ask for the narrowed ledger as Excel, after proof of who asks."""
    if asked := ask_proof(request):
        return asked
    services.request_ledger(actor=request.user, criteria=_filter(request).criteria)
    return redirect("issues:ledger-exports")


@require_safe
@needs(takes_part, NO_PART)
def ledger_exports(request: StaffRequest) -> HttpResponse:
    """One's own files of the ledger, the newest first."""
    jobs = Job.objects.visible_to(request.user).filter(kind=services.LEDGER_KIND)
    context = {"jobs": jobs.order_by("-queued_at")[:EXPORTS_SHOWN], "limit": EXPORTS_SHOWN}
    return render(request, "issues/ledger_exports.html", context)


@require_safe
@needs(takes_part, NO_PART)
def view_list(request: StaffRequest) -> HttpResponse:
    """One's own saved views, to be renamed and deleted."""
    views = SavedView.objects.visible_to(request.user).order_by("place")
    return render(request, "issues/views.html", {"views": views})


@require_POST
@needs(takes_part, NO_PART)
def view_keep(request: CampaignRequest) -> HttpResponse:
    """Keep the filter of the page under a name."""
    form = ViewForm(request.POST)
    asked = _filter(request).asked
    if request.campaign is None:
        raise PermissionDenied(NO_CAMPAIGN)
    if not form.is_valid():
        messages.error(request, _faults(form))
        return to_list("issues:issue-list", asked.written, *SOUGHT)
    try:
        view = services.keep_view(
            campaign=request.campaign,
            owner=request.user,
            name=form.cleaned_data["name"],
            criteria=asked,
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"已存为「{view.name}」，在列表上方随时点开。")
    return to_list("issues:issue-list", asked.written, *SOUGHT)


@require_safe
@needs(takes_part, NO_PART)
def view_open(request: StaffRequest, pk: int) -> HttpResponse:
    """On to the ledger, narrowed as the view says."""
    asked = services.asked_of(_own_view(request, pk)).written
    return to_list("issues:issue-list", asked, *SOUGHT)


@require_POST
@needs(takes_part, NO_PART)
def view_rename(request: StaffRequest, pk: int) -> HttpResponse:
    """Another name."""
    view, form = _own_view(request, pk), ViewForm(request.POST)
    if not form.is_valid():
        messages.error(request, _faults(form))
        return redirect("issues:view-list")
    try:
        services.rename_view(view=view, name=form.cleaned_data["name"], actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "名称已改。")
    return redirect("issues:view-list")


@require_POST
@needs(takes_part, NO_PART)
def view_drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Delete a view, and nothing else."""
    view = _own_view(request, pk)
    services.drop_view(view=view, actor=request.user)
    messages.success(request, f"已删除常用筛选「{view.name}」，问题没有变动。")
    return redirect("issues:view-list")


def _filter(request: CampaignRequest) -> LedgerFilter:
    """What the address or the form asks for."""
    campaign = campaign_of(request)
    asked = request.POST if request.method == "POST" else opened(request.GET, *SOUGHT)
    return LedgerFilter(asked, viewer=request.user, campaign=campaign)


def _own_view(request: StaffRequest, pk: int) -> SavedView:
    return get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)


def _faults(form: ViewForm) -> str:
    return "".join(str(fault) for faults in form.errors.values() for fault in faults)
