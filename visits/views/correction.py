"""Correcting one's own visit."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.forms.visit import CorrectionForm
from visits.models import Visit
from visits.queries import Shown
from visits.rules import can_correct
from visits.services.correction import NOT_YOURS
from visits.views.visit import NO_PART


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def visit_correct(request: StaffRequest, pk: int) -> HttpResponse:
    """Correct what one has logged; the former words stay to be read."""
    visits = Visit.objects.visible_to(request.user).select_related("target__campaign")
    visit = get_object_or_404(visits, pk=pk)
    if not can_correct(request.user, visit):
        raise PermissionDenied(NOT_YOURS)
    form = CorrectionForm(request.POST or None, visit=visit, cancel_url=f"/visits/log/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_visit(visit=visit, actor=request.user, **form.correction())
        except services.Superseded as why:
            form.add_error(None, str(why))
        else:
            messages.success(request, "已更正，原来的内容保留在这条记录里。")
            return redirect("visits:visit-detail", pk)
    context = {"form": form, "visit": visit, "target": Shown(visit.target, is_plain=False)}
    status = 422 if request.method == "POST" else 200
    return render(request, "visits/visit_correct.html", context, status=status)
