"""The book of mistakes as a PDF: a cover, and a page for each problem."""

import io
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core.exports.pdf import render_pdf
from core.jobs import JobError, Running
from core.models import Job
from issues.exports.photos import thumbnail_or_none
from issues.models import Issue
from issues.queries import Leaf, book_of, leaves
from organisation.models import User
from organisation.queries import unit_of
from organisation.rules import takes_part

LEAVES_AT_MOST = 200
PHOTOS_PER_LEAF = 4
PHOTOS_AT_MOST = 120  # about ten megabytes


def export_book(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today.

    Raises JobError when nothing of it is left, or there is too much for one file.
    """
    job = running.job
    owner = User.objects.get(pk=job.owner_id)
    issues = _asked_for(job, owner)
    campaign = Campaign.objects.get(pk=job.arguments["campaign"])
    running.progress(0, 2)
    pages = list(leaves(issues))
    pictures = _pictures(pages)
    running.progress(1, 2)
    now = timezone.localtime()
    context = {
        "owner": owner,
        "unit": unit_of(owner),
        "campaign": campaign,
        "is_whole": not job.arguments["issue"],
        "leaves": [(leaf, _addresses(leaf, pictures)) for leaf in pages],
        "at": now,
    }
    content = render_pdf("exports/book.html", context, pictures=pictures)
    name = f"错题本_{owner.name}_{now:%Y%m%d_%H%M}.pdf"
    running.finish(outcome={"bytes": len(content)}, file=io.BytesIO(content), file_name=name)


def _asked_for(job: Job, owner: User) -> QuerySet[Issue]:
    own = book_of(owner).filter(campaign=job.arguments["campaign"]).select_related("responsible")
    if page := job.arguments["issue"]:
        own = own.filter(pk=page)
    number = own.count() if takes_part(owner) else 0
    if not number:
        raise JobError("错题本里现在没有可以打印的题，未生成文件。请刷新错题本查看。")
    if number > LEAVES_AT_MOST:
        raise JobError(f"错题本超过 {LEAVES_AT_MOST} 题，不能一次打印。请打开要用的题分别打印。")
    return own.order_by("pk")


def _pictures(pages: Iterable[Leaf]) -> dict[str, bytes]:
    """The first photos of each page, small, by the address that its page shows them under."""
    found: dict[str, bytes] = {}
    for leaf in pages:
        for photo in leaf.photos[:PHOTOS_PER_LEAF]:
            small = thumbnail_or_none(photo) if len(found) < PHOTOS_AT_MOST else None
            if small:
                found[_address(photo.pk)] = small
    return found


def _addresses(leaf: Leaf, pictures: dict[str, bytes]) -> list[str]:
    return [address for each in leaf.photos if (address := _address(each.pk)) in pictures]


def _address(photo: int) -> str:
    return f"photo:{photo}"
