"""The tree of units: reading it, and keeping it right."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.paging import page_of
from core.permissions import needs
from core.sought import opened, to_list
from organisation import rules, services
from organisation.filters import UnitFilter
from organisation.forms.units import CloseUnitForm, MoveUnitForm, NewUnitForm, UnitForm
from organisation.models import Unit
from organisation.queries.people import Criteria, roster
from organisation.queries.units import leaders_of, unit_page, units_below
from organisation.requests import StaffRequest
from organisation.services import Refused
from organisation.views.person import posted, status_of

ONLY_READERS = "单位由作风办、组织部、单位联络员和单位班子成员查看。"
ONLY_OFFICE = "单位由作风办新建、修改、移动和撤销。"
NOT_YOURS = "这个单位不在您负责的区划内，不能修改。"
CLOSED = "这个单位已经撤销，不能再修改。"


@require_safe
@needs(rules.reads_roster, ONLY_READERS)
def unit_list(request: StaffRequest) -> HttpResponse:
    """The units in the reader's scope, in the order of the tree."""
    found = UnitFilter(opened(request.GET, "words"))
    after = request.GET.get("after", "")
    page = unit_page(request.user, after=after, **found.chosen)  # type: ignore[arg-type]
    kept = {key: str(value) for key, value in request.GET.items() if key != "after"}
    context = {
        "filter": found,
        "found": page,
        "first": f"?{urlencode(kept)}" if after else "",
        "following": f"?{urlencode(kept | {'after': page.following})}" if page.following else "",
        "is_narrowed": any(kept.values()),
        "keeps": rules.keeps_units(request.user),
    }
    return render(request, "organisation/units.html", context)


@require_POST
@needs(rules.reads_roster, ONLY_READERS)
def unit_search(request: StaffRequest) -> HttpResponse:
    """On to the units, narrowed."""
    asked = {name: request.POST.get(name, "") for name in UnitFilter.base_fields}
    return to_list("organisation:unit-list", asked, "words")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_units, ONLY_OFFICE)
def unit_create(request: StaffRequest) -> HttpResponse:
    """A new unit in the tree."""
    form = NewUnitForm(
        posted(request),
        user=request.user,
        cancel_url="/units/",
        initial={"parent": request.GET.get("parent", "")},
    )
    if request.method == "POST" and form.is_valid():
        try:
            unit = services.create_unit(
                parent=form.cleaned_data["parent"], actor=request.user, **form.data_of_unit
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"已新建{unit.name}。")
            return redirect("organisation:unit-detail", unit.pk)
    return _form_page(request, None, form, "新建单位")


@require_safe
@needs(rules.reads_roster, ONLY_READERS)
def unit_detail(request: StaffRequest, pk: int) -> HttpResponse:
    """One unit: its leaders, the units below, its people."""
    unit = _visible(request, pk)
    people = roster(request.user, Criteria()).filter(unit=unit)
    context = {
        "unit": unit,
        "leaders": leaders_of(unit),
        "below": units_below(unit),
        "page": page_of(people, request),
        "business": rules.sees_business(request.user),
        "can_keep": rules.keeps_unit(request.user, unit) and not unit.closed_on,
        "can_enrol": rules.keeps_people_of(request.user, unit) and not unit.closed_on,
    }
    return render(request, "organisation/unit.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_units, ONLY_OFFICE)
def unit_update(request: StaffRequest, pk: int) -> HttpResponse:
    """The unit's own data."""
    unit = _kept(request, pk)
    form = UnitForm(posted(request), user=request.user, unit=unit, cancel_url=f"/units/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.change_unit(unit=unit, actor=request.user, **form.data_of_unit)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "已保存。")
            return redirect("organisation:unit-detail", pk)
    return _form_page(request, unit, form, "修改单位")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_units, ONLY_OFFICE)
def unit_move(request: StaffRequest, pk: int) -> HttpResponse:
    """Another place in the tree, with everything below."""
    unit = _kept(request, pk)
    form = MoveUnitForm(
        posted(request),
        user=request.user,
        unit=unit,
        cancel_url=f"/units/{pk}/",
        initial={"parent": unit.parent.name if unit.parent else ""},
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.move_unit(unit=unit, parent=form.cleaned_data["parent"], actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "单位已移动，下级单位随同移动。")
            return redirect("organisation:unit-detail", pk)
    return _form_page(request, unit, form, "移动单位")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_units, ONLY_OFFICE)
def unit_close(request: StaffRequest, pk: int) -> HttpResponse:
    """Close the unit; its records stay."""
    unit = _kept(request, pk)
    form = CloseUnitForm(posted(request), cancel_url=f"/units/{pk}/")
    if request.method == "POST" and form.is_valid():
        try:
            services.close_unit(unit=unit, on=form.cleaned_data["on"], actor=request.user)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"{unit.name}已撤销，记录保留。")
            return redirect("organisation:unit-detail", pk)
    return _form_page(request, unit, form, "撤销单位")


def _visible(request: StaffRequest, pk: int) -> Unit:
    units = Unit.objects.visible_to(request.user).select_related("area", "parent")
    unit: Unit = get_object_or_404(units, pk=pk)
    return unit


def _kept(request: StaffRequest, pk: int) -> Unit:
    unit = _visible(request, pk)
    if not rules.keeps_unit(request.user, unit):
        raise PermissionDenied(NOT_YOURS)
    if unit.closed_on:
        raise PermissionDenied(CLOSED)
    return unit


def _form_page(request: StaffRequest, unit: Unit | None, form: Any, heading: str) -> HttpResponse:
    context = {"unit": unit, "form": form, "heading": heading}
    return render(request, "organisation/unit_form.html", context, status=status_of(form))
