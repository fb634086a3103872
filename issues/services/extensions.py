"""More time for a rectification: asked for with a reason, granted by the office, counted."""

from datetime import date, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from issues.choices import BY_SOMEBODY, MILESTONE_DAYS, Decision, Kind, State
from issues.models import Extension, Issue
from issues.queries import page_of_item
from issues.rules import can_ask_for_time, grants_time
from issues.workflow import Refused
from organisation.choices import Role
from organisation.models import User
from organisation.queries import holders_of

NOT_YOURS_TO_ASK = "延期由整改责任人在整改期间申请。"
NOT_YOURS_TO_GRANT = "延期由作风办决定，本人的申请不能由本人决定。"
ASKED = "已经申请过延期，等作风办决定。"
MOVED_ON = "这个问题的状态已经变化，不用再申请延期。请刷新页面查看。"
DECIDED = "这次延期申请已经办过，或者问题的情况已经变化。请刷新页面查看。"


@audit.atomic
def ask_for_time(*, issue: Issue, actor: User, to_day: date, reason: str) -> Extension:
    """Ask for a later deadline of an item being put right; the office is told.

    Raises PermissionDenied, Refused; audited.
    """
    if not can_ask_for_time(actor, issue):
        raise PermissionDenied(NOT_YOURS_TO_ASK)
    require_open(issue.campaign_id)
    assert issue.due_on is not None
    last = issue.campaign.ends_on
    if why := no_more_time(issue):
        raise Refused(why)
    if not issue.due_on < to_day <= last or to_day <= timezone.localdate():
        raise Refused(f"新的时限要比原时限晚，而且不超过专项行动结束（{last:%Y-%m-%d}）。")
    if issue.kind == Kind.LONG_TERM and to_day > issue.due_on + timedelta(days=MILESTONE_DAYS):
        raise Refused(f"长期坚持的问题，一次最多延 {MILESTONE_DAYS} 天。")
    if not reason.strip():
        raise Refused("请写明延期的原因：卡在哪里、还差什么。")
    if Issue.objects.select_for_update().get(pk=issue.pk).state != State.RECTIFYING:
        raise Refused(MOVED_ON)
    asked = _asked(issue, actor, to_day, reason.strip())
    audit.record(actor=actor, act="issues.ask_for_time", subject=issue, to_day=str(to_day))
    title = f"{actor.name}申请把问题「{issue.title}」延至 {to_day:%Y-%m-%d}"
    offices = holders_of(Role.OFFICE, unit=issue.unit)
    notices.send(
        Message(f"issues.extension:{asked.pk}", person.pk, title, asked.reason, page_of_item(issue))
        for person in offices
        if grants_time(person, issue)
    )
    return asked


def no_more_time(issue: Issue) -> str:
    """Why no later deadline can be asked for, whatever the day; empty when one can."""
    last = issue.campaign.ends_on
    if issue.extension_count >= settings.EXTENSIONS_AT_MOST:
        return f"已经延期 {issue.extension_count} 次，不能再延。请抓紧整改，按期申请销号。"
    if issue.due_on is not None and issue.due_on >= last:
        return f"时限已经到专项行动结束（{last:%Y-%m-%d}），不能再延。请抓紧整改，按期申请销号。"
    if issue.extensions.filter(decision="").exists():
        return ASKED
    return ""


def end_with_application(issue: Issue) -> None:
    """Nobody decides any more on time for what is said to be put right."""
    issue.extensions.filter(decision="").update(decision=Decision.MOOT, decided_at=timezone.now())


def _asked(issue: Issue, actor: User, to_day: date, reason: str) -> Extension:
    assert issue.due_on is not None
    try:
        with audit.atomic():
            return Extension.objects.create(
                issue=issue, asked_by=actor, from_day=issue.due_on, to_day=to_day, reason=reason
            )
    except IntegrityError:  # one is open already
        raise Refused(ASKED) from None


@audit.atomic
def decide_on_time(
    *, extension: Extension, actor: User, decision: Decision, note: str = ""
) -> Extension:
    """Grant or refuse what was asked; granting moves the deadline, a refusal says why.

    Raises PermissionDenied, Refused; audited.
    """
    issue = extension.issue
    if not grants_time(actor, issue) or actor.pk == extension.asked_by_id:
        raise PermissionDenied(NOT_YOURS_TO_GRANT)
    require_open(issue.campaign_id)
    if decision not in BY_SOMEBODY:
        raise Refused("请选择同意或不同意。")
    if decision == Decision.REFUSED and not note.strip():
        raise Refused("不同意延期时，请写明理由。")
    decided = Extension.objects.filter(pk=extension.pk, decision="").update(
        decision=decision, decided_by=actor, decided_at=timezone.now(), note=note.strip()
    )
    if decided != 1 or (decision == Decision.GRANTED and not _moved(extension)):
        raise Refused(DECIDED)
    extension.refresh_from_db()
    audit.record(actor=actor, act="issues.decide_on_time", subject=issue, decision=decision)
    title = f"问题「{issue.title}」的延期申请：作风办{extension.get_decision_display()}"
    notices.send(
        [
            Message(
                f"issues.extension_decided:{extension.pk}",
                extension.asked_by_id,
                title,
                extension.note,
                page_of_item(issue),
            )
        ]
    )
    return extension


def _moved(extension: Extension) -> bool:
    """Whether the item stood where it stood when the time was asked for, and below the cap."""
    same = Issue.objects.filter(
        pk=extension.issue_id,
        state=State.RECTIFYING,
        due_on=extension.from_day,
        extension_count__lt=settings.EXTENSIONS_AT_MOST,
    )
    return same.update(due_on=extension.to_day, extension_count=F("extension_count") + 1) == 1
