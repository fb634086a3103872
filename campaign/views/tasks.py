"""Tasks: kept by the office, told by those who have done them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaign import queries, rules, services
from campaign.choices import GROUPS, Audience
from campaign.forms.tasks import TaskForm, TellForm
from campaign.models import Stage, StageTask, TaskDone
from campaign.services import Refused
from campaign.views.scoped import (
    NO_PART,
    ONLY_OFFICE,
    kept_stage,
    kept_task,
    visible_task,
)
from core import audit
from core.files import open_stored
from core.permissions import needs
from organisation.models import User
from organisation.requests import StaffRequest
from organisation.rules import takes_part

FILE_GONE = (
    "任务的报告还在，附件「{}」不见了。请告诉系统管理员从备份里找回；"
    "找不回来的，在这个阶段结束以前由报告的人撤回，重新报告并上传附件。"
)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def task_create(request: StaffRequest, pk: int, kind: str) -> HttpResponse:
    """One more task of a stage."""
    stage = kept_stage(request, pk, kind)
    form = TaskForm(_posted(request), cancel_url=_stage_page(stage))
    save = partial(services.add_task, stage=stage)
    if form.is_valid() and _is_saved(form, save, request.user):
        messages.success(request, "任务已新增。")
        return redirect(_stage_page(stage))
    return _form_page(request, form, stage, "新增任务")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(rules.begins_campaigns, ONLY_OFFICE)
def task_update(request: StaffRequest, pk: int, task: int) -> HttpResponse:
    """Other words or another deadline for a task."""
    found = kept_task(request, pk, task)
    form = TaskForm(_posted(request), task=found, cancel_url=_stage_page(found.stage))
    save = partial(services.change_task, task=found)
    if form.is_valid() and _is_saved(form, save, request.user):
        messages.success(request, "任务已保存。")
        return redirect(_stage_page(found.stage))
    return _form_page(request, form, found.stage, "修改任务")


def _is_saved(form: TaskForm, save: Callable[..., Any], actor: User) -> bool:
    """Whether the service took the form; why it did not stands in the form."""
    try:
        save(data=form.cleaned_data, actor=actor)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return False
    return True


def _form_page(request: StaffRequest, form: TaskForm, stage: Stage, title: str) -> HttpResponse:
    context = {"form": form, "stage": stage, "title": title}
    return render(request, "campaign/task_form.html", context, status=_status(form))


def _stage_page(stage: Stage) -> str:
    return reverse("campaign:stage-detail", args=[stage.campaign_id, stage.kind])


@require_POST
@needs(rules.begins_campaigns, ONLY_OFFICE)
def task_remove(request: StaffRequest, pk: int, task: int) -> HttpResponse:
    """Take a task away that nobody has reported done."""
    found = kept_task(request, pk, task)
    try:
        services.remove_task(task=found, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "任务已删除。")
    return redirect("campaign:stage-detail", pk, found.stage.kind)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(takes_part, NO_PART)
def task_tell(request: StaffRequest, task: int, unit: int = 0) -> HttpResponse:
    """Say that a task is done: for a unit, for oneself, or for the office."""
    found = visible_task(request, task)
    whose = _whose(request, found, unit)
    if not rules.can_tell(request.user, found, whose.get("unit"), whose.get("person")):
        raise PermissionDenied(services.NOT_TOLD_BY_YOU)
    form = TellForm(_posted(request), request.FILES or None, cancel_url=_back(found, whose))
    if form.is_valid():
        try:
            services.tell_done(
                task=found,
                actor=request.user,
                today=timezone.localdate(),
                note=form.cleaned_data["note"],
                file=form.cleaned_data["file"],
                **whose,
            )
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, f"「{found.title}」已报告完成。")
            return redirect(_back(found, whose))
    context = {"form": form, "task": found, "unit": whose.get("unit")}
    return render(request, "campaign/tell.html", context, status=_status(form))


@require_POST
@needs(takes_part, NO_PART)
def task_take_back(request: StaffRequest, done: int) -> HttpResponse:
    """Take back what was told by mistake."""
    row = get_object_or_404(queries.done_visible_to(request.user), pk=done)
    try:
        services.take_back(done=row, actor=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"「{row.task.title}」已撤回，可以重新报告。")
    whose: dict[str, Any] = {"unit": row.unit} if row.unit else {}
    return redirect(_back(row.task, whose))


@require_safe
@needs(takes_part, NO_PART)
def task_file(request: StaffRequest, done: int) -> HttpResponseBase:
    """The file that came with it; each fetch is audited."""
    rows = queries.done_visible_to(request.user).exclude(file="")
    row: TaskDone = get_object_or_404(rows, pk=done)
    file = open_stored(row.file, of=row, gone=FILE_GONE.format(row.file_name))
    audit.record_alone(actor=request.user, act="campaign.fetch_file", subject=row.task)
    return FileResponse(file, as_attachment=True, filename=row.file_name)


def _whose(request: StaffRequest, task: StageTask, unit: int) -> dict[str, Any]:
    """Whom the act is about, by the task's audience; a unit out of reach is not found."""
    if task.audience in GROUPS:
        return {"person": request.user}
    if task.audience == Audience.OFFICE:
        return {}
    reached = queries.units_in(task.stage.campaign, request.user)
    return {"unit": get_object_or_404(reached, pk=unit)}


def _back(task: StageTask, whose: dict[str, Any]) -> str:
    campaign = task.stage.campaign_id
    unit = whose.get("unit")
    return f"/campaign/{campaign}/units/{unit.pk}/" if unit else f"/campaign/{campaign}/"


def _posted(request: StaffRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _status(form: Any) -> int:
    return 422 if form.is_bound else 200
