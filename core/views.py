"""Pages that belong to no app: messages, job progress, health, errors."""

import logging
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Prefetch, Subquery
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.encoding import escape_uri_path
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from core import audit, jobs, notices
from core import health as machine
from core.files import FileGone
from core.models import Job, Notice, Reminder
from core.paging import page_of
from core.permissions import everyone, needs, person_of, signed_in

log = logging.getLogger(__name__)
LONGEST_PATH = 200
LINES_SHOWN = 20  # of a digest; an office may have thousands
LINES = Reminder.objects.filter(is_quiet=False).order_by("due_on", "pk")


@require_safe
@needs(everyone)
def health(request: HttpRequest) -> JsonResponse:
    """How the machine is, for those who watch it from outside: numbers and nothing else.

    503 only when the database is away: with a late clock the pages are still served.
    """
    if not machine.database_answers():
        return JsonResponse({"status": "down"}, status=503)
    found = machine.look()
    return JsonResponse(
        {
            "status": "late" if found.is_late else "ok",
            "tick_age_seconds": _seconds_since(found.ticked_at, found.at),
            "queues": found.queues,
            "oldest_outbox_seconds": _seconds_since(found.unsent_since, found.at),
        }
    )


def _seconds_since(then: datetime | None, now: datetime) -> int | None:
    return None if then is None else int((now - then).total_seconds())


@require_safe
@needs(signed_in)
def inbox(request: HttpRequest) -> HttpResponse:
    own = Notice.objects.filter(person_id=request.user.pk)
    told = LINES.filter(digest=OuterRef("digest")).order_by().values("digest")
    number = told.annotate(number=Count("pk")).values("number")
    shown = Prefetch("digest__reminders", LINES[:LINES_SHOWN], to_attr="lines")
    rows = own.annotate(number=Subquery(number)).prefetch_related(shown)
    page = page_of(rows, request)
    return render(request, "core/inbox.html", {"page": page, "shown": LINES_SHOWN})


@require_POST
@needs(signed_in)
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one message as read and go where it points."""
    notice = get_object_or_404(Notice, pk=pk, person_id=request.user.pk)
    notices.mark_read(notice=notice)
    if url_has_allowed_host_and_scheme(notice.url, allowed_hosts=None):
        return HttpResponseRedirect(notice.url)
    return redirect("core:inbox")


@require_POST
@needs(signed_in)
def open_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark the digest that holds this line as read and go where the line points."""
    own = Reminder.objects.filter(person_id=request.user.pk, digest__notice__isnull=False)
    line = get_object_or_404(own.select_related("digest__notice"), pk=pk)
    assert line.digest is not None
    notices.mark_read(notice=line.digest.notice)
    return HttpResponseRedirect(line.url)


@require_POST
@needs(signed_in)
def read_all_notices(request: HttpRequest) -> HttpResponse:
    notices.mark_all_read(person=person_of(request))
    return redirect("core:inbox")


@require_safe
@needs(signed_in)
def job_status(request: HttpRequest, pk: str) -> HttpResponse:
    """The job's row as a fragment; it asks again by itself until the job is finished.

    With ``?refresh=`` the end of the job reloads the page that the row stands on.
    """
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    refresh = "refresh" in request.GET
    response = render(request, "core/_job.html", {"job": job, "refresh": refresh})
    if refresh and job.is_finished:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@needs(signed_in)
def job_file(request: HttpRequest, pk: str) -> HttpResponseBase:
    """The finished file, for its owner while the right lasts; each fetch is audited."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk, state=Job.State.DONE)
    if not job.file or job.gives_once:
        raise Http404("文件已过期")
    if not jobs.may_deliver(job, request.user):
        raise PermissionDenied("您现在没有查看这份文件的权限。如有疑问请联系作风办。")
    response = FileResponse(jobs.open_file(job), as_attachment=True, filename=job.file_name)
    audit.record_alone(
        actor=person_of(request), act="jobs.fetch_file", subject=job, file=job.file_name
    )
    return response


@require_POST
@needs(signed_in)
def take_file(request: HttpRequest, pk: str) -> HttpResponseBase:
    """A file that is given out once; afterwards it is gone, here and everywhere."""
    job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk, state=Job.State.DONE)
    if not job.gives_once:
        raise Http404
    if not jobs.may_deliver(job, request.user):
        raise PermissionDenied("您现在没有查看这份文件的权限。如有疑问请联系作风办。")
    content = jobs.take_once(job=job, actor=person_of(request))
    if content is None:
        raise PermissionDenied("这份文件已领取或已过保留期，不能再次下载。")
    return FileResponse(content, as_attachment=True, filename=job.file_name)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _error_page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    _keep_denial(request, "access.denied")
    return _error_page(403, reason=str(exception or ""))


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's token is missing or from an earlier sign-in; ``reason`` is Django's English."""
    _keep_denial(request, "access.form_expired")
    reason = "这个页面停留太久或登录已更换，没有保存。请重新打开页面后再提交。"
    return _error_page(403, heading="页面已过期", reason=reason)


def _keep_denial(request: HttpRequest, act: str) -> None:
    """Audit that a signed-in person was refused; the query is left out, it may name people.

    Public pages keep nothing: a ballot or a report must leave no trace of who was there. The
    error page comes even when the trail cannot be written; then the log says so.
    """
    match = request.resolver_match
    if match and not getattr(match.func, "login_required", True):
        return
    try:
        person = getattr(request, "user", None)
        if person and person.is_authenticated:
            path = escape_uri_path(request.path)[:LONGEST_PATH]
            method = str(request.method)
            audit.record_alone(actor=person, act=act, subject=person, path=path, method=method)
    except Exception:
        log.exception("a refusal could not be written to the audit trail")


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, FileGone):
        return _error_page(404, heading="文件已不在", reason=str(exception))
    return _error_page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _error_page(500)


def _error_page(status: int, **context: str) -> HttpResponse:
    """Drawn without the request: the frame of other pages asks the database, which may be down."""
    return HttpResponse(render_to_string(f"core/{status}.html", context), status=status)
