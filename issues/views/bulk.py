"""One step for many items: ticked, looked at, taken, and told one by one."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.paging import is_key
from core.permissions import needs
from issues import services
from issues.forms.items import told
from issues.forms.ledger import BulkNote
from issues.models import Issue
from issues.rules import reviews
from organisation.requests import StaffRequest

ONLY_REVIEWERS = "批量办理由单位负责人、作风办和纪委监委使用。"
NONE_TICKED = "还没有勾选问题。请先勾选，再批量办理。"
TOO_MANY = f"一次最多勾选 {services.AT_MOST} 个，请分几次办理。"


@require_POST
@needs(reviews, ONLY_REVIEWERS)
def bulk_look(request: StaffRequest) -> HttpResponse:
    """What would happen to each of the ticked items; nothing happens yet."""
    issues = _ticked(request, request.POST.getlist("issue"))
    if not 0 < len(issues) <= services.AT_MOST:
        messages.error(request, TOO_MANY if issues else NONE_TICKED)
        return redirect("issues:issue-list")
    return _look_page(request, issues, back="back" in request.POST)


@require_POST
@needs(reviews, ONLY_REVIEWERS)
def bulk_take(request: StaffRequest) -> HttpResponse:
    """Take the steps that were looked at, and say of each what came of it."""
    form = BulkNote(request.POST)
    issues = _ticked(request, request.POST.getlist("issue"))
    if not 0 < len(issues) <= services.AT_MOST:
        messages.error(request, TOO_MANY if issues else NONE_TICKED)
        return redirect("issues:issue-list")
    if not form.is_valid():
        messages.error(request, str(form.errors["note"][0]))
        return _look_page(request, issues, back=bool(form.cleaned_data["back"]), refused=True)
    sent = request.POST
    steps = [
        services.Step(each, sent.get(f"step-{each.pk}", ""), sent.get(f"hash-{each.pk}", ""))
        for each in issues
    ]
    done = services.take_steps(steps, actor=request.user, note=form.cleaned_data["note"])
    refused = [each for each in done if each.why_not]
    context = {"taken": [each for each in done if not each.why_not], "refused": refused}
    return render(request, "issues/bulk_done.html", context)


def _look_page(
    request: StaffRequest, issues: list[Issue], *, back: bool, refused: bool = False
) -> HttpResponse:
    looks = services.look_at(issues, actor=request.user, back=back)
    context = {
        "back": back,
        "note": request.POST.get("note", ""),
        "open": [(each, told(each.findings)) for each in looks if each.move],
        "shut": [each for each in looks if not each.move],
    }
    return render(request, "issues/bulk_look.html", context, status=422 if refused else 200)


def _ticked(request: StaffRequest, sent: Iterable[str]) -> list[Issue]:
    """Those among the visible ones, in the order of their numbers."""
    keys = [int(key) for key in sent if is_key(key)]
    issues = Issue.objects.visible_to(request.user).filter(pk__in=keys[: services.AT_MOST + 1])
    whole = issues.select_related("unit__area", "author", "responsible", "category", "campaign")
    return list(whole.order_by("id"))
