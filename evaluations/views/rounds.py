"""The office's pages of rating rounds; leaders and the discipline office read along."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.requests import CampaignRequest, campaign_of
from core.models import Job
from core.paging import page_of
from core.permissions import needs
from evaluations import services
from evaluations.choices import RoundState
from evaluations.forms import CodesForm, GroupsForm, RoundForm
from evaluations.models import Round
from evaluations.queries import results, results_by_round, turnout
from evaluations.rules import can_create_rounds, can_manage_round, can_read_rounds
from organisation.requests import StaffRequest

READERS_ONLY = "评议由作风办组织，结果由作风办、领导和纪委监委查看。"
OFFICE_ONLY = "只有作风办可以组织评议，您可以查看结果。"
FORM_METHODS = ["GET", "HEAD", "POST"]
JOBS_SHOWN = 6
LOCAL_ADDRESS = (
    "二维码里是本机地址，别人的手机打不开。请让系统管理员设置 BIANFANG_BASE_URL 后重新打印。"
)


@require_safe
@needs(can_read_rounds, READERS_ONLY)
def round_list(request: StaffRequest) -> HttpResponse:
    """Rounds in scope, newest first, with the composite of those that have closed."""
    page = page_of(Round.objects.visible_to(request.user).select_related("unit"), request)
    found = results_by_round(page.rows)
    rows = [(rating, found.get(rating.pk)) for rating in page]
    context = {"page": page, "rows": rows, "can_create": can_create_rounds(request.user)}
    return render(request, "evaluations/round_list.html", context)


@require_http_methods(FORM_METHODS)
@needs(can_create_rounds, OFFICE_ONLY)
def round_create(request: CampaignRequest) -> HttpResponse:
    """Prepare a round on one unit."""
    campaign = campaign_of(request)
    if campaign is None:
        raise PermissionDenied("现在没有正在进行的专项行动，不能组织评议。")
    back = reverse("evaluations:round-list")
    form = RoundForm(request.POST or None, user=request.user, cancel_url=back)
    if request.method == "POST" and form.is_valid():
        try:
            rating = services.create_round(
                campaign=campaign,
                unit=form.cleaned_data["unit"],
                title=form.cleaned_data["title"],
                weights=form.weights(),
                minimum=form.cleaned_data["minimum"],
                actor=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, "评议已创建。下一步：为三个主体打印评议码，再开始评议。")
            return redirect("evaluations:round-detail", rating.pk)
    return render(request, "evaluations/round_form.html", {"form": form})


@require_safe
@needs(can_read_rounds, READERS_ONLY)
def round_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """Where the round stands: codes and rough turnout, or the results once it has closed."""
    return _detail_page(request, _visible(request, pk))


@require_http_methods(FORM_METHODS)
@needs(can_create_rounds, OFFICE_ONLY)
def round_groups(request: StaffRequest, pk: int) -> HttpResponse:
    """Change weights and minimum while the round is being prepared."""
    rating = _managed(request, pk)
    if rating.state != RoundState.DRAFT:
        raise PermissionDenied("评议已经开始，权重和最少份数不能再改。")
    initial = {row.group: row.weight for row in rating.groups.all()}
    form = GroupsForm(
        request.POST or None,
        initial=initial | {"minimum": rating.minimum},
        cancel_url=reverse("evaluations:round-detail", args=[pk]),
    )
    if request.method == "POST" and form.is_valid():
        services.set_groups(
            rating=rating,
            weights=form.weights(),
            minimum=form.cleaned_data["minimum"],
            actor=request.user,
        )
        messages.success(request, "权重和最少份数已更新。")
        return redirect("evaluations:round-detail", pk)
    return render(request, "evaluations/round_form.html", {"form": form, "round": rating})


@require_POST
@needs(can_create_rounds, OFFICE_ONLY)
def round_codes(request: StaffRequest, pk: int, group: str) -> HttpResponse:
    """Ask for a PDF of new codes for one group."""
    rating = _managed(request, pk)
    wanted = get_object_or_404(rating.groups.select_related("round__unit"), group=group)
    form = CodesForm(request.POST)
    if not form.is_valid():
        messages.error(request, str(form.errors["number"][0]))
        return redirect("evaluations:round-detail", pk)
    base_url = settings.BASE_URL or f"{request.scheme}://{request.get_host()}"
    try:
        services.request_codes(
            group=wanted,
            number=form.cleaned_data["number"],
            base_url=base_url,
            actor=request.user,
        )
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "正在生成评议码，完成后在本页下载。")
        if _is_of_this_machine(base_url):
            messages.warning(request, LOCAL_ADDRESS)
    return redirect("evaluations:round-detail", pk)


@require_http_methods(FORM_METHODS)
@needs(can_create_rounds, OFFICE_ONLY)
def round_open(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask once more, then begin; weights and minimum stand from here on."""
    rating = _managed(request, pk)
    if request.method != "POST":
        return _confirm_page(request, rating, "evaluations/round_open.html", RoundState.DRAFT)
    try:
        services.open_round(rating=rating, actor=request.user)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "评议已开始。纸条上的评议码现在可以使用。")
    return redirect("evaluations:round-detail", pk)


@require_http_methods(FORM_METHODS)
@needs(can_create_rounds, OFFICE_ONLY)
def round_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask once more, then end for good and show the results."""
    rating = _managed(request, pk)
    if request.method != "POST":
        return _confirm_page(request, rating, "evaluations/round_close.html", RoundState.OPEN)
    try:
        services.close_round(rating=rating, actor=request.user)
    except services.Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "评议已结束，结果如下。")
    return redirect("evaluations:round-detail", pk)


def _is_of_this_machine(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _visible(request: StaffRequest, pk: int) -> Round:
    ratings = Round.objects.visible_to(request.user).select_related("unit__area", "campaign")
    return get_object_or_404(ratings, pk=pk)


def _managed(request: StaffRequest, pk: int) -> Round:
    rating = _visible(request, pk)
    if not can_manage_round(request.user, rating):
        raise PermissionDenied(OFFICE_ONLY)
    return rating


def _detail_page(request: StaffRequest, rating: Round) -> HttpResponse:
    result = results(rating)
    context: dict[str, Any] = {
        "round": rating,
        "result": result,
        "can_manage": can_manage_round(request.user, rating),
        "turnout": turnout(rating) if result is None else [],
        "jobs": _jobs(request, rating),
        "states": list(RoundState),
        "form": CodesForm(),
    }
    return render(request, "evaluations/round_detail.html", context)


def _jobs(request: StaffRequest, rating: Round) -> list[Job]:
    mine = Job.objects.visible_to(request.user).filter(kind=services.PRINT_JOB)
    return list(mine.filter(arguments__round=rating.pk).order_by("-queued_at")[:JOBS_SHOWN])


def _confirm_page(
    request: StaffRequest, rating: Round, template: str, wanted: RoundState
) -> HttpResponse:
    if rating.state != wanted:
        raise Http404("this step is not the next one")
    rows = turnout(rating)
    few = [row for row in rows if row.printed < rating.minimum]
    return render(request, template, {"round": rating, "turnout": rows, "few": few})
