"""Workbooks on their way out of a view."""

import io
from collections.abc import Callable
from typing import IO

from django.http import FileResponse

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook(write: Callable[[IO[bytes]], None], name: str) -> FileResponse:
    """What ``write`` writes into a file, to be kept under that name."""
    target = io.BytesIO()
    write(target)
    target.seek(0)
    return FileResponse(target, as_attachment=True, filename=name, content_type=XLSX)
