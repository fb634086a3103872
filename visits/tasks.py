"""Celery doors of visits."""

import tempfile

from celery import shared_task

from core import jobs
from core.jobs import Running
from visits import services
from visits.exports.register import write_errors
from visits.models import RegisterUpload
from visits.services.upload import Outcome


@shared_task(name="visits.check_register")
def check_register(*, job_id: str) -> None:
    """Examine an uploaded register; nothing is registered."""
    jobs.run(job_id, _check)


@shared_task(name="visits.apply_register")
def apply_register(*, job_id: str) -> None:
    """Register the entries of a checked upload, all or none."""
    jobs.run(job_id, _apply)


def _check(running: Running) -> None:
    upload = _upload_of(running)
    _finish(running, upload, services.check_upload(upload=upload, progress=running.progress))


def _apply(running: Running) -> None:
    upload = _upload_of(running)
    _finish(running, upload, services.apply_upload(upload=upload, progress=running.progress))


def _upload_of(running: Running) -> RegisterUpload:
    uploads = RegisterUpload.objects.select_related("campaign", "uploaded_by")
    return uploads.get(pk=running.job.arguments["upload_id"])


def _finish(running: Running, upload: RegisterUpload, found: Outcome) -> None:
    """Hand over the list of errors, then let go of the file."""
    if not found.errors:
        running.finish()
    else:
        with tempfile.TemporaryFile() as file:
            write_errors(found.errors, file)
            file.seek(0)
            running.finish(file=file, file_name="登记册错误清单.xlsx")
    services.discard_file(upload=upload)
