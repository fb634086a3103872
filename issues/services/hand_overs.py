"""Handing the rectification of an item to another person, as when somebody has left."""

from django.core.exceptions import PermissionDenied

from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from issues.choices import State
from issues.models import HandOver, Issue
from issues.queries import page_of_item
from issues.queries.hand_overs import successors
from issues.rules import hands_over
from issues.services.items import Stale
from issues.workflow import Refused
from organisation.models import User

NOT_YOURS_TO_HAND_OVER = (
    "整改责任人由单位负责人、班子成员或作风办在整改期间变更，本人的问题不能由本人变更。"
)
NO_SUCCESSOR = "请选择本单位现在在岗的另一个人。"
HANDED_ALREADY = "这个问题的整改责任人或者状态刚刚已经变了。请刷新页面查看。"


@audit.atomic
def hand_over(*, issue: Issue, actor: User, to_person: User, reason: str, seen: int) -> HandOver:
    """Make another person of the unit answer for an item being put right; he is told, as is
    its author.

    ``seen``: how many hand-overs the page showed. Raises PermissionDenied, Refused, Stale;
    audited.
    """
    if not hands_over(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_HAND_OVER)
    require_open(issue.campaign_id)
    if not successors(issue).filter(pk=to_person.pk).exists():
        raise Refused(NO_SUCCESSOR)
    if not reason.strip():
        raise Refused("请写明变更的原因。")
    before = issue.responsible_id
    standing = Issue.objects.filter(pk=issue.pk, state=State.RECTIFYING, responsible=before)
    if standing.update(responsible=to_person) != 1 or issue.hand_overs.count() != seen:
        raise Stale(HANDED_ALREADY)
    handed = HandOver.objects.create(
        issue=issue,
        number=seen + 1,
        from_person_id=before,
        to_person=to_person,
        by=actor,
        reason=reason.strip(),
    )
    audit.record(
        actor=actor,
        act="issues.hand_over",
        subject=issue,
        from_person=before,
        to_person=to_person.pk,
    )
    issue.refresh_from_db()
    notices.send(_messages(handed))
    return handed


def _messages(handed: HandOver) -> list[Message]:
    issue = handed.issue
    told = {
        issue.author_id: f"问题「{issue.title}」的整改责任人改为{handed.to_person.name}",
        handed.to_person_id: f"问题「{issue.title}」改由您整改",
    }
    told.pop(handed.by_id, None)
    event = f"issues.handed_over:{handed.pk}"
    return [
        Message(event, person, title, handed.reason, page_of_item(issue))
        for person, title in told.items()
    ]
