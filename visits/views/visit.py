"""Pages of a visitor: what is left, one visit, what was done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from campaign.queries import current_campaign
from core.paging import page_of
from core.permissions import needs
from organisation.requests import StaffRequest
from organisation.rules import takes_part
from visits import services
from visits.filters import VisitFilter, WorkListFilter
from visits.forms.visit import VisitForm
from visits.models import Target, Visit
from visits.queries import team_coverage, team_targets
from visits.rules import can_import_register, can_visit

NO_PART = "这个账号不参与专项行动，看不到走访数据。请用参与专项行动的账号登录。"


@require_safe
@needs(takes_part, NO_PART)
def target_list(request: StaffRequest) -> HttpResponse:
    """What the person's teams still have to visit, with the coverage of their areas."""
    campaign = current_campaign()
    may_import = can_import_register(request.user)
    if campaign is None:
        return render(request, "visits/target_list.html", {"can_import": may_import})
    found = WorkListFilter(request.GET, team_targets(request.user, campaign))
    context = {
        "campaign": campaign,
        "can_import": may_import,
        "filter": found,
        "page": page_of(found.qs, request),
        "areas": team_coverage(request.user, campaign),
    }
    return render(request, "visits/target_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def visit_create(request: StaffRequest, pk: int) -> HttpResponse:
    """Log one visit; the list of what is left follows."""
    target = get_object_or_404(
        Target.objects.visible_to(request.user).select_related("area__parent", "campaign"), pk=pk
    )
    if not can_visit(request.user, target):
        raise PermissionDenied("这个走访对象不在您所在服务队的包联范围内。")
    form = VisitForm(request.POST or None, target=target, cancel_url="/visits/")
    if request.method == "POST" and form.is_valid():
        services.record_visit(target=target, author=request.user, **form.visit())
        messages.success(request, f"已保存对{target.name}的走访。")
        return redirect("visits:target-list")
    previous = target.visits.select_related("author").order_by("-visited_on", "-id")[:5]
    context = {"form": form, "target": target, "previous": previous}
    return render(request, "visits/visit_form.html", context)


@require_safe
@needs(takes_part, NO_PART)
def visit_list(request: StaffRequest) -> HttpResponse:
    """The visits the person may see, newest first."""
    visits = Visit.objects.visible_to(request.user)
    found = VisitFilter(request.GET, visits.select_related("target__area", "author", "appeal"))
    context = {"filter": found, "page": page_of(found.qs, request)}
    return render(request, "visits/visit_list.html", context)


@require_safe
@needs(takes_part, NO_PART)
def visit_detail(request: StaffRequest, pk: int) -> HttpResponse:
    visits = Visit.objects.visible_to(request.user)
    visit = get_object_or_404(
        visits.select_related("target__area__parent", "author", "appeal__unit"), pk=pk
    )
    context = {"visit": visit, "can_visit": can_visit(request.user, visit.target)}
    return render(request, "visits/visit_detail.html", context)
