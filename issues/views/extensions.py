"""More time for a rectification."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from core.permissions import needs
from issues import services
from issues.choices import Decision
from issues.forms.extensions import DecisionForm, ExtensionForm
from issues.models import Extension
from issues.rules import can_ask_for_time, grants_time
from issues.views.items import NO_PART, detail_context, visible_issue
from issues.workflow import Refused
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_POST
@needs(takes_part, NO_PART)
def extension_ask(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask for a later deadline; what stands against it is said at the form."""
    issue = visible_issue(request, pk)
    if not can_ask_for_time(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_ASK)
    form = ExtensionForm(request.POST)
    if form.is_valid():
        try:
            services.ask_for_time(issue=issue, actor=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已申请延期，等作风办决定；决定以前原时限照算。")
            return redirect("issues:issue-detail", pk)
    context = detail_context(request, issue) | {"extension_form": form}
    return render(request, "issues/issue_detail.html", context, status=422)


@require_POST
@needs(takes_part, NO_PART)
def extension_decide(request: StaffRequest, pk: int, extension: int) -> HttpResponse:
    """Grant or refuse it."""
    issue = visible_issue(request, pk)
    if not grants_time(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_GRANT)
    asked = get_object_or_404(Extension, pk=extension, issue=issue)
    asked.issue = issue
    form = DecisionForm(request.POST)
    if not form.is_valid():
        raise BadRequest("unknown decision")
    try:
        services.decide_on_time(
            extension=asked,
            actor=request.user,
            decision=Decision(form.cleaned_data["decision"]),
            note=form.cleaned_data["note"],
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已决定，申请人会收到消息。")
    return redirect("issues:issue-detail", pk)
