"""The slips that carry one-time codes to the raters: a PDF ready for scissors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import segno
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from core.exports.pdf import render_pdf
from core.jobs import JobError, Running
from evaluations import services
from evaluations.models import RoundGroup

SLIPS_PER_PAGE = 10
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Slip:
    """One code as the rater gets it: to scan, or to type."""

    qr: SafeString
    typed: str


def print_codes(running: Running) -> None:
    """Make the codes that the job asks for, and their slips. Raises JobError when it may not."""
    wanted = running.job.arguments
    groups = RoundGroup.objects.select_related("round__unit")
    group = groups.filter(pk=wanted["group"]).first()
    if group is None:
        raise JobError("这次评议已被删除，没有生成评议码。")
    codes = services.new_codes(wanted["number"])
    slips = slips_pdf(group, codes, wanted["base_url"], progress=running.progress)
    try:
        services.deliver_codes(running=running, group=group, codes=codes, slips=slips)
    except services.Refused as error:
        raise JobError(str(error)) from error


def rating_link(base_url: str, code: str) -> str:
    """The address in the QR code. The code is in the fragment, which no server ever sees."""
    return f"{base_url}{reverse('evaluations:rate')}#{code}"


def slips_pdf(
    group: RoundGroup, codes: Sequence[str], base_url: str, *, progress: Progress
) -> bytes:
    """A4 pages with ten slips each. Reads the group's round and unit; reports as it draws."""
    slips = []
    for done, code in enumerate(codes, start=1):
        slips.append(_slip(code, base_url))
        if done % SLIPS_PER_PAGE == 0:
            progress(done // 2, len(codes))  # drawing the codes is about half of the work
    pages = [slips[n : n + SLIPS_PER_PAGE] for n in range(0, len(slips), SLIPS_PER_PAGE)]
    address = f"{base_url}{reverse('evaluations:rate')}"
    return render_pdf("exports/slips.html", {"group": group, "pages": pages, "address": address})


def _slip(code: str, base_url: str) -> Slip:
    picture = segno.make(rating_link(base_url, code), error="m", micro=False)
    svg = picture.svg_inline(border=2, omitsize=True)
    return Slip(mark_safe(svg), "-".join(code[n : n + 4] for n in range(0, len(code), 4)))  # noqa: S308 -- drawn by segno
