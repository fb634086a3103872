"""One step for many items: each is looked at, and each is a step of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied

from issues.choices import Kind
from issues.concreteness import Finding
from issues.models import Evidence, Issue, IssueEvent
from issues.queries import Like, application_of, findings_of, likes_of, shown_hash
from issues.rules import judges_text, moves_for
from issues.services.items import Stale, make_move
from issues.workflow import Capacity, Move, Refused
from organisation.models import User

AT_MOST = 100  # items at a time: as many as somebody can read
NOT_WAITING = "现在没有由您办理的这一步。"
ONE_BY_ONE = "销号要逐件查看、逐件签字，请打开这个问题办理。"
PLAN_FIRST = "长期坚持的，备案就是同意它的原因和阶段节点，请打开这个问题看过再办理。"


@dataclass(frozen=True)
class Look:
    """One item before its step: what would be done to it, or why nothing can be.

    ``applied`` and ``files`` are what is judged where the step is on an application for sign-off.
    """

    issue: Issue
    move: Move | None
    why_not: str = ""
    seen_hash: str = ""
    findings: tuple[Finding, ...] = ()
    likes: tuple[Like, ...] = ()
    applied: IssueEvent | None = None
    files: tuple[Evidence, ...] = ()


@dataclass(frozen=True)
class Step:
    """What the page in between sends for one item: the step, and the content that was seen."""

    issue: Issue
    name: str
    seen_hash: str


@dataclass(frozen=True)
class Done:
    """What came of one step; ``why_not`` is empty when it was taken."""

    issue: Issue
    label: str
    why_not: str = ""


def look_at(issues: Sequence[Issue], *, actor: User, back: bool) -> list[Look]:
    """What each item's step would be: the next one, or the way ``back`` to who wrote it."""
    return [_look(issue, actor, back=back) for issue in issues]


def _look(issue: Issue, actor: User, *, back: bool) -> Look:
    offered = [move for move in moves_for(actor, issue) if move.is_return == back]
    moves = [move for move in offered if _may_be_many(move, issue)]
    if not moves:
        return Look(issue, None, _why_not(offered, issue))
    seen = shown_hash(issue)
    if judges_text(moves):
        return Look(issue, moves[0], "", seen, findings_of(issue), tuple(likes_of(issue, actor)))
    files = tuple(issue.evidence.current())
    return Look(issue, moves[0], "", seen, applied=application_of(issue), files=files)


def _why_not(offered: Sequence[Move], issue: Issue) -> str:
    if any(move.needs_proof and move.waits for move in offered):
        return ONE_BY_ONE
    return PLAN_FIRST if any(_has_plan(move, issue) for move in offered) else NOT_WAITING


def take_steps(steps: Sequence[Step], *, actor: User, note: str = "") -> list[Done]:
    """Take each step in a transaction of its own; one that is refused holds up no other.

    Sent again it changes nothing: the items have moved on.
    """
    return [_take(step, actor, note) for step in steps]


def _take(step: Step, actor: User, note: str) -> Done:
    offered = [move for move in moves_for(actor, step.issue) if move.name == step.name]
    if not offered or not _may_be_many(offered[0], step.issue):
        return Done(step.issue, "", _why_not(offered, step.issue))
    move = offered[0]
    try:
        make_move(
            issue=step.issue,
            name=move.name,
            actor=actor,
            note=note if move.is_return else "",
            seen_hash=step.seen_hash,
        )
    except (Refused, Stale, PermissionDenied) as why:
        return Done(step.issue, move.label, str(why))
    return Done(step.issue, move.label)


def _has_plan(move: Move, issue: Issue) -> bool:
    """Whether the step consents to a plan of milestones, which this page does not show."""
    return move.name == "file" and issue.kind == Kind.LONG_TERM


def _may_be_many(move: Move, issue: Issue) -> bool:
    """A reviewer's step that others wait for, and that neither signs nor consents to a plan."""
    return (
        move.waits
        and not _has_plan(move, issue)
        and not move.needs_proof
        and not move.needs_evidence
        and not move.needs_due
        and move.capacity in {Capacity.UNIT_LEADER, Capacity.OFFICE, Capacity.DISCIPLINE}
    )
