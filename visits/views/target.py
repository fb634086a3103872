"""Pages of one target: what everybody in charge may see, and the reveal of the rest."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.forms.split import seen_of
from visits.forms.target import RevealForm
from visits.models import Target, Visit
from visits.queries import Shown, shown_to
from visits.queries.denominator import visits_of
from visits.queries.split import members_to_give_to
from visits.rules import can_visit
from visits.views.visit import NO_PART

SHOWN_VISITS = 10


@require_safe
@needs(takes_part, NO_PART)
def target_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """The target as the person may see it, and the visits to it."""
    (shown,) = shown_to(request.user, [_target(request, pk)])
    return _page(request, shown, RevealForm())


@require_POST
@needs(takes_part, NO_PART)
def target_reveal(request: StaffRequest, pk: int) -> HttpResponse:
    """The plain values, once and in this answer only, for a reason that is kept."""
    target = _target(request, pk)
    (shown,) = shown_to(request.user, [target])
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _page(request, shown, form)
    try:
        revealed = services.reveal(target=target, actor=request.user, **form.cleaned_data)
    except services.TooOften as error:
        form.add_error(None, str(error))
        return _page(request, shown, form, status=429)
    return _page(request, revealed, form)


def _target(request: StaffRequest, pk: int) -> Target:
    targets = Target.objects.visible_to(request.user).select_related("area__parent", "assignee")
    return get_object_or_404(targets, pk=pk)


def _page(request: StaffRequest, shown: Shown, form: RevealForm, status: int = 200) -> HttpResponse:
    target = shown.entry
    to_it = visits_of(target).values("pk")
    visits = Visit.objects.visible_to(request.user).filter(pk__in=to_it).select_related("author")
    context = {
        "target": shown,
        "form": form,
        "can_visit": can_visit(request.user, target),
        "people": members_to_give_to(request.user, target),
        "given_to": seen_of(target),
        "visits": visits.order_by("-visited_on", "-id")[:SHOWN_VISITS],
    }
    return render(request, "visits/target_detail.html", context, status=status)
