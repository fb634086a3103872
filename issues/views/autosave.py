"""The form of a problem saves itself."""

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from campaign.requests import CampaignRequest
from core.permissions import needs
from issues import services
from issues.choices import Level
from issues.forms.autosave import AutosaveForm
from issues.models import Autosave
from issues.rules import can_edit
from issues.services.autosave import NOT_YOURS, Outwritten
from issues.views.items import NO_PART, campaign_or_refuse, visible_issue
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_POST
@needs(takes_part, NO_PART)
def autosave(request: CampaignRequest) -> HttpResponse:
    """Keep what stands in the form; 409 with a sentence when another tab is ahead."""
    form = AutosaveForm(request.POST)
    if not form.is_valid():
        raise BadRequest("no form of ours")
    sent = form.cleaned_data
    issue = visible_issue(request, sent["issue"]) if sent["issue"] else None
    if issue and issue.level == Level.UNIT:
        raise BadRequest("the form of a unit's item does not save itself")
    if issue and not can_edit(request.user, issue):
        raise PermissionDenied(NOT_YOURS)
    try:
        kept = services.keep_words(
            person=request.user,
            campaign=issue.campaign if issue else campaign_or_refuse(request),
            issue=issue,
            token=sent["token"],
            words=form.words(),
            seen=sent["number"] or 0,
        )
    except Outwritten as refusal:
        return HttpResponse(str(refusal), status=409, content_type="text/plain; charset=utf-8")
    at = timezone.localtime(kept.saved_at)
    return JsonResponse({"number": kept.number, "at": f"{at:%H:%M}"})


@require_POST
@needs(takes_part, NO_PART)
def autosave_drop(request: StaffRequest, pk: int) -> HttpResponse:
    """Throw away what was left unsaved."""
    kept = get_object_or_404(Autosave, pk=pk, person=request.user)
    issue = kept.issue_id
    services.drop_words(person=request.user, autosave=kept)
    messages.success(request, "已丢弃没写完的内容。")
    return redirect("issues:issue-update", issue) if issue else redirect("issues:issue-create")
