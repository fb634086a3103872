"""Several appeals to 12345: ticked on the board, looked at with a number each, handed over."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from core.paging import is_key
from core.permissions import needs
from organisation.requests import StaffRequest
from visits import services
from visits.choices import AppealState
from visits.forms.appeals import MATTERS
from visits.forms.hotline import HandOverForm
from visits.models import Appeal
from visits.queries.appeals import APPEAL_YELLOW_DAYS
from visits.queries.hotline import look_at
from visits.rules import dispatches_appeals
from visits.views.hotline import OFFICE_ONLY

NONE_TICKED = "还没有勾选诉求。请先勾选，再转12345。"
TOO_MANY = f"一次最多转 {services.AT_MOST} 件，请分几次办理。"
NO_NUMBERS = "还没有填工单号。要转的那几件请填上 12345 的工单号。"
NONE_WENT = "一件也没有转：请先改正下面标出的。"


@require_POST
@needs(dispatches_appeals, OFFICE_ONLY)
def hand_over_look(request: StaffRequest) -> HttpResponse:
    """Which of the ticked ones may go, with a box for the number of each; nothing goes yet."""
    ticked = _ticked(request)
    return _refused(request, ticked) or _page(request, ticked)


@require_POST
@needs(dispatches_appeals, OFFICE_ONLY)
def hand_over(request: StaffRequest) -> HttpResponse:
    """Hand over those that have a number; the others stay where they are."""
    ticked = _ticked(request)
    if refusal := _refused(request, ticked):
        return refusal
    form = HandOverForm(request.POST, appeals=ticked)
    if not form.is_valid():
        messages.error(request, NONE_WENT)
        return _page(request, ticked, form.faults())
    lines = form.lines()
    if not lines:
        messages.error(request, NO_NUMBERS)
        return _page(request, ticked, {})
    try:
        number = services.hand_over(lines=lines, actor=request.user)
    except services.NotHanded as why:
        messages.error(request, f"{why.appeal}没有转成，其余的也都没有转：{why}")
        return _page(request, _ticked(request), {})
    left = len(ticked) - number
    rest = f"没有填工单号的 {left} 件没有转。" if left else ""
    messages.success(request, f"已转12345：{number} 件。{rest}")
    return redirect(_board())


def _board() -> str:
    """Where the ticks are."""
    return f"{reverse('visits:appeal-list')}?state={AppealState.UNASSIGNED}"


def _ticked(request: StaffRequest) -> list[Appeal]:
    """Those among the visible ones, in the order of their numbers, as they stand now."""
    keys = [int(key) for key in request.POST.getlist("appeal") if is_key(key)]
    seen = Appeal.objects.visible_to(request.user).filter(pk__in=keys[: services.AT_MOST + 1])
    return list(seen.select_related("unit__area", "area__parent", "campaign").order_by("pk"))


def _refused(request: StaffRequest, ticked: list[Appeal]) -> HttpResponse | None:
    if 0 < len(ticked) <= services.AT_MOST:
        return None
    messages.error(request, TOO_MANY if ticked else NONE_TICKED)
    return redirect(_board())


def _page(
    request: StaffRequest, ticked: list[Appeal], faults: Mapping[str, str] | None = None
) -> HttpResponse:
    """Each as it stands now, with what was typed; ``faults`` make it a refusal."""
    looks = look_at(request.user, ticked)
    faults_of = faults or {}
    context = {
        "open": [
            {
                "appeal": each.appeal,
                "number": request.POST.get(f"number-{each.appeal.pk}", ""),
                "fault": faults_of.get(f"number-{each.appeal.pk}", ""),
                "category": request.POST.get(f"category-{each.appeal.pk}", ""),
                "unnamed": faults_of.get(f"category-{each.appeal.pk}", ""),
            }
            for each in looks
            if not each.why_not
        ],
        "matters": MATTERS,
        "shut": [each for each in looks if each.why_not],
        "yellow": APPEAL_YELLOW_DAYS,
        "board": _board(),
    }
    status = 200 if faults is None else 422
    return render(request, "visits/hand_over.html", context, status=status)
