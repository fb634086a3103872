"""Reads on supervision slips: which there are, which wait, and which ought to be raised."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from django.db.models import (
    BigIntegerField,
    CharField,
    Count,
    Exists,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Substr
from django.urls import reverse
from django.utils import timezone

from core import calendars
from core.choices import Addressee
from core.lights import bounds_on
from core.models import Reminder
from core.notices.reminders import Due, Kind
from core.notices.steps import Span, Step
from issues.choices import FILED, SLIP_OPEN, WITH_UNIT, SlipReason, SlipState, State
from issues.models import HandOver, Issue, IssueEvent, SlipEvent, SupervisionSlip
from issues.models.slips import TITLE_LENGTH
from issues.queries.items import is_late, served_there
from issues.rules import HANDLERS
from issues.slip_way import UNIT_STEPS
from issues.workflow import RETURNS
from organisation.choices import ABOVE, UNIT_LEADERS, Role
from organisation.models import Posting, User
from organisation.queries import Holders, holders_today, paths_above
from organisation.scope import scope_of
from visits.appeal_way import HANDLING_STEPS
from visits.choices import WITH_UNIT as IN_HAND
from visits.models import Appeal, AppealEvent
from visits.queries.appeal_reminders import CLOCKED, UP

RETURNS_AT_MOST = 2  # the second one raises a slip
REDONE_AT_MOST = 2  # so does the second time that the people say no


def slips(user: User) -> QuerySet[SupervisionSlip]:
    """Those the person may see, with what a list row shows."""
    return SupervisionSlip.objects.visible_to(user).select_related("unit", "issue", "appeal")


def slips_of(issue: Issue) -> Collection[SupervisionSlip]:
    """Every slip that the item has had, the newest first; none before it is on file."""
    return issue.slips.order_by("-pk") if issue.state in FILED else ()


def page_of_slip(slip: SupervisionSlip) -> str:
    """Where its page is, for messages."""
    return reverse("issues:slip-detail", args=[slip.pk])


def is_slip_late(today: date) -> Q:
    """Slips that the unit has not answered by their deadline."""
    return Q(due_on__lt=bounds_on(today).red_before, state__in=sorted(WITH_UNIT))


def slips_waiting_for(user: User) -> QuerySet[SupervisionSlip]:
    """Those that wait for a step of this person, the nearest deadline first.

    The same as those whose page offers the person a step that ``waits``.
    """
    scope = scope_of(user)
    involved = Q(issue__author=user) | Q(issue__responsible=user) | Q(appeal__handler=user)
    found = Q(state__in=_TO_HANDLE) & (involved | scope.units(HANDLERS))
    answered = Exists(HandOver.objects.filter(issue=OuterRef("issue"), from_person=user))
    if scope.has(*UNIT_LEADERS):
        signing = Q(state=SlipState.ANSWERED) & ~Q(answered_by=user) & ~involved & ~answered
        found |= signing & scope.units(tuple(UNIT_LEADERS))
    if scope.has(Role.DISCIPLINE):
        served = SlipEvent.objects.filter(slip=OuterRef("pk"), actor=user, step__in=UNIT_STEPS)
        near = Q(issue__in=Issue.objects.filter(served_there(user))) | _near_appeals(user)
        closing = Q(state=SlipState.SIGNED) & ~Exists(served) & ~near & ~involved & ~answered
        found |= closing & scope.units([Role.DISCIPLINE])
    return slips(user).filter(found).order_by("due_on", "id")


def _near_appeals(user: User) -> Q:
    """Slips on appeals that the person handled, or of a unit that he belongs to or near it."""
    steps = AppealEvent.objects.filter(
        appeal=OuterRef("appeal"), actor=user, step__in=sorted(HANDLING_STEPS)
    )
    near = Q(Exists(steps))
    posts = Posting.objects.filter(user=user).exclude(until__lt=timezone.localdate())
    for path in posts.values_list("unit__path", flat=True):
        near |= Q(unit__path__under=path) | Q(unit__path__in=paths_above(path))
    return Q(appeal__isnull=False) & near


_TO_HANDLE = [SlipState.ISSUED, SlipState.RECEIVED]


### What ought to be raised


def without_slip(reason: SlipReason, today: date) -> QuerySet[Issue]:
    """The items for which the rule raises a slip of that reason now, with their ``occasion``.

    Each is being put right, has no open slip of the reason, and none of this occasion.
    """
    open_ones = SupervisionSlip.objects.filter(
        issue=OuterRef("pk"), reason=reason, state__in=sorted(SLIP_OPEN)
    )
    known = SupervisionSlip.objects.filter(
        issue=OuterRef("pk"), reason=reason, occasion=OuterRef("occasion")
    )
    filed = Issue.objects.filter(state=State.RECTIFYING, campaign__archived_at=None)
    found = _RULES[reason](filed, today).filter(~Exists(open_ones), ~Exists(known))
    return found.order_by("pk")


def _overdue(found: QuerySet[Issue], today: date) -> QuerySet[Issue]:
    """On red; the occasion is the deadline, so a later one that passes is another."""
    return found.filter(is_late(today)).annotate(occasion=Cast("due_on", CharField()))


def _relapsed(found: QuerySet[Issue], today: date) -> QuerySet[Issue]:
    """Found relapsed at a look back; the occasion is the finding."""
    return found.filter(relapse_count__gt=0).annotate(occasion=Cast(_LAST_RELAPSE, CharField()))


def _returned(found: QuerySet[Issue], today: date) -> QuerySet[Issue]:
    """Returned twice since the last such slip, or since a relapse began it anew.

    The occasion is the last return, so that one return counts for one slip only.
    """
    counted = _RETURNED.filter(pk__gt=OuterRef("since")).order_by().values("issue")
    return (
        found.filter(Exists(_RETURNED))
        .annotate(since=Greatest(Coalesce(_LAST_RELAPSE, 0), Coalesce(_LAST_COUNTED, 0)))
        .annotate(
            returns=Coalesce(
                Subquery(counted.annotate(n=Count("pk")).values("n"), IntegerField()), 0
            )
        )
        .filter(returns__gte=RETURNS_AT_MOST)
        .annotate(occasion=Cast(Subquery(_RETURNED.order_by("-pk").values("pk")[:1]), CharField()))
    )


_RELAPSES = IssueEvent.objects.filter(issue=OuterRef("pk"), move="relapse").order_by("-pk")
_LAST_RELAPSE = Subquery(_RELAPSES.values("pk")[:1], BigIntegerField())
_RETURNED = IssueEvent.objects.filter(
    issue=OuterRef("pk"), move__in=RETURNS, to_state=State.RECTIFYING
)
_LAST_COUNTED = Subquery(
    SupervisionSlip.objects.filter(issue=OuterRef("pk"), reason=SlipReason.RETURNED)
    .order_by()
    .values("issue")
    .annotate(last=Max(Cast("occasion", BigIntegerField())))
    .values("last"),
    BigIntegerField(),
)
_RULES = {
    SlipReason.OVERDUE: _overdue,
    SlipReason.RETURNED: _returned,
    SlipReason.DISSATISFIED: _relapsed,
}


def appeals_without_slip(reason: SlipReason, today: date) -> QuerySet[Appeal]:
    """The same of the appeals that a unit has in hand."""
    slips_on = SupervisionSlip.objects.filter(appeal=OuterRef("pk"), reason=reason)
    open_ones = slips_on.filter(state__in=sorted(SLIP_OPEN))
    known = slips_on.filter(occasion=OuterRef("occasion"))
    in_hand = Appeal.objects.filter(state__in=sorted(IN_HAND), campaign__archived_at=None)
    found = _APPEAL_RULES[reason](in_hand, today).filter(~Exists(open_ones), ~Exists(known))
    return found.order_by("pk")


def _unanswered(found: QuerySet[Appeal], today: date) -> QuerySet[Appeal]:
    """When the reminders have come to their end; the occasion is the deadline."""
    over = found.filter(state__in=CLOCKED, due_on__lte=_workdays_ago(today, UP[-1].days))
    return over.annotate(occasion=Cast("due_on", CharField()))


def _not_helped(found: QuerySet[Appeal], today: date) -> QuerySet[Appeal]:
    """Sent back by the people themselves; each time from the second on is an occasion."""
    again = found.filter(redo_count__gte=REDONE_AT_MOST)
    return again.annotate(occasion=Cast("redo_count", CharField()))


def _workdays_ago(today: date, days: int) -> date:
    """The last deadline after which so many working days have passed."""
    calendar, day = calendars.current(), today
    while -calendar.workdays_left(today, day) < days:
        day -= timedelta(days=1)
    return day


_APPEAL_RULES = {
    SlipReason.UNANSWERED: _unanswered,
    SlipReason.NOT_HELPED: _not_helped,
}


### Reminders

COLUMNS = ("year", "number", "title_of", "answers", "unit__path", "unit__area__path")
ANSWERS = Coalesce("issue__responsible", "appeal__handler")


def due_slips(span: Span) -> Iterator[Due]:
    """Slips with the unit whose deadline lies in the span. Streams."""
    found = SupervisionSlip.objects.filter(
        state__in=sorted(WITH_UNIT),
        due_on__range=(span.first, span.last),
        campaign__archived_at=None,
    )
    yield from _dues(found, "due_on", "{slip}「{title}」")


def new_slips(span: Span) -> Iterator[Due]:
    """Slips that the rule has raised and nobody has received; their day is the first. Streams."""
    found = SupervisionSlip.objects.filter(
        state=SlipState.ISSUED,
        raised_by=None,
        counted_from__range=(span.first, span.last),
        campaign__archived_at=None,
    )
    yield from _dues(found, "counted_from", "请签收{slip}「{title}」")


def _dues(found: QuerySet[SupervisionSlip], day: str, words: str) -> Iterator[Due]:
    holders = holders_today(*ABOVE.values())
    named = found.annotate(
        title_of=Coalesce("issue__title", Substr("appeal__content", 1, TITLE_LENGTH)),
        answers=ANSWERS,
    )
    for key, on, *row in named.values_list("pk", day, *COLUMNS).iterator():
        yield _due(key, on, words, row, holders)


def _due(key: int, on: date, words: str, row: Sequence, holders: Holders) -> Due:
    year, number, title, responsible, unit, area = row

    def people(addressee: Addressee) -> Iterable[int]:
        if addressee == Addressee.PERSON:
            return (responsible,) if responsible else holders.nearest(Role.LIAISON, unit, area)
        above = holders.nearest(ABOVE[addressee], unit, area)
        return [person for person in above if person != responsible]

    said = words.format(slip=SupervisionSlip(year=year, number=number), title=title)
    return Due(key, said, reverse("issues:slip-detail", args=[key]), on, people)


def still_due(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose slip is still with the unit, by the same day, and for the same person."""
    return _holding(rows, WITH_UNIT, "due_on")


def still_new(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose slip nobody has received."""
    return _holding(rows, {SlipState.ISSUED}, "counted_from")


def _holding(rows: Sequence[Reminder], states: Collection[str], day: str) -> Collection[int]:
    found = SupervisionSlip.objects.filter(
        pk__in={row.subject for row in rows}, state__in=sorted(states)
    )
    named = found.annotate(answers=ANSWERS).values_list("pk", day, "answers")
    now = {pk: (on, who) for pk, on, who in named}
    return [row.pk for row in rows if row.subject in now and _is_same(row, now[row.subject])]


def _is_same(row: Reminder, now: tuple[date, int | None]) -> bool:
    on, responsible = now
    is_own = responsible is None or row.person_id == responsible
    return row.due_on == on and (row.addressee != Addressee.PERSON or is_own)


AT_ONCE = (Step(0, Addressee.PERSON), Step(0, Addressee.HEAD))
SLIP_DUE = Kind(noun="督办单", find=due_slips, holding=still_due)
SLIP_NEW = Kind(noun="待签收督办单", find=new_slips, holding=still_new, steps=AT_ONCE, day="下达")


### One slip on paper


def steps_taken(slip: SupervisionSlip) -> Mapping[str, SlipEvent]:
    """The last event of each step, by the step's name: what the paper form shows."""
    return {event.step: event for event in slip.events.select_related("actor")}
