"""Taking a target for some days, and giving it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.views.visit import NO_PART, target_to_visit


@require_POST
@needs(takes_part, NO_PART)
def target_take(request: StaffRequest, pk: int) -> HttpResponse:
    """Take a target, so that nobody else goes there in the next days."""
    target = target_to_visit(request, pk)
    try:
        taken = services.take_target(target=target, actor=request.user)
    except services.TakenByOther as other:
        messages.error(request, str(other))
    else:
        messages.success(request, f"已认领到 {taken.taken_until:%m月%d日}，到期没去会自动放回。")
    return redirect("visits:visit-create", pk)


@require_POST
@needs(takes_part, NO_PART)
def target_give_back(request: StaffRequest, pk: int) -> HttpResponse:
    """Leave a target to the others again."""
    services.give_back_target(target=target_to_visit(request, pk), actor=request.user)
    messages.success(request, "已放回，别的队员可以去。")
    return redirect("visits:visit-create", pk)
