"""Reads on problem items."""

from collections.abc import Collection
from datetime import date

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from core.lights import bounds_on
from issues.choices import RUNNING, Level, State
from issues.concreteness import Finding, Span, Text, check
from issues.models import TEXT_FIELDS, Extension, Issue, hash_of
from issues.queries.look_backs import due_look_backs
from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Posting, User
from organisation.queries import paths_above
from organisation.scope import scope_of


def content_hash(issue: Issue) -> str:
    """The fingerprint of exactly what a reviewer sees: latest text and all evidence."""
    text = issue.versions.order_by("-number").values_list("sha256", flat=True).first()
    evidence = list(issue.evidence.values_list("sha256", flat=True))
    return hash_of({"text": text, "evidence": evidence})


def findings_of(issue: Issue) -> tuple[Finding, ...]:
    """What is not concrete in the item's latest text."""
    text = {name: getattr(issue, name) for name in TEXT_FIELDS}
    return check(Text.of(text), Span(issue.campaign.starts_on, issue.campaign.ends_on))


def page_of_item(issue: Issue) -> str:
    """Where its page is, for messages."""
    return reverse("issues:issue-detail", args=[issue.pk])


def ledger(user: User) -> QuerySet[Issue]:
    """The items the person may see, with what a list row shows."""
    return Issue.objects.visible_to(user).select_related("unit", "author", "category")


def waiting_for(user: User) -> QuerySet[Issue]:
    """The items that wait for a step of this person, own drafts included.

    The same items as those whose page offers the person a step that ``waits``, the drawn look
    backs whose day has come, and the requests for more time.
    """
    scope = scope_of(user)
    mine = Q(author=user, state__in=[State.DRAFT, State.RECTIFYING])
    others = ~Q(author=user) & ~Q(responsible=user)
    reviews = Q(pk__in=[])
    for roles, condition in _REVIEWS:
        if scope.has(*roles):
            reviews |= scope.units(roles) & condition
    if scope.has(Role.DISCIPLINE):
        asked = _SIGN_OFF | Q(pk__in=due_look_backs(timezone.localdate()).values("issue"))
        reviews |= scope.units([Role.DISCIPLINE]) & asked & ~served_there(user)
    return (
        Issue.objects.filter(mine | (others & reviews))
        .select_related("unit", "author", "category")
        .order_by("due_on", "id")
    )


def is_late(today: date) -> Q:
    """Items on red: past their deadline, and nobody has applied for their sign-off.

    A working day must have begun since, so nothing turns late on a holiday.
    """
    return Q(due_on__lt=bounds_on(today).red_before, state__in=RUNNING)


_SIGN_OFF = Q(level=Level.PERSONAL, state=State.UNIT_SIGNED) | Q(
    level=Level.UNIT, state=State.OFFICE_PASSED
)
_TIME_ASKED = Extension.objects.filter(decision="").values("issue")
_REVIEWS: tuple[tuple[Collection[str], Q], ...] = (
    (tuple(UNIT_LEADERS), Q(state__in=[State.SUBMITTED, State.APPLIED])),
    (
        (Role.OFFICE,),
        Q(state=State.CONFIRMED)
        | Q(level=Level.UNIT, state=State.UNIT_SIGNED)
        | Q(pk__in=_TIME_ASKED, state=State.RECTIFYING),
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
