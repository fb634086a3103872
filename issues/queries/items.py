"""Reads on problem items."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from campaign.models import Campaign
from core.lights import bounds_on
from core.paging import Order
from issues.choices import RUNNING, Level, State
from issues.concreteness import Finding, Span, Text, check
from issues.models import (
    TEXT_FIELDS,
    Evidence,
    EvidenceWish,
    Extension,
    HandOver,
    Issue,
    IssueEvent,
    IssueVersion,
    hash_of,
)
from issues.queries.long_term import plan_of
from issues.queries.look_backs import due_look_backs
from issues.queries.reach import loosely, reached
from issues.workflow import PASSES
from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Posting, User
from organisation.queries import paths_above
from organisation.scope import scope_of

_SAME = ("category", "title", "happened_on", "event")
HEAVY = ("event", "affected", "cause", "root_cause", "direction", "measures")  # not in lists
BY_DUE = Order("due_on", nullable=True)


def content_hash(issue: Issue) -> str:
    """The fingerprint of exactly what a reviewer sees: latest text and all evidence."""
    text = issue.versions.order_by("-number").values_list("sha256", flat=True).first()
    evidence = list(issue.evidence.current().values_list("sha256", flat=True))
    return hash_of({"text": text, "evidence": evidence})


def shown_hash(issue: Issue) -> str:
    """The fingerprint of what a page shows: the content, and how far the item has come.

    An item that was sent back and handed in again may have the same content as before; who had
    the page open since then has not seen why it was sent back, nor what was answered.
    """
    last = issue.events.order_by("-pk").values_list("pk", flat=True).first()
    return hash_of({"content": content_hash(issue), "last": last})


def evidence_of(issue: Issue) -> dict[str, list[Evidence]]:
    """The files that count, and those that were exchanged or taken back."""
    rows = list(issue.evidence.select_related("uploaded_by", "dropped_by"))
    return {
        "evidence": [each for each in rows if each.dropped_at is None],
        "dropped": [each for each in rows if each.dropped_at is not None],
    }


def application_of(issue: Issue) -> IssueEvent | None:
    """The last application for sign-off: what was done, in the words of who did it."""
    return issue.events.filter(move="apply").select_related("actor").last()


def returned_of(issue: Issue) -> IssueEvent | None:
    """The step that sent it back, when that was the last one."""
    last = issue.events.select_related("actor").last()
    return last if last and last.is_return else None


def wish_of(events: Sequence[IssueEvent]) -> EvidenceWish | None:
    """What the reviewer who sent it back last would like to see."""
    if not events or not events[-1].is_return:
        return None
    return EvidenceWish.objects.filter(event=events[-1]).first()


def findings_of(issue: Issue) -> tuple[Finding, ...]:
    """What is not concrete in the item's latest text."""
    text = {name: getattr(issue, name) for name in TEXT_FIELDS}
    plan = plan_of(issue)
    from_today = max(issue.campaign.starts_on, timezone.localdate())
    span = Span(from_today, issue.campaign.ends_on)
    return check(Text.of(text), span, plan.claims() if plan else None)


def own_twin(author: User, campaign: Campaign, text: Mapping[str, Any]) -> Issue | None:
    """What the person has written in the same words already, by another form than this one.

    So it is when somebody goes back in the browser after saving, and saves once more.
    """
    same = {name: text[name] for name in _SAME if text.get(name) is not None}
    own = Issue.objects.filter(author=author, campaign=campaign, **same)
    if token := text.get("token"):
        own = own.exclude(token=token)
    return own.exclude(state=State.WITHDRAWN).first()


def page_of_item(issue: Issue) -> str:
    """Where its page is, for messages."""
    return reverse("issues:issue-detail", args=[issue.pk])


def waiting_for(user: User) -> QuerySet[Issue]:
    """The items that wait for a step of this person, own drafts included.

    The same items as those whose page offers the person a step that ``waits``, the drawn look
    backs whose day has come, and the requests for more time.
    """
    whole = reduce(or_, (Q(pk__in=each.order_by().values("pk")) for each in _waiting(user)))
    found = Issue.objects.filter(whole).select_related("unit", "author", "category")
    return found.order_by("due_on", "id")


def waiting_lists(user: User) -> list[QuerySet[Issue]]:
    """The same, own ones first and then each kind of step as a list of its own.

    An index puts each of them into order; only own ones may lack a deadline.
    """
    shown = ("unit", "author", "category")
    lists = (each.select_related(*shown).defer(*HEAVY) for each in _waiting(user))
    return [with_marks(each) for each in lists]


def with_marks(found: QuerySet[Issue]) -> QuerySet[Issue]:
    """Each with what its row says beside the state: behind, returned, asks for more time."""
    rows = found.with_behind(timezone.localdate()).with_returned()  # type: ignore[attr-defined]
    return rows.annotate(asks_for_time=Exists(_TIME_ASKED.filter(issue=OuterRef("pk"))))


def first_waiting(user: User, number: int) -> list[Issue]:
    """The first of what waits, by deadline."""
    lists = (each.order_by("due_on", "id")[:number] for each in waiting_lists(user))
    rows = {issue.pk: issue for each in lists for issue in each}
    return sorted(rows.values(), key=BY_DUE.key)[:number]


def count_waiting(user: User, most: int) -> int:
    """How many wait; counted up to ``most``, for nobody needs to know more."""
    counted = 0
    for each in _waiting(user):
        counted += each.order_by()[: most - counted].count() if counted < most else 0
    return counted


def _waiting(user: User) -> list[QuerySet[Issue]]:
    """One list for each state that an item waits in; no item stands in two of them.

    Drafts of units wait as a list, not one by one.
    """
    scope, issues = scope_of(user), Issue.objects.all()
    own = issues.filter(author=user).exclude(level=Level.UNIT, state=State.DRAFT)
    answered_for = issues.filter(responsible=user).exclude(author=user)
    found = [
        loosely(own, state=[State.DRAFT, State.RECTIFYING]),
        loosely(answered_for, state=[State.RECTIFYING]),
    ]
    wrote = IssueVersion.objects.filter(issue=OuterRef("pk"), author=user)
    answered = HandOver.objects.filter(issue=OuterRef("pk"), from_person=user)
    others = issues.exclude(author=user).exclude(responsible=user)
    others = others.filter(~Exists(wrote), ~Exists(answered))
    for roles, conditions in _REVIEWS:
        if scope.has(*roles):
            found += [others.filter(each) for each in reached(user, roles, conditions)]
    if scope.has(Role.OFFICE):
        asked = others.filter(scope.units([Role.OFFICE]), pk__in=_TIME_ASKED)
        found.append(loosely(asked, state=[State.RECTIFYING]))
    if scope.has(Role.DISCIPLINE):
        led = scope.units(sorted(UNIT_LEADERS))
        far = others.filter(scope.units([Role.DISCIPLINE])).exclude(led | served_there(user))
        passed = IssueEvent.objects.filter(issue=OuterRef("pk"), actor=user, move__in=PASSES)
        far = far.filter(~Exists(passed))
        due = Q(pk__in=due_look_backs(timezone.localdate()).values("issue"))
        found += [far.filter(each) for each in (*_SIGN_OFF, due)]
    return found


def is_late(today: date) -> Q:
    """Items on red: past their deadline, and nobody has applied for their sign-off.

    A working day must have begun since, so nothing turns late on a holiday.
    """
    return Q(due_on__lt=bounds_on(today).red_before, state__in=RUNNING)


_SIGN_OFF = (
    Q(level=Level.PERSONAL, state=State.UNIT_SIGNED),
    Q(level=Level.UNIT, state=State.OFFICE_PASSED),
)
_TIME_ASKED = Extension.objects.filter(decision="").values("issue")
_SUBMITTED = Q(level=Level.PERSONAL, state=State.SUBMITTED)
_REVIEWS: tuple[tuple[Collection[str], tuple[Q, ...]], ...] = (
    (tuple(UNIT_LEADERS), (_SUBMITTED, Q(state=State.APPLIED))),
    (
        (Role.OFFICE,),
        (
            Q(state=State.CONFIRMED),
            Q(level=Level.UNIT, state=State.UNIT_SIGNED),
        ),
    ),
)


def served_there(user: User) -> Q:
    """Items of units the person has belonged to since they were written; one query."""
    found = Q(pk__in=[])
    for path, until in Posting.objects.filter(user=user).values_list("unit__path", "until"):
        since = Q(created_at__date__lte=until) if until else Q()
        near = Q(unit__path__under=path) | Q(unit__path__in=paths_above(path))
        found |= near & since
    return found
