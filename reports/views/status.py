"""How the machine is: for who keeps it running."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from core.permissions import needs
from organisation.requests import StaffRequest
from reports.queries.status import status
from reports.rules import reads_status

NO_RIGHT = "运行状态由系统管理员查看。系统用起来不正常时，请告诉系统管理员。"


@require_safe
@needs(reads_status, NO_RIGHT)
def show(request: StaffRequest) -> HttpResponse:
    return render(request, "reports/status.html", {"status": status()})


@require_safe
@needs(reads_status, NO_RIGHT)
def now(request: StaffRequest) -> HttpResponse:
    """The changing part of the page, which asks for itself every 15 seconds."""
    return render(request, "reports/_status.html", {"status": status()})
