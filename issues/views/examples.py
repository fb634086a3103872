"""Good examples: read by everybody who takes part, chosen by the office."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Category
from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from issues import services
from issues.anonymity import masked
from issues.filters import ExampleFilter
from issues.forms.examples import ExampleForm, LessonsForm
from issues.models import GoodExample
from issues.queries import draft_of, lessons, names_around
from issues.rules import can_choose_example, can_take_down
from issues.views.items import NO_PART, visible_issue
from issues.workflow import Refused
from organisation.requests import StaffRequest
from organisation.rules import takes_part


@require_safe
@needs(takes_part, NO_PART)
def example_list(request: StaffRequest) -> HttpResponse:
    """What others did well, told without names; newest first."""
    asked = opened(request.GET, "words")
    found = ExampleFilter(asked, _readable(request), request=request)
    context = {"filter": found, "page": page_of(found.qs, request)}
    return render(request, "issues/examples.html", context)


@require_POST
@needs(takes_part, NO_PART)
def example_search(request: StaffRequest) -> HttpResponse:
    """On to the list, narrowed."""
    asked = {name: request.POST.get(name, "") for name in ExampleFilter.base_filters}
    return to_list("issues:example-list", asked, "words")


@require_safe
@needs(takes_part, NO_PART)
def lessons_aside(request: StaffRequest) -> HttpResponse:
    """Beside the form: own earlier problems of the category, and examples of it."""
    form = LessonsForm(request.GET)
    category = None
    if form.is_valid():
        category = Category.objects.examined().filter(pk=form.cleaned_data["category"]).first()
    context = {"lessons": lessons(request.user, category) if category else None}
    return render(request, "issues/_lessons.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def example_choose(request: StaffRequest, pk: int) -> HttpResponse:
    """The item without its names, beside what was taken out, for the office to check."""
    issue = visible_issue(request, pk)
    if not can_choose_example(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_CHOOSE)
    draft = draft_of(issue, names_around(issue))
    initial = {name: masked(pieces).strip() for name, pieces in draft.items()}
    sent = request.POST if request.method == "POST" else None
    form = ExampleForm(sent, initial=initial, cancel_url=f"/issues/{pk}/")
    if form.is_valid():
        try:
            services.choose_example(issue=issue, actor=request.user, text=form.text())
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已选作好示例，本人会收到消息。")
            return redirect("issues:issue-detail", pk)
    marked = [(form.fields[name].label, pieces) for name, pieces in draft.items()]
    doubts = any(piece.doubtful for pieces in draft.values() for piece in pieces)
    context = {"issue": issue, "form": form, "marked": marked, "doubts": doubts}
    status = 422 if form.is_bound else 200
    return render(request, "issues/example_form.html", context, status=status)


@require_POST
@needs(takes_part, NO_PART)
def example_take_down(request: StaffRequest, pk: int) -> HttpResponse:
    """Readers lose it at once."""
    issue = visible_issue(request, pk)
    if not can_take_down(request.user, issue):
        raise PermissionDenied(services.NOT_YOURS_TO_TAKE_DOWN)
    try:
        services.take_down_example(issue=issue, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "已撤下，别人看不到了。")
    return redirect("issues:issue-detail", pk)


def _readable(request: StaffRequest) -> QuerySet[GoodExample]:
    return GoodExample.objects.visible_to(request.user).select_related("issue__category")
