"""One step for one item; refused, the page comes again with what was written."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.forms import NOT_WHOLE
from core.permissions import needs
from issues import services
from issues.forms.items import MoveForm
from issues.models import Issue
from issues.queries.signed import Seen
from issues.rules import signs_off
from issues.services import Stale
from issues.views.items import NO_PART, detail_context, visible_issue
from issues.views.sign_off import shown_to_sign
from issues.workflow import PROVEN, Refused, label_of
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import takes_part

WRITTEN = ("note", "why", "due_on")


@require_POST
@needs(takes_part, NO_PART)
def issue_move(request: StaffRequest, pk: int, name: str) -> HttpResponse:
    """Take one step; what stands in the way is said on the page, and nothing written is lost."""
    issue = visible_issue(request, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return _again(request, pk, name, _fault(form))
    if name in PROVEN and (asked := ask_proof(request)):
        return asked
    try:
        services.make_move(issue=issue, name=name, actor=request.user, **form.step())
    except (Refused, Stale) as error:
        return _again(request, pk, name, str(error))
    messages.success(request, f"已{label_of(name)}。")
    if form.cleaned_data["back"]:
        return redirect("issues:list-version", form.cleaned_data["back"])
    if not _is_visible(request, pk):  # back with its author, who alone sees a draft
        return redirect("issues:issue-list")
    return redirect("issues:issue-detail", pk)


def _again(request: StaffRequest, pk: int, name: str, why: str) -> HttpResponse:
    """The page as things are now, with the words that were sent; no step was taken."""
    messages.error(request, why)
    try:
        issue = visible_issue(request, pk)
    except Http404:
        return redirect("issues:issue-list")
    sent = {"name": name, "fault": why} | {field: request.POST.get(field, "") for field in WRITTEN}
    if name == "sign_off" and signs_off(request.user, issue):
        seen = Seen.read(request.POST.get("seen", ""))
        context = shown_to_sign(request.user, issue, seen)
        return render(request, "issues/sign_off.html", context | {"sent": sent}, status=422)
    context = detail_context(request, issue)
    is_offered = any(move.name == name for move in context["moves"])
    context |= {"sent": sent, "unsent": "" if is_offered else sent["note"]}
    return render(request, "issues/issue_detail.html", context, status=422)


def _fault(form: MoveForm) -> str:
    """What of the words cannot be taken."""
    faults = [said for field in WRITTEN for said in form.errors.get(field, [])]
    return str(faults[0]) if faults else NOT_WHOLE


def _is_visible(request: StaffRequest, pk: int) -> bool:
    return Issue.objects.visible_to(request.user).filter(pk=pk).exists()
