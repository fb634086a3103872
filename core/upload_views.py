"""What the pages of every upload have in common: where a table is chosen, and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.upload_forms import WorkbookForm
from core.uploads import Upload

SHOWN_UPLOADS = 10


@dataclass(frozen=True)
class UploadPages:
    """The two pages of one kind of upload, as ``upload_form_page.html`` and ``upload_page.html``.

    ``title``: of the page where the table is chosen. ``chooser``, ``shown``, ``apply`` and
    ``cancel`` are routes, the last only where the work can be stopped. ``faults`` names the kinds
    of errors; without it the page lists them in its own way. ``error_file``: what the check gives
    back with them.
    """

    title: str
    chooser: str
    shown: str
    apply: str
    cancel: str = ""
    faults: type[TextChoices] | None = None
    verb: str = "导入"
    error_file: str = "错误清单"

    def choose(
        self,
        request: HttpRequest,
        template: str,
        *,
        form: WorkbookForm,
        uploads: QuerySet[Any],
        **more: object,
    ) -> HttpResponse:
        """The page where the table is chosen; 422 with what is wrong with the one sent in."""
        context = {"pages": self, "form": form, "uploads": uploads[:SHOWN_UPLOADS], **more}
        return render(request, template, context, status=422 if form.is_bound else 200)

    def show(
        self, request: HttpRequest, template: str, upload: Upload, **more: object
    ) -> HttpResponse:
        """What the check of an upload found, or what was written."""
        context = {
            "pages": self,
            "upload": upload,
            "job": upload.job,
            "is_busy": upload.job is not None and not upload.job.is_finished,
            **(self._errors(upload, self.faults) if self.faults else {}),
            **more,
        }
        return render(request, template, context)

    def _errors(self, upload: Upload, faults: type[TextChoices]) -> dict[str, object]:
        kinds: dict[str, int] = upload.report.get("kinds", {})
        errors: Sequence[tuple[int, str, str, str]] = upload.report.get("errors", [])
        return {
            "kinds": [(faults(kind).label, number) for kind, number in kinds.items()],
            "errors": [
                (row, text, f"{column} · {faults(kind).label}")
                for row, column, kind, text in errors
            ],
            "errors_left": sum(kinds.values()) - len(errors),
        }


def sent(request: HttpRequest) -> tuple[Any, ...]:
    """What a form that takes in a file is made of: nothing unless it was sent in."""
    return (request.POST, request.FILES) if request.method == "POST" else ()
