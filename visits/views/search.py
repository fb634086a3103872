"""The search boxes of both lists.

A whole telephone number is found by its index and answered at once; other words go on to
the list's own address, sealed.
"""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from campaign.requests import CampaignRequest, campaign_of
from core.masking import mask_phone
from core.paging import Page
from core.permissions import needs
from core.phones import phone_in
from core.sought import to_list
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.filters import VisitFilter, WorkListFilter
from visits.models import Target, Visit
from visits.queries import team_targets
from visits.views.visit import NO_PART, visit_log, work_list

KEPT = ("words", "kind", "own", "area", "whose")  # what the list's own address takes


@require_POST
@needs(takes_part, NO_PART)
def target_search(request: CampaignRequest) -> HttpResponse:
    """Targets of the person's teams by a whole telephone number, or by other words."""
    campaign = campaign_of(request)
    number = phone_in(request.POST.get("words", ""))
    if not number or campaign is None:
        return _to_list("visits:target-list", request)
    own = team_targets(request.user, campaign)
    found = _by_phone(request, number, own.with_phone)
    return work_list(request, campaign, WorkListFilter({}, own, request=request), **found)


@require_POST
@needs(takes_part, NO_PART)
def visit_search(request: StaffRequest) -> HttpResponse:
    """Visits to whoever has a telephone number, or by other words."""
    number = phone_in(request.POST.get("words", ""))
    if not number:
        return _to_list("visits:visit-list", request)
    visits = Visit.objects.visible_to(request.user).for_log()
    found = _by_phone(
        request, number, lambda phone: visits.filter(target__in=Target.objects.with_phone(phone))
    )
    return visit_log(request, VisitFilter({}, visits), **found)


def _to_list(route: str, request: StaffRequest) -> HttpResponseRedirect:
    return to_list(route, {name: request.POST.get(name, "") for name in KEPT}, "words")


def _by_phone(
    request: StaffRequest, number: str, find: Callable[[str], QuerySet[Any]]
) -> dict[str, Any]:
    """The rows with the number, or the word that the hour's searches are used up."""
    try:
        services.note_phone_search(actor=request.user)
    except services.TooOften as error:
        return {"page": Page([], "", ""), "status": 429, "too_often": str(error)}
    rows = list(find(number).order_by("-id")[: settings.PAGE_SIZE])
    return {"page": Page(rows, "", ""), "searched": mask_phone(number)}
