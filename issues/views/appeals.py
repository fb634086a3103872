"""From an appeal to an item of its unit."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from core.paging import is_key
from core.permissions import needs
from issues import services
from issues.forms.appeals import AppealItemForm
from issues.queries.appeals import appeals_to_take, text_of_appeals
from issues.rules import makes_items_of
from issues.views.items import NO_PART
from issues.workflow import Refused
from organisation.queries.units import leaders_of
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits.models import Appeal

MOST = 20  # appeals that one item begins with


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def appeal_item(request: StaffRequest, pk: int) -> HttpResponse:
    """The form of an item of the unit, begun with the appeal and those named beside it."""
    seen = Appeal.objects.visible_to(request.user)
    appeal = get_object_or_404(seen.select_related("unit__area", "area", "campaign"), pk=pk)
    if appeal.unit is None or not makes_items_of(request.user, appeal):
        raise PermissionDenied(services.NOT_YOURS_TO_TAKE)
    to_take = appeals_to_take(request.user, appeal)
    form = AppealItemForm(
        request.POST if request.method == "POST" else None,
        campaign=appeal.campaign,
        unit=appeal.unit,
        appeals=to_take,
        cancel_url=reverse("visits:appeal-detail", args=[pk]),
        initial=_beginning(request, appeal),
    )
    if request.method == "POST" and form.is_valid():
        taken = form.cleaned_data["appeals"].select_related("unit__area", "area", "campaign")
        try:
            item = services.write_item_of_appeals(
                appeals=list(taken),
                author=request.user,
                category=form.cleaned_data["category"],
                text=form.text(),
                token=form.cleaned_data["token"],
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{item.number} 已存入{appeal.unit.name}的清单，由单位定稿。")
            return redirect("issues:issue-detail", item.pk)
    keys = [key for key in form["appeals"].value() or [] if is_key(str(key))]
    context = {"form": form, "unit": appeal.unit, "appeals": to_take.filter(pk__in=keys)}
    status = 422 if form.is_bound else 200
    return render(request, "issues/appeal_item_form.html", context, status=status)


def _beginning(request: StaffRequest, appeal: Appeal) -> dict[str, Any]:
    """The words of the appeals, the head as leader."""
    assert appeal.unit is not None
    also = [key for key in request.GET.getlist("also") if is_key(key)][:MOST]
    chosen = list(appeals_to_take(request.user, appeal).filter(pk__in=[appeal.pk, *also]))
    if not chosen:
        return {}
    head = leaders_of(appeal.unit).first()
    leader = head.user if head else None
    return text_of_appeals(chosen) | {"appeals": [each.pk for each in chosen], "leader": leader}
