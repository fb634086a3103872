"""Asking for one's own book as a file."""

from django.core.exceptions import PermissionDenied

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from core.jobs import request_once
from core.models import Job
from issues.models import Issue
from issues.queries import book_of
from issues.workflow import Refused
from organisation.models import User

BOOK_KIND = "issues.export_book"


@audit.atomic
def request_book(*, actor: User, campaign: Campaign, issue: Issue | None = None) -> Job:
    """Ask for the person's book of this campaign, or for one page of it.

    The same request while the first is still under way returns the first. Raises
    PermissionDenied for a page of somebody else, Refused for an empty book.
    """
    require_open(campaign.pk)
    own = book_of(actor).filter(campaign=campaign)
    if issue is not None and not own.filter(pk=issue.pk).exists():
        raise PermissionDenied("错题本只有本人能看，也只有本人能打印。")
    if not own.exists():
        raise Refused("错题本里还没有题。先写一个问题，再来打印。")
    arguments = {"campaign": campaign.pk, "issue": issue.pk if issue else None}
    title = f"错题本 {issue.number}" if issue else f"错题本（{campaign.name}）"
    return request_once(kind=BOOK_KIND, title=title, owner=actor, **arguments)
