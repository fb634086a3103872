"""Milestones of long-term items."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from core.permissions import needs
from issues import services
from issues.forms.long_term import MilestoneForm
from issues.models import Milestone
from issues.rules import can_report
from issues.services import Stale
from issues.views.items import NO_PART, detail_context, visible_issue
from issues.views.shown import shown_of_plan
from issues.workflow import Refused
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_POST
@needs(takes_part, NO_PART)
def milestone_report(request: StaffRequest, pk: int, milestone: int) -> HttpResponse:
    """Report what was reached at one milestone; what stands against it is said at the form."""
    issue = visible_issue(request, pk)
    row = get_object_or_404(
        Milestone.objects.select_related("plan__version"),
        pk=milestone,
        plan__version__issue=issue,
        plan__version__number=issue.version,
    )
    row.plan.version.issue = issue
    if not can_report(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_REPORT)
    form = MilestoneForm(request.POST, request.FILES, milestone=row.pk)
    if form.is_valid() and _settled(request, row, form):
        return redirect("issues:issue-detail", pk)
    context = detail_context(request, issue)
    context |= shown_of_plan(request.user, issue, {row.pk: form})
    return render(request, "issues/issue_detail.html", context, status=422)


def _settled(request: StaffRequest, row: Milestone, form: MilestoneForm) -> bool:
    """Whether it was reported, now or before; if not, the form says what to mend."""
    try:
        services.report_milestone(milestone=row, actor=request.user, **form.cleaned_data)
    except Refused as refusal:
        form.add_error("result", str(refusal))
    except ValidationError as fault:
        form.add_error("file", fault)
    except Stale as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"已报告{row.name}的成果。")
    return not form.errors
