"""The roster as a file."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from core.models import Job
from core.permissions import needs
from organisation import rules
from organisation.filters import RosterFilter
from organisation.requests import StaffRequest, ask_proof
from organisation.services.exports import ROSTER_KIND, request_roster_export
from organisation.views.people import ONLY_READERS

EXPORTS_SHOWN = 20


@require_POST
@needs(rules.reads_roster, ONLY_READERS)
def person_export(request: StaffRequest) -> HttpResponse:
    """Ask for the narrowed roster as Excel, after proof of who asks."""
    if asked := ask_proof(request):
        return asked
    found = RosterFilter(request.POST, business=rules.sees_business(request.user))
    request_roster_export(actor=request.user, criteria=found.criteria)
    return redirect("organisation:person-exports")


@require_safe
@needs(rules.reads_roster, ONLY_READERS)
def person_exports(request: StaffRequest) -> HttpResponse:
    """One's own files of the roster, the newest first."""
    jobs = Job.objects.visible_to(request.user).filter(kind=ROSTER_KIND)
    context = {"jobs": jobs.order_by("-queued_at")[:EXPORTS_SHOWN], "limit": EXPORTS_SHOWN}
    return render(request, "organisation/people_exports.html", context)
