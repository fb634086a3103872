"""The audit trail, for its administrator alone."""

from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.models import Job
from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from organisation.forms.audit import AuditFilter
from organisation.queries.audit import lines_of, trail
from organisation.requests import StaffRequest, ask_proof
from organisation.rules import reads_audit
from organisation.services.audit import AUDIT_KIND, ONLY_AUDITORS, request_audit_export

EXPORTS_SHOWN = 5
SOUGHT = ("person", "words")


@require_safe
@needs(reads_audit, ONLY_AUDITORS)
def audit_list(request: StaffRequest) -> HttpResponse:
    """What the people under the grant did, the newest first, and one's own exports of it."""
    found = AuditFilter(opened(request.GET, *SOUGHT))
    criteria = found.criteria
    page = page_of(trail(request.user, criteria), request)
    jobs = Job.objects.visible_to(request.user).filter(kind=AUDIT_KIND).order_by("-queued_at")
    context = {
        "filter": found,
        "written": criteria.written,
        "page": replace(page, rows=lines_of(page.rows)),
        "jobs": jobs[:EXPORTS_SHOWN],
    }
    return render(request, "organisation/audit.html", context)


@require_POST
@needs(reads_audit, ONLY_AUDITORS)
def audit_search(request: StaffRequest) -> HttpResponse:
    """On to the trail, narrowed."""
    return to_list("organisation:audit-list", AuditFilter(request.POST).criteria.written, *SOUGHT)


@require_POST
@needs(reads_audit, ONLY_AUDITORS)
def audit_export(request: StaffRequest) -> HttpResponse:
    """Ask for the narrowed trail as Excel, after proof of who asks."""
    if asked := ask_proof(request):
        return asked
    request_audit_export(actor=request.user, criteria=AuditFilter(request.POST).criteria)
    return redirect("organisation:audit-list")
