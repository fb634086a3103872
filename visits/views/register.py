"""Pages of the register's keepers: templates, upload, check, import."""

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign.models import Campaign
from campaign.requests import CampaignRequest, campaign_of
from campaign.services import Refused
from core.downloads import workbook
from core.forms import cleaned
from core.permissions import needs
from core.upload_views import UploadPages, sent
from organisation.models import User
from visits import services
from visits.choices import TargetKind
from visits.exports.register import write_register_template
from visits.forms.register import RegisterUploadForm
from visits.forms.register_columns import ColumnsForm
from visits.models import REASON_LENGTH, RegisterUpload
from visits.queries import own_uploads, villages_to_register
from visits.queries.columns import chosen_columns
from visits.queries.denominator import current_freeze, needs_reason
from visits.register.columns import kept
from visits.register.findings import findings_page
from visits.rules import can_import_register, keeps_areas
from visits.services.columns import TOO_LATE

PAGES = UploadPages(
    title="登记册导入",
    chooser="visits:register-import",
    shown="visits:register-upload",
    apply="visits:register-apply",
    cancel="visits:register-cancel",
    error_file="已标出问题的原表",
)
ONLY_KEEPERS = "只有作风办和组织部可以导入登记册。"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(can_import_register, ONLY_KEEPERS)
def register_import(request: CampaignRequest) -> HttpResponse:
    """Choose a register, fetch its template, send in the filled one."""
    user = _keeper(request)
    campaign = campaign_of(request)
    if campaign is None:
        return render(request, "visits/register_import.html", {"pages": PAGES, "campaign": None})
    form = RegisterUploadForm(*sent(request))
    if form.is_valid():
        upload = services.upload_register(
            campaign=campaign,
            kind=TargetKind(form.cleaned_data["kind"]),
            name=form.file_name,
            content=form.cleaned_data["file"],
            actor=user,
            columns_first=form.cleaned_data["columns_first"],
        )
        return redirect("visits:register-upload", pk=upload.pk)
    return PAGES.choose(
        request,
        "visits/register_import.html",
        form=form,
        uploads=own_uploads(user, campaign),
        campaign=campaign,
        kinds=TargetKind.choices,
        villages_left=villages_to_register(user, campaign).count(),
        frozen=current_freeze(campaign),
    )


@require_safe
@needs(can_import_register, ONLY_KEEPERS)
def register_template(request: HttpRequest, kind: str) -> FileResponse:
    """The empty workbook of one register."""
    _keeper(request)
    if kind not in TargetKind.values:
        raise Http404
    name = f"{TargetKind(kind).label}登记册模板.xlsx"
    return workbook(partial(write_register_template, TargetKind(kind)), name)


@require_safe
@needs(can_import_register, ONLY_KEEPERS)
def register_upload(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found, or what the import did."""
    upload = _own_upload(request, pk)
    found = findings_page(
        upload.report, kind=request.GET.get("kind", ""), page=request.GET.get("page", "")
    )
    return PAGES.show(
        request,
        "visits/register_upload.html",
        upload,
        can_read_progress=keeps_areas(upload.uploaded_by),
        needs_reason=needs_reason(upload),
        found=found,
    )


@require_POST
@needs(can_import_register, ONLY_KEEPERS)
def register_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the check or the import of an upload that is under way."""
    upload = _own_upload(request, pk)
    if services.cancel_upload(upload=upload, actor=upload.uploaded_by):
        messages.success(request, "已停止，登记册没有任何变化。")
    else:
        messages.info(request, "这一步已经结束，不用停止。")
    return redirect("visits:register-upload", pk=upload.pk)


@require_POST
@needs(can_import_register, ONLY_KEEPERS)
def register_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm the import of a checked upload."""
    upload = _own_upload(request, pk)
    reason = _reason(request)
    try:
        services.request_apply(upload=upload, actor=upload.uploaded_by, reason=reason)
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("visits:register-upload", pk=upload.pk)


@require_POST
@needs(can_import_register, ONLY_KEEPERS)
def register_villages(request: CampaignRequest) -> HttpResponse:
    """Register the villages of the area table that are missing."""
    user, campaign = _keeper(request), _campaign(request)
    try:
        number = services.register_villages(campaign=campaign, actor=user, reason=_reason(request))
    except Refused as why:
        messages.error(request, str(why))
        return redirect("visits:register-import")
    text = f"已从区划表新增 {number} 个村居。" if number else "村居登记册已经齐全，没有新增。"
    messages.success(request, text)
    return redirect("visits:register-import")


def _reason(request: HttpRequest) -> str:
    """Why the register grows after it was frozen, as far as the column takes it."""
    return cleaned(request.POST.get("reason", ""))[:REASON_LENGTH]


@require_http_methods(["GET", "HEAD", "POST"])
@needs(can_import_register, ONLY_KEEPERS)
def register_columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what each column of an uploaded file is; it is remembered for the next one."""
    upload = _own_upload(request, pk)
    if not upload.may_choose_columns:
        messages.info(request, TOO_LATE)
        return redirect("visits:register-upload", pk=pk)
    tops = kept(upload.first_rows.open())
    kind = TargetKind(upload.kind)
    given = request.POST if request.method == "POST" else None
    form = ColumnsForm(
        given,
        kind=kind,
        tops=tops,
        known=chosen_columns(upload.campaign, kind),
        at=(given or request.GET).get("at", ""),
        job=str(upload.job_id or ""),
    )
    if given is not None and form.is_valid():
        try:
            services.choose_columns(
                upload=upload,
                sheet=form.sheet,
                row=form.row,
                columns=form.chosen,
                actor=upload.uploaded_by,
                seen=form.cleaned_data["job"],
            )
        except Refused as why:
            messages.error(request, str(why))
        else:
            messages.success(request, "已记住这种表头的列，正在检查。以后同样表头的文件自动套用。")
        return redirect("visits:register-upload", pk=pk)
    context = {"upload": upload, "form": form, "tops": tops}
    status = 422 if form.is_bound else 200
    return render(request, "visits/register_columns.html", context, status=status)


def _keeper(request: HttpRequest) -> User:
    """The signed-in person, who must be allowed to keep the register."""
    user = request.user
    if not isinstance(user, User) or not can_import_register(user):
        raise PermissionDenied("只有作风办和组织部可以导入登记册。")
    return user


def _campaign(request: CampaignRequest) -> Campaign:
    campaign = campaign_of(request)
    if campaign is None:
        raise Http404
    return campaign


def _own_upload(request: HttpRequest, pk: int) -> RegisterUpload:
    uploads = RegisterUpload.objects.visible_to(_keeper(request))
    return get_object_or_404(uploads.select_related("job", "campaign", "uploaded_by"), pk=pk)
