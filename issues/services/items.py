"""Writes on problem items: text, and every step of their way."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import F, Subquery
from django.utils import timezone

from campaign.models import Campaign, Category
from campaign.services import require_open
from core import audit, notices
from core.notices import Message
from issues.choices import Kind, Level, State
from issues.milestones import Plan
from issues.models import (
    TEXT_FIELDS,
    Autosave,
    EvidenceWish,
    Issue,
    IssueEvent,
    IssueVersion,
    hash_of,
)
from issues.queries import (
    content_hash,
    findings_of,
    last_due_of_relapse,
    page_of_item,
    shown_hash,
)
from issues.rules import can_edit, can_write, capacities, is_early, lasts_from
from issues.services import disclosure, examples, extensions, long_term, sign_off
from issues.services.likeness import keep_likeness
from issues.workflow import Capacity, Move, Refused, capacity_of, check, next_capacities
from organisation.choices import Role
from organisation.models import User
from organisation.queries import holders_of, unit_of

Text = Mapping[str, object]
NO_POSTING = "您还没有任职单位，不能填写问题清单。请联系本单位联络员。"
NOT_YOURS_TO_EDIT = "只有本人（单位的问题由编制清单的人）可以修改，而且只能在草稿时修改。"
NEWS, WAITS = "issues.step", "issues.waits"  # kinds of messages after a step
STALE = "这个问题刚刚被别人更新了，您看到的不是最新内容。请刷新页面后再操作。"
STUCK = (
    "现在没有人可以办理下一步：有权办理的人都与这个问题有关，或者没有授权。"
    "请作风办给一位与它无关的负责人授权。"
)
TOO_EARLY = "销号满一个月（{day:%Y-%m-%d}）以后才能记「巩固」。发现反弹，随时可以记。"
STALE_TEXT = (
    "这个问题已在另一个页面改过，您刚才写的还没有保存。"
    "请先复制下面要保留的内容，再重新打开「修改」。"
)


class Stale(Exception):
    """Somebody was faster, or the content is not what the person saw; nothing was changed."""


@audit.atomic
def write_issue(
    *,
    campaign: Campaign,
    author: User,
    category: Category,
    text: Text,
    token: UUID | None = None,
) -> Issue:
    """Begin an item as a draft of the author, in the author's unit, with its first version.

    ``text`` maps TEXT_FIELDS, source and nature to values, and ``plan`` to the plan of a
    long-term item. A ``token`` that the author has
    already saved returns that item and changes nothing, so a retry is harmless. Raises
    PermissionDenied for a person who takes no part or has no posting, and for the token of
    somebody else.
    """
    unit = unit_of(author)
    if unit is None or not can_write(author):
        raise PermissionDenied(NO_POSTING)
    values = {"campaign": campaign, "unit": unit, "responsible": author, "category": category}
    return begin_item(author, token, **values, **text)


def begin_item(author: User, token: UUID | None, **values: Any) -> Issue:
    """A draft with its first version, in an open campaign; of a token of one's own, that item."""
    require_open(values["campaign"].pk)
    columns, plan = _apart(values)
    try:
        with audit.atomic():
            issue = Issue.objects.create(token=token, author=author, **columns)
    except IntegrityError:  # the same form, sent twice
        if token is None:
            raise
        return _own_repeat(Issue.objects.get(token=token), author)
    _keep_version(issue, author, plan)
    if token:
        Autosave.objects.filter(person=author, token=token).delete()
    audit.record(actor=author, act="issues.write", subject=issue)
    return issue


def _apart(text: Text) -> tuple[dict[str, object], Plan | None]:
    """The item's columns, and of a long-term item its plan."""
    columns = dict(text)
    plan = columns.pop("plan", None)
    if columns.get("kind") != Kind.LONG_TERM:
        return columns, None
    return columns, plan if isinstance(plan, Plan) else Plan()


def _own_repeat(issue: Issue, author: User) -> Issue:
    if issue.author_id != author.pk:
        raise PermissionDenied("这个问题不是您填写的。")
    return issue


@audit.atomic
def rewrite_issue(
    *, issue: Issue, author: User, category: Category, text: Text, seen_version: int
) -> Issue:
    """Save a new version of a draft. Raises Stale when another tab saved in between."""
    if not can_edit(author, issue):
        raise PermissionDenied(NOT_YOURS_TO_EDIT)
    require_open(issue.campaign_id)
    columns, plan = _apart(text)
    saved = Issue.objects.filter(pk=issue.pk, state=State.DRAFT, version=seen_version).update(
        version=F("version") + 1, category=category, **columns
    )
    if saved != 1:
        raise Stale(STALE_TEXT)
    issue.refresh_from_db()
    _keep_version(issue, author, plan)
    Autosave.objects.filter(person=author, issue=issue).delete()
    audit.record(actor=author, act="issues.rewrite", subject=issue, version=issue.version)
    return issue


@audit.atomic
def make_move(
    *,
    issue: Issue,
    name: str,
    actor: User,
    note: str = "",
    due_on: date | None = None,
    discloses: bool = False,
    why: str = "",
    seen_hash: str,
) -> Issue:
    """Take one step of the table: check, move by a conditional write, record, tell who is next.

    ``seen_hash`` is what the person was shown (``queries.shown_hash``); the step binds the content
    of it. ``due_on`` is the new deadline of a step that sets one, ``why`` what evidence a return
    would like to see; ``discloses``: the author comes forward with it (主动说明).
    Raises PermissionDenied without the capacity, Refused when the step does not fit, Stale when
    content or state changed meanwhile.
    """
    require_open(issue.campaign_id)
    held = capacities(actor, issue)
    if not held:
        raise PermissionDenied("这个问题不由您办理；本人的问题不能由本人审签。")
    event = take_step(
        issue,
        name,
        actor=actor,
        held=held,
        note=note,
        due_on=due_on,
        discloses=discloses,
        why=why,
        seen_hash=seen_hash,
    )
    _settle_what_waited(issue, event)
    notices.send(_messages_after(issue, event))
    return issue


def take_step(
    issue: Issue,
    name: str,
    *,
    actor: User,
    held: Collection[Capacity],
    seen_hash: str,
    note: str = "",
    due_on: date | None = None,
    discloses: bool = False,
    why: str = "",
    with_list: bool = False,
) -> IssueEvent:
    """The step itself, in the capacities held; the item is as it stands after it.

    Whoever calls has asked whether the campaign is open, and tells who must know.
    """
    move = check(
        name,
        state=issue.state,
        level=issue.level,
        capacities=held,
        note=note,
        evidence_count=_evidence_that_counts(issue),
        has_due=due_on is not None,
        with_list=with_list,
    )
    content = content_hash(issue)
    if seen_hash != shown_hash(issue):
        raise Stale(STALE)
    _require_fit(issue, move, due_on)
    long_term.keep_consent(issue, move, actor, content)
    sign_off.keep_sign_off(issue, move, actor, content)
    _move_state(issue, move, actor, due_on)
    if move.name == "apply":
        extensions.end_with_application(issue)
    if seen_hash != shown_hash(issue):
        raise Stale(STALE)  # meanwhile a file was exchanged, or steps were taken there and back
    if discloses:
        disclosure.keep_disclosure(issue, move, actor)
    keep_likeness(issue, move.target)
    examples.end_with_relapse(issue, move, actor)
    event = _keep_event(issue, actor, move, note=note, content=content)
    if why.strip() and move.asks_evidence:
        EvidenceWish.objects.create(event=event, why=why.strip())
    audit.record(actor=actor, act=f"issues.{move.name}", subject=issue, content=content)
    issue.refresh_from_db()
    return event


def _move_state(issue: Issue, move: Move, actor: User, due_on: date | None) -> None:
    changes: dict[str, object] = {"state": move.target}
    if move.name == "unit_sign":
        changes["unit_signed_by"] = actor
    if move.target == State.CLOSED:
        changes |= {"signed_off_by": actor, "closed_at": timezone.now()}
    if move.target == State.RECTIFYING:
        changes["unit_signed_by"] = None
    if move.name == "relapse":
        changes |= {"signed_off_by": None, "closed_at": None, "due_on": due_on}
        changes["relapse_count"] = F("relapse_count") + 1
    moved = Issue.objects.filter(
        pk=issue.pk,
        state=issue.state,
        responsible=issue.responsible_id,
        version=issue.version,
        evidence_count=issue.evidence_count,
    ).update(**changes)
    if moved != 1:
        raise Stale(STALE)


def _evidence_that_counts(issue: Issue) -> int:
    """All files; of an item that relapsed those that came since: the older ones were signed."""
    if not issue.relapse_count:
        return issue.evidence_count
    relapses = issue.events.filter(move="relapse").order_by("-id")
    since = relapses.values_list("at", flat=True)[:1]
    return issue.evidence.current().filter(uploaded_at__gt=Subquery(since)).count()


def _keep_version(issue: Issue, author: User, plan: Plan | None = None) -> None:
    version = version_of(issue, author, plan)
    version.save()
    long_term.keep_plan(version, plan)


def version_of(issue: Issue, author: User, plan: Plan | None = None) -> IssueVersion:
    """The item's present text as a version of it, not saved; ``author`` has written it."""
    text = {name: str(getattr(issue, name) or "") for name in TEXT_FIELDS}
    text |= {"category": issue.category.name, "source": issue.source, "nature": issue.nature}
    text |= long_term.text_of(plan)
    if issue.leader or issue.level == Level.UNIT:
        text["leader"] = issue.leader.name if issue.leader else ""
    if issue.level == Level.UNIT:
        text["responsible"] = issue.responsible.name
    return IssueVersion(
        issue=issue, number=issue.version, author=author, text=text, sha256=hash_of(text)
    )


def _keep_event(issue: Issue, actor: User, move: Move, *, note: str, content: str) -> IssueEvent:
    return IssueEvent.objects.create(
        issue=issue,
        actor=actor,
        move=move.name,
        label=move.label,
        from_state=issue.state,
        to_state=move.target,
        note=note.strip(),
        content_hash=content,
    )


def _require_fit(issue: Issue, move: Move, due_on: date | None) -> None:
    """What a step asks of the item itself: its text, its deadline, the time since its sign-off."""
    if is_early(move, issue):
        raise Refused(TOO_EARLY.format(day=lasts_from(issue)))
    if move.name == "submit":
        _require_concrete(issue)
    if move.needs_due:
        _require_within(issue, due_on)


def _require_concrete(issue: Issue) -> None:
    """A problem without time, place, event, cause and direction is not accepted (P3)."""
    refused = [finding.say for finding in findings_of(issue) if finding.refuses]
    if refused:
        raise Refused("还不能提交：" + "".join(refused) + "请点「修改」补全。")


def _require_within(issue: Issue, due_on: date | None) -> None:
    today = timezone.localdate()
    last = last_due_of_relapse(issue, today)
    if due_on is None or not today < due_on <= last:
        raise Refused(f"新的整改时限最早是明天，最晚是 {last:%Y-%m-%d}。")


# Whom to tell that an item waits; the second role when nobody of the first may act on it,
# as when the head wrote it.
REVIEWERS = {
    Capacity.UNIT_LEADER: (Role.UNIT_HEAD, Role.DEPUTY),
    Capacity.OFFICE: (Role.OFFICE,),
    Capacity.DISCIPLINE: (Role.DISCIPLINE,),
}


def _messages_after(issue: Issue, event: IssueEvent) -> list[Message]:
    """Tell whose it is what others did, and those who may take the next step that it waits."""
    waits = f"{issue.author.name}的问题「{issue.title}」等您办理"
    told = {person.pk: (WAITS, waits, "") for person in _next_reviewers(issue)}
    if is_stuck(issue):
        stuck = f"问题「{issue.title}」没有人可以办理下一步，请安排"
        offices = holders_of(Role.OFFICE, unit=issue.unit)
        told = {person.pk: (WAITS, stuck, STUCK) for person in offices}
    news = f"问题「{issue.title}」：{capacity_of(event.move).value}已{event.label}"
    told |= dict.fromkeys((issue.author_id, issue.responsible_id), (NEWS, news, event.note))
    told.pop(event.actor_id, None)
    return [
        Message(f"{kind}:{event.pk}", person, title, body, page_of_item(issue))
        for person, (kind, title, body) in told.items()
    ]


def _settle_what_waited(issue: Issue, event: IssueEvent) -> None:
    """Somebody has taken the step that the messages of the one before asked for."""
    before = issue.events.filter(pk__lt=event.pk).order_by("-pk").values_list("pk", flat=True)
    if last := before.first():
        notices.settle(event=f"{WAITS}:{last}")


def is_stuck(issue: Issue) -> bool:
    """Whether a review is waited for and nobody is left who may do it (promise P4)."""
    return bool(next_capacities(issue.state, issue.level)) and not _next_reviewers(issue)


def _next_reviewers(issue: Issue) -> list[User]:
    capacities_next = next_capacities(issue.state, issue.level)
    return [person for each in capacities_next for person in _able(issue, each)]


def _able(issue: Issue, capacity: Capacity) -> list[User]:
    for role in REVIEWERS[capacity]:
        holders = holders_of(role, unit=issue.unit)
        able = [person for person in holders if capacity in capacities(person, issue)]
        if able:
            return able
    return []
