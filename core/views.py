"""Pages that belong to no app: messages, job progress, health, errors."""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import audit, notices
from core.models import Job, Notice
from core.paging import page_of


@login_not_required
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """Whether the web server and its database answer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    page = page_of(Notice.objects.filter(person_id=request.user.pk), request)
    return render(request, "core/inbox.html", {"page": page})


@require_POST
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go where it points."""
    notice = get_object_or_404(Notice, pk=pk, person_id=request.user.pk)
    notices.mark_read(notice=notice)
    safe = url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None)
    return redirect(notice.url if safe else "core:inbox")


@require_POST
def read_all_notices(request: HttpRequest) -> HttpResponse:
    notices.mark_all_read(person=request.user)
    return redirect("core:inbox")


@require_safe
def job_status(request: HttpRequest, pk: str) -> HttpResponse:
    """The job's row as a fragment; it asks again by itself until the job is finished."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    return render(request, "core/_job.html", {"job": job})


@require_safe
def job_file(request: HttpRequest, pk: str) -> FileResponse:
    """The finished file, for its owner only; each fetch is audited."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk, state=Job.State.DONE)
    if not job.file:
        raise Http404("文件已过期")
    audit.record_alone(actor=request.user, act="jobs.fetch_file", subject=job, file=job.file_name)
    return FileResponse(job.file.open("rb"), as_attachment=True, filename=job.file_name)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "core/403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "core/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "core/500.html", status=500)
