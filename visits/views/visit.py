"""Pages of a visitor: what is left, one visit, what was done."""

import uuid
from dataclasses import replace
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from core.paging import NEWEST, Listed, Page, page_of, page_of_all
from core.permissions import needs
from core.sought import opened
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.filters import VisitFilter, WorkListFilter
from visits.forms.more_appeals import MoreAppeals
from visits.forms.split import seen_of
from visits.forms.visit import VisitForm
from visits.models import Target, Visit, VisitQuerySet
from visits.queries import (
    Shown,
    WayAround,
    as_last_time,
    shown_to,
    team_coverage,
    team_targets,
    versions_of,
    villages_given,
    villages_left,
    way_around,
)
from visits.queries.left import BY_AREA
from visits.queries.log import log_of
from visits.queries.split import members_to_give_to
from visits.queries.to_visit import ALL, VillageLeft
from visits.rules import can_correct, can_import_register, can_reveal, can_visit
from visits.services.visit import NOT_YOURS

NO_PART = "这个账号不参与专项行动，看不到走访数据。请用参与专项行动的账号登录。"


@require_safe
@needs(takes_part, NO_PART)
def target_list(request: CampaignRequest) -> HttpResponse:
    """What the person's teams still have to visit, with the coverage of their areas."""
    campaign = campaign_of(request)
    if campaign is None:
        context = {"can_import": can_import_register(request.user)}
        return render(request, "visits/target_list.html", context)
    found = WorkListFilter(
        opened(request.GET, "words"), team_targets(request.user, campaign), request=request
    )
    way = way_around(
        _villages(request, campaign, found), found.area_code, is_narrowed=found.is_narrowed
    )
    return work_list(request, campaign, found, _page_of_way(request, found, way), way=way)


def _villages(
    request: StaffRequest, campaign: Campaign, found: WorkListFilter
) -> list[VillageLeft]:
    return (villages_given if found.is_mine else villages_left)(request.user, campaign)


def _page_of_way(request: StaffRequest, found: WorkListFilter, way: WayAround) -> Page:
    """What is left of the village that is shown; its next page stays there."""
    if found.area_code:
        return page_of(found.qs, request, NEWEST if found.area_code == ALL else BY_AREA)
    if way.shown is None:
        return page_of(found.qs, request)
    rows = found.qs.filter(area__path__under=way.shown.path)
    page = page_of(rows, request, BY_AREA)
    following = page.following and f"{page.following}&area={way.shown.code}"
    return replace(page, following=following)


def work_list(
    request: StaffRequest,
    campaign: Campaign,
    found: WorkListFilter,
    page: Page,
    *,
    status: int = 200,
    way: WayAround | None = None,
    **more: Any,
) -> HttpResponse:
    """The page of the work list with these rows, all of which the person's teams cover."""
    context = {
        "campaign": campaign,
        "can_import": can_import_register(request.user),
        "filter": found,
        "page": replace(page, rows=[Shown(target, is_plain=True) for target in page]),
        "areas": team_coverage(request.user, campaign),
        "way": way or WayAround(_villages(request, campaign, found)),
    }
    return render(request, "visits/target_list.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def visit_create(request: StaffRequest, pk: int) -> HttpResponse:
    """Log one visit; the list of what is left follows."""
    target = target_to_visit(request, pk)
    form = VisitForm(
        request.POST or None,
        target=target,
        cancel_url="/visits/",
        initial=as_last_time(request.user, target.campaign),
    )
    more = MoreAppeals(request.POST or None)
    if request.method == "POST" and all([form.is_valid(), more.is_valid()]):
        visit = form.visit()
        visit["appeals"] += more.drafts()
        try:
            saved = services.record_visit(target=target, author=request.user, **visit)
        except services.OtherContent as other:
            return _form_page(request, form, more, other.visit)
        messages.success(request, _told(saved, target, visit["token"]))
        return redirect("visits:target-list")
    return _form_page(request, form, more)


def _told(saved: Visit, target: Target, token: uuid.UUID) -> str:
    if saved.token == token:
        return f"已保存对{target.masked_name}的走访。"
    return f"对{target.masked_name}的这次走访已经保存过，内容一样，没有再存一遍。"


def target_to_visit(request: StaffRequest, pk: int) -> Target:
    """A target of the person's teams. Raises Http404 out of sight, PermissionDenied beside."""
    targets = Target.objects.visible_to(request.user)
    target = get_object_or_404(
        targets.select_related("area__parent", "campaign", "taken_by", "assignee"), pk=pk
    )
    if not can_visit(request.user, target):
        raise PermissionDenied(NOT_YOURS)
    return target


def _form_page(
    request: StaffRequest, form: VisitForm, more: MoreAppeals, saved: Visit | None = None
) -> HttpResponse:
    """``saved``: what stands under the form's token already, with other content."""
    target, user = form.target, request.user
    previous = target.visits.select_related("author").order_by("-visited_on", "-id")[:5]
    context = {
        "form": form,
        "more": more,
        "target": Shown(target, is_plain=True),
        "previous": previous,
        "saved": saved,
        "people": members_to_give_to(user, target),
        "given_to": seen_of(target),
    }
    return render(request, "visits/visit_form.html", context, status=409 if saved else 200)


@require_safe
@needs(takes_part, NO_PART)
def visit_list(request: StaffRequest) -> HttpResponse:
    """The visits the person may see, newest first."""
    asked = opened(request.GET, "words")
    lists = [_narrowed(each, asked) for each in log_of(request.user)]
    form = VisitFilter(asked, Visit.objects.none())
    return visit_log(request, form, page_of_all(lists, request))


def _narrowed(listed: Listed, asked: QueryDict) -> Listed:
    """To what was asked; looked for no further than a page's span."""
    rows = cast(VisitQuerySet, listed.rows).for_log()
    if not asked.get("words"):
        return listed._replace(rows=rows)
    found = VisitFilter(asked, rows).qs
    return Listed(found, within=listed.within if listed.within is not None else listed.rows)


def visit_log(
    request: StaffRequest, found: VisitFilter, page: Page, status: int = 200, **more: Any
) -> HttpResponse:
    """The page of the log with these rows."""
    shown = shown_to(request.user, [visit.target for visit in page])
    rows = list(zip(page, shown, strict=True))
    context = {"filter": found, "page": replace(page, rows=rows)}
    return render(request, "visits/visit_list.html", context | more, status=status)


@require_safe
@needs(takes_part, NO_PART)
def visit_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One visit as it stands, and what it said before."""
    visits = Visit.objects.visible_to(request.user)
    visit = get_object_or_404(
        visits.select_related("target__area__parent", "target__campaign", "author", "entered_by"),
        pk=pk,
    )
    (shown,) = shown_to(request.user, [visit.target])
    context = {
        "visit": visit,
        "target": shown,
        "versions": versions_of(visit),
        "can_correct": can_correct(request.user, visit),
        "can_visit": can_visit(request.user, visit.target),
        "can_open_target": can_reveal(request.user, visit.target),
    }
    return render(request, "visits/visit_detail.html", context)
