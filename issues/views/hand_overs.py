"""Handing an item to another person of its unit."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from core.permissions import needs
from issues import services
from issues.forms.hand_overs import HandOverForm
from issues.rules import hands_over
from issues.views.items import NO_PART, detail_context, visible_issue
from issues.workflow import Refused
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_POST
@needs(takes_part, NO_PART)
def issue_hand_over(request: StaffRequest, pk: int) -> HttpResponse:
    """Make another person answer for an item; what stands against it is said at the form."""
    issue = visible_issue(request, pk)
    if not hands_over(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_HAND_OVER)
    form = HandOverForm(request.POST, issue=issue)
    if form.is_valid():
        try:
            handed = services.hand_over(issue=issue, actor=request.user, **form.cleaned_data)
        except (Refused, services.Stale) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已改由{handed.to_person.name}整改，对方会收到消息。")
            return redirect("issues:issue-detail", pk)
    context = detail_context(request, issue) | {"hand_over_form": form}
    return render(request, "issues/issue_detail.html", context, status=422)
