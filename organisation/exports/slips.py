"""The slips that carry initial passwords to new people: PDFs ready for scissors."""

import io
import zipfile
from collections.abc import Callable, Sequence

from django.conf import settings
from django.urls import reverse

from core.exports.pdf import render_pdf
from core.uploads import Handed
from organisation.services.imports import Slip

SLIPS_PER_PAGE = 10
SLIPS_PER_PDF = 500  # fifty pages: setting takes memory by the page
Progress = Callable[[int, int], None]


def draw_slips(slips: Sequence[Slip], site: str, progress: Progress) -> Handed:
    """One PDF; or, for more people than one takes, several of them in a ZIP."""
    number = len(slips)
    name = f"初始密码条-{number}人"
    if number <= SLIPS_PER_PDF:
        return _handed(_pdf(slips, site), f"{name}.pdf")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for part, start in enumerate(range(0, number, SLIPS_PER_PDF), start=1):
            archive.writestr(
                f"{name}-第{part:02}份.pdf", _pdf(slips[start : start + SLIPS_PER_PDF], site)
            )
            progress(min(start + SLIPS_PER_PDF, number), number)
    return _handed(packed.getvalue(), f"{name}.zip")


def _handed(content: bytes, name: str) -> Handed:
    return Handed(io.BytesIO(content), name, keep_hours=settings.SLIP_FILE_HOURS, once=True)


def _pdf(slips: Sequence[Slip], site: str) -> bytes:
    starts = range(0, len(slips), SLIPS_PER_PAGE)
    pages = [slips[start : start + SLIPS_PER_PAGE] for start in starts]
    address = f"{site}{reverse('organisation:login')}"
    return render_pdf("exports/password_slips.html", {"pages": pages, "address": address})
