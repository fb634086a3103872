"""The first page after signing in: what waits for me."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.permissions import needs, signed_in
from organisation.requests import StaffRequest
from organisation.scope import scope_of
from reports.queries.home import waiting


@require_safe
@needs(signed_in)
def home(request: StaffRequest) -> HttpResponse:
    context = {
        "waiting": waiting(request.user),
        "takes_part": scope_of(request.user).takes_part,
    }
    return render(request, "reports/home.html", context)
