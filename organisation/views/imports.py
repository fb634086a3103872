"""Pages of the imports: templates, upload, check, confirmation, what came of it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import audit
from core.downloads import workbook
from core.permissions import needs
from core.upload_forms import WorkbookForm
from core.upload_views import UploadPages, sent
from core.uploads import Upload, UploadState
from organisation import rules
from organisation.exports.templates import (
    write_roster,
    write_roster_template,
    write_units,
    write_units_template,
)
from organisation.forms.imports import RosterForm, UnitListForm
from organisation.models import User
from organisation.queries.roster import own_rosters, own_unit_lists
from organisation.requests import StaffRequest
from organisation.roster.faults import Fault
from organisation.roster.fields import ROSTER_FIELDS, UNIT_FIELDS
from organisation.services.imports import ROSTER, UNITS, upload_roster, upload_units

UNCHANGED, WRONG = ("unchanged", "没有变化"), (("wrong", "有错误的行"), ("rows", "数据行合计"))
ONLY_KEEPERS = "只有作风办和单位联络员可以导入花名册。"
ONLY_OFFICE = "只有作风办可以导入单位。"


@dataclass(frozen=True)
class Words:
    """What the pages of the two imports say differently, and where they lead."""

    pages: UploadPages
    people: bool
    whole: str  # the list that the import keeps
    list_route: str
    template_route: str
    present: str  # the workbook with the list as it stands
    present_route: str
    lead: str
    acts: tuple[tuple[str, str], ...]  # what is counted of the report, and its label


PEOPLE = Words(
    pages=UploadPages(
        title="花名册导入",
        chooser="organisation:roster-import",
        shown="organisation:roster-upload",
        apply="organisation:roster-apply",
        faults=Fault,
    ),
    people=True,
    whole="人员名册",
    list_route="organisation:person-list",
    template_route="organisation:roster-template",
    present="现有花名册",
    present_route="organisation:roster-present",
    lead="新增、调动、改职、更正和离职，一张表一次办完。表里没有的人不受影响。",
    acts=(
        ("created", "新增"),
        ("moved", "调动"),
        ("changed", "改职"),
        ("corrected", "更正"),
        ("retired", "离职"),
    ),
)
PLACES = Words(
    pages=UploadPages(
        title="单位导入",
        chooser="organisation:units-import",
        shown="organisation:units-upload",
        apply="organisation:units-apply",
        faults=Fault,
    ),
    people=False,
    whole="单位",
    list_route="organisation:unit-list",
    template_route="organisation:units-template",
    present="现有单位清单",
    present_route="organisation:units-present",
    lead="新建、改名、移动单位，一张表一次办完。表里没有的单位不受影响。",
    acts=(("created", "新增"), ("moved", "移动"), ("changed", "修改")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_roster, ONLY_KEEPERS)
def roster_import(request: StaffRequest) -> HttpResponse:
    """Fetch the roster's template, send in the filled one."""
    form = RosterForm(*sent(request))
    if form.is_valid():
        upload = upload_roster(
            name=form.file_name,
            content=form.cleaned_data["file"],
            site=settings.BASE_URL or f"{request.scheme}://{request.get_host()}",
            actor=request.user,
        )
        return redirect("organisation:roster-upload", pk=upload.pk)
    return _import_page(request, PEOPLE, form, own_rosters(request.user))


@require_safe
@needs(rules.keeps_roster, ONLY_KEEPERS)
def roster_template(request: StaffRequest) -> FileResponse:
    """The empty roster."""
    return workbook(write_roster_template, "花名册模板.xlsx")


@require_safe
@needs(rules.keeps_roster, ONLY_KEEPERS)
def roster_present(request: StaffRequest) -> HttpResponseBase:
    """The present roster in the same columns, to be changed and sent in again; audited."""
    _record(request.user, "organisation.fetch_roster")
    return workbook(partial(write_roster, request.user), "现有花名册.xlsx")


@require_safe
@needs(rules.keeps_roster, ONLY_KEEPERS)
def roster_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a roster found, or what its import did."""
    return _upload_page(request, PEOPLE, get_object_or_404(own_rosters(request.user), pk=pk))


@require_POST
@needs(rules.keeps_roster, ONLY_KEEPERS)
def roster_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked roster."""
    upload = get_object_or_404(own_rosters(request.user), pk=pk)
    ROSTER.request_apply(upload=upload, actor=request.user)
    return redirect("organisation:roster-upload", pk=upload.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.keeps_units, ONLY_OFFICE)
def units_import(request: StaffRequest) -> HttpResponse:
    """Fetch the template of the list of units, send in the filled one."""
    form = UnitListForm(*sent(request))
    if form.is_valid():
        content = form.cleaned_data["file"]
        upload = upload_units(name=form.file_name, content=content, actor=request.user)
        return redirect("organisation:units-upload", pk=upload.pk)
    return _import_page(request, PLACES, form, own_unit_lists(request.user))


@require_safe
@needs(rules.keeps_units, ONLY_OFFICE)
def units_template(request: StaffRequest) -> FileResponse:
    """The empty list of units."""
    return workbook(write_units_template, "单位清单模板.xlsx")


@require_safe
@needs(rules.keeps_units, ONLY_OFFICE)
def units_present(request: StaffRequest) -> HttpResponseBase:
    """The present units in the same columns."""
    return workbook(partial(write_units, request.user), "现有单位清单.xlsx")


@require_safe
@needs(rules.keeps_units, ONLY_OFFICE)
def units_upload(request: StaffRequest, pk: int) -> HttpResponse:
    """What the check of a list of units found, or what its import did."""
    return _upload_page(request, PLACES, get_object_or_404(own_unit_lists(request.user), pk=pk))


@require_POST
@needs(rules.keeps_units, ONLY_OFFICE)
def units_apply(request: StaffRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked list of units."""
    upload = get_object_or_404(own_unit_lists(request.user), pk=pk)
    UNITS.request_apply(upload=upload, actor=request.user)
    return redirect("organisation:units-upload", pk=upload.pk)


def _import_page(
    request: StaffRequest, words: Words, form: WorkbookForm, uploads: QuerySet[Any]
) -> HttpResponse:
    return words.pages.choose(
        request,
        "organisation/import.html",
        form=form,
        uploads=uploads,
        words=words,
        columns=ROSTER_FIELDS if words.people else UNIT_FIELDS,
    )


def _upload_page(request: StaffRequest, words: Words, upload: Upload) -> HttpResponse:
    report = upload.report
    counted = WRONG if upload.state == UploadState.REFUSED else (*words.acts, UNCHANGED)
    return words.pages.show(
        request,
        "organisation/import_upload.html",
        upload,
        words=words,
        figures=[(label, report[key]) for key, label in counted if key in report],
        steps=[(row, f"{act}：{name}", note) for act, row, name, note in report.get("steps", [])],
    )


def _record(user: User, act: str) -> None:
    audit.record_alone(actor=user, act=act, subject=user)
