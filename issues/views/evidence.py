"""Evidence of an item: added, handed out, exchanged, taken back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from core import audit
from core.files import open_stored
from core.permissions import needs
from issues import services
from issues.forms.evidence import EvidenceForm, NewerForm, TakeBackForm
from issues.models import Evidence, Issue
from issues.rules import can_add_evidence
from issues.services import Stale
from issues.services.evidence import NOT_YOURS
from issues.views.items import NO_PART, detail_context, visible_issue
from organisation.requests import StaffRequest
from organisation.rules import takes_part

GONE = (
    "佐证「{}」的登记还在，存放的文件不见了。请把这个文件名告诉系统管理员，从备份里找回；"
    "找不回来又还在整改期间的，由整改责任人换一份材料（如重新拍照）上传。"
)


@require_POST
@needs(takes_part, NO_PART)
def evidence_add(request: StaffRequest, pk: int) -> HttpResponse:
    """Attach files to an item that is being put right; a bad one does not keep back the others."""
    issue = _provable_issue(request, pk)
    form = EvidenceForm(request.POST, request.FILES)
    if form.is_valid():
        added = _add(request, issue, form)
        for said in form.refused:
            messages.warning(request, said)
        if added:
            messages.success(request, f"佐证已上传 {added} 份。" if added > 1 else "佐证已上传。")
            return _back(request, pk)
        form.add_error("file", form.refused)
    if "HX-Request" in request.headers:
        for refusal in form.refused or form.errors.get("file", []):
            messages.error(request, str(refusal))
        return _back(request, pk)
    context = detail_context(request, issue) | {"evidence_form": form}
    return render(request, "issues/issue_detail.html", context, status=422)


@require_safe
@needs(takes_part, NO_PART)
def evidence_file(request: StaffRequest, pk: int, evidence_pk: int) -> HttpResponseBase:
    """Hand out one file to whoever may see its item; each fetch is audited."""
    evidence = _evidence(visible_issue(request, pk), evidence_pk)
    file = open_stored(evidence.file, of=evidence, gone=GONE.format(evidence.name))
    audit.record_alone(actor=request.user, act="issues.fetch_evidence", subject=evidence)
    return FileResponse(file, as_attachment=True, filename=evidence.name)


@require_safe
@needs(takes_part, NO_PART)
def evidence_thumb(request: StaffRequest, pk: int, evidence_pk: int) -> HttpResponseBase:
    """The small picture on the item's page."""
    evidence = _evidence(visible_issue(request, pk), evidence_pk)
    if not evidence.thumb:
        raise Http404("这份佐证没有缩略图。")
    file = open_stored(evidence.thumb, of=evidence, gone=GONE.format(evidence.name))
    return FileResponse(file, content_type="image/jpeg")


@require_POST
@needs(takes_part, NO_PART)
def evidence_replace(request: StaffRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Put a newer file in its place."""
    issue = _provable_issue(request, pk)
    evidence = _evidence(issue, evidence_pk)
    form = NewerForm(request.POST, request.FILES)
    try:
        services.replace_evidence(evidence=evidence, actor=request.user, **_valid(form))
    except (Stale, ValidationError) as error:
        _tell(request, error)
    else:
        messages.success(request, "已换上新的一份，旧的留在记录里。")
    return _back(request, pk)


@require_POST
@needs(takes_part, NO_PART)
def evidence_take_back(request: StaffRequest, pk: int, evidence_pk: int) -> HttpResponse:
    """Let a file count no more."""
    issue = _provable_issue(request, pk)
    evidence = _evidence(issue, evidence_pk)
    try:
        services.take_back_evidence(
            evidence=evidence, actor=request.user, **_valid(TakeBackForm(request.POST))
        )
    except (Stale, ValidationError) as error:
        _tell(request, error)
    else:
        messages.success(request, "已收回，文件和原因留在记录里。")
    return _back(request, pk)


def _provable_issue(request: StaffRequest, pk: int) -> Issue:
    issue = visible_issue(request, pk)
    if not can_add_evidence(request.user, issue):
        raise PermissionDenied(NOT_YOURS)
    return issue


def _evidence(issue: Issue, pk: int) -> Evidence:
    evidence = get_object_or_404(Evidence, pk=pk, issue=issue)
    evidence.issue = issue
    return evidence


def _add(request: StaffRequest, issue: Issue, form: EvidenceForm) -> int:
    """How many of the files were taken; the others are named in the form."""
    added = 0
    for file in form.cleaned_data["file"]:
        try:
            services.add_evidence(
                issue=issue, actor=request.user, file=file, note=form.cleaned_data["note"]
            )
        except (Stale, ValidationError) as error:
            form.refused.append(f"「{file.name}」没有收：{_text(error)}")
        else:
            added += 1
    return added


def _valid(form: forms.Form) -> dict[str, Any]:
    if not form.is_valid():
        raise ValidationError([text for texts in form.errors.values() for text in texts])
    return form.cleaned_data


def _text(error: Exception) -> str:
    return "".join(error.messages) if isinstance(error, ValidationError) else str(error)


def _tell(request: StaffRequest, error: Exception) -> None:
    messages.error(request, _text(error))


def _back(request: StaffRequest, pk: int) -> HttpResponse:
    """To the item's page; a script that has shown the progress goes there itself."""
    if "HX-Request" in request.headers:
        return HttpResponse(
            status=204, headers={"HX-Redirect": reverse("issues:issue-detail", args=[pk])}
        )
    return redirect("issues:issue-detail", pk)
