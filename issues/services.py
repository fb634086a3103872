"""Writes on problem items: text, evidence, and every step of their way."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from campaign.models import Campaign, Category
from core import audit, notices
from core.files import CheckedFile
from core.notices import Message
from issues.choices import CONCRETE, State
from issues.models import TEXT_FIELDS, Evidence, Issue, IssueEvent, IssueVersion, hash_of
from issues.queries import content_hash
from issues.rules import can_add_evidence, can_edit, can_write, capacities
from issues.workflow import Capacity, Move, Refused, check
from organisation.choices import Role
from organisation.models import User
from organisation.queries import holders_of, unit_of

Text = Mapping[str, object]
STALE = "这个问题刚刚被别人更新了,您看到的不是最新内容。请刷新页面后再操作。"


class Stale(Exception):
    """Somebody was faster, or the content is not what the person saw; nothing was changed."""


@transaction.atomic
def write_issue(*, campaign: Campaign, author: User, category: Category, text: Text) -> Issue:
    """Begin an item as a draft of the author, in the author's unit, with its first version.

    ``text`` maps TEXT_FIELDS, source and nature to values. Raises PermissionDenied for a
    person who takes no part or has no posting.
    """
    unit = unit_of(author)
    if unit is None or not can_write(author):
        raise PermissionDenied("您还没有任职单位,不能填写问题清单。请联系本单位联络员。")
    issue = Issue.objects.create(
        campaign=campaign, unit=unit, author=author, responsible=author, category=category, **text
    )
    _keep_version(issue, author)
    audit.record(actor=author, act="issues.write", subject=issue)
    return issue


@transaction.atomic
def rewrite_issue(
    *, issue: Issue, author: User, category: Category, text: Text, seen_version: int
) -> Issue:
    """Save a new version of a draft. Raises Stale when another tab saved in between."""
    if not can_edit(author, issue):
        raise PermissionDenied("只有本人可以修改,而且只能在草稿时修改。")
    saved = Issue.objects.filter(pk=issue.pk, state=State.DRAFT, version=seen_version).update(
        version=F("version") + 1, category=category, **text
    )
    if saved != 1:
        raise Stale(STALE)
    issue.refresh_from_db()
    _keep_version(issue, author)
    audit.record(actor=author, act="issues.rewrite", subject=issue, version=issue.version)
    return issue


@transaction.atomic
def make_move(*, issue: Issue, name: str, actor: User, note: str = "", seen_hash: str) -> Issue:
    """Take one step of the table: check, move by a conditional write, record, tell who is next.

    ``seen_hash`` is the content the person saw; the step binds it. Raises PermissionDenied
    without the capacity, Refused when the step does not fit, Stale when content or state
    changed meanwhile.
    """
    held = capacities(actor, issue)
    if not held:
        raise PermissionDenied("这个问题不由您办理;本人的问题不能由本人审签。")
    move = check(
        name,
        state=issue.state,
        level=issue.level,
        capacities=held,
        note=note,
        evidence_count=issue.evidence_count,
    )
    if seen_hash != content_hash(issue):
        raise Stale(STALE)
    if move.name == "submit":
        _require_concrete(issue)
    _move_state(issue, move, actor)
    _keep_event(issue, actor, move, note=note, seen_hash=seen_hash)
    audit.record(actor=actor, act=f"issues.{move.name}", subject=issue, content=seen_hash)
    issue.refresh_from_db()
    notices.send(_messages_after(issue, move, actor))
    return issue


def _move_state(issue: Issue, move: Move, actor: User) -> None:
    changes: dict[str, object] = {"state": move.target}
    if move.name == "unit_sign":
        changes["unit_signed_by"] = actor
    if move.target == State.CLOSED:
        changes |= {"signed_off_by": actor, "closed_at": timezone.now()}
    if move.target == State.RECTIFYING:
        changes["unit_signed_by"] = None
    moved = Issue.objects.filter(
        pk=issue.pk,
        state=issue.state,
        version=issue.version,
        evidence_count=issue.evidence_count,
    ).update(**changes)
    if moved != 1:
        raise Stale(STALE)


@transaction.atomic
def add_evidence(*, issue: Issue, actor: User, file: CheckedFile, note: str = "") -> Evidence:
    """Attach a checked file to an item that is being put right."""
    if not can_add_evidence(actor, issue):
        raise PermissionDenied("只有整改责任人可以上传佐证,而且只能在整改期间上传。")
    counted = Issue.objects.filter(pk=issue.pk, state=State.RECTIFYING).update(
        evidence_count=F("evidence_count") + 1
    )
    if counted != 1:
        raise Stale(STALE)
    if Evidence.objects.filter(issue=issue, sha256=file.sha256).exists():
        raise ValidationError("这份文件已经上传过了。")
    added = Evidence.objects.create(
        issue=issue,
        uploaded_by=actor,
        file=file.stored(),
        name=file.name,
        size=len(file.content),
        sha256=file.sha256,
        note=note,
    )
    audit.record(actor=actor, act="issues.add_evidence", subject=issue, sha256=file.sha256)
    issue.refresh_from_db()
    return added


def remind_due(today: date) -> int:
    """Remind the responsible person of what is due by tomorrow; each deadline once.

    A missed run is made up for, a repeated one changes nothing. Returns how many items are
    due by then.
    """
    due = Issue.objects.filter(state=State.RECTIFYING, due_on__range=(today, _tomorrow(today)))
    messages = [
        Message(
            event=f"issues.due:{issue.pk}:{issue.due_on}",
            person_id=issue.responsible_id,
            title=f"问题「{issue.title}」{_day_word(issue.due_on, today)}到期",
            body="请及时完成整改,上传佐证并申请销号。",
            url=_page(issue),
        )
        for issue in due.only("pk", "title", "due_on", "responsible_id").iterator()
    ]
    notices.send(messages)
    return len(messages)


def _tomorrow(today: date) -> date:
    return today + timedelta(days=1)


def _day_word(due_on: date | None, today: date) -> str:
    return "今天" if due_on == today else "明天"


def _keep_version(issue: Issue, author: User) -> None:
    text = {name: str(getattr(issue, name) or "") for name in TEXT_FIELDS}
    text |= {"category": issue.category.name, "source": issue.source, "nature": issue.nature}
    IssueVersion.objects.create(
        issue=issue, number=issue.version, author=author, text=text, sha256=hash_of(text)
    )


def _keep_event(issue: Issue, actor: User, move: Move, *, note: str, seen_hash: str) -> None:
    IssueEvent.objects.create(
        issue=issue,
        actor=actor,
        move=move.name,
        label=move.label,
        from_state=issue.state,
        to_state=move.target,
        note=note.strip(),
        content_hash=seen_hash,
    )


def _require_concrete(issue: Issue) -> None:
    """A problem without time, place, event, cause and direction is not accepted (P3)."""
    missing = [text for name, text in CONCRETE.items() if not getattr(issue, name)]
    if missing:
        raise Refused("还不能提交:" + "".join(missing) + "请点「修改」补全。")


NEXT_REVIEWERS = {
    State.SUBMITTED: (Role.UNIT_HEAD,),
    State.CONFIRMED: (Role.OFFICE,),
    State.APPLIED: (Role.UNIT_HEAD,),
}


def _messages_after(issue: Issue, move: Move, actor: User) -> list[Message]:
    """Tell the author of a return or a filing, and the next reviewers that work waits."""
    step = issue.events.order_by("-id").values_list("pk", flat=True).first()
    if move.capacity is Capacity.AUTHOR:
        people = _next_reviewers(issue)
        title = f"{issue.author.name}的问题「{issue.title}」等您办理"
    else:
        people = [issue.author, *_next_reviewers(issue)]
        title = f"问题「{issue.title}」:{move.label}"
    return [
        Message(event=f"issues.step:{step}", person_id=person.pk, title=title, url=_page(issue))
        for person in people
        if person.pk != actor.pk
    ]


def _next_reviewers(issue: Issue) -> list[User]:
    roles = NEXT_REVIEWERS.get(State(issue.state), ())
    return [person for role in roles for person in holders_of(role, unit=issue.unit)]


def _page(issue: Issue) -> str:
    return reverse("issues:issue-detail", args=[issue.pk])
