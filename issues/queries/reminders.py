"""Deadlines of rectifications: who is reminded, and whether it still holds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from django.db.models import F
from django.urls import reverse

from core.choices import Addressee
from core.models import Reminder
from core.notices.reminders import Due, Kind
from core.notices.steps import Span
from issues.choices import State
from issues.models import Issue, Milestone
from organisation.choices import ABOVE
from organisation.queries import Holders, holders_today

OF_ITEM = "plan__version__issue"
COLUMNS = ("pk", "title", "due_on", "responsible", "unit__path", "unit__area__path")


def due_rectifications(span: Span) -> Iterator[Due]:
    """Items being put right whose deadline lies in the span. Streams."""
    holders = holders_today(*ABOVE.values())
    found = Issue.objects.filter(
        state=State.RECTIFYING,
        due_on__range=(span.first, span.last),
        campaign__archived_at=None,
    )
    for row in found.values_list(*COLUMNS).iterator():
        yield _due(row, holders)


def due_milestones(span: Span) -> Iterator[Due]:
    """Milestones not reported yet of what is being put right. Streams.

    The last one has the day of the item itself, which is reminded of anyway.
    """
    holders = holders_today(*ABOVE.values())
    due = Milestone.objects.running().filter(due_on__range=(span.first, span.last))
    rows = due.exclude(due_on=F(f"{OF_ITEM}__due_on"))
    columns = [each if each == "due_on" else f"{OF_ITEM}__{each}" for each in COLUMNS]
    for milestone in rows.values_list("pk", "number", *columns).iterator():
        yield _due_milestone(milestone, holders)


def _due_milestone(row: tuple, holders: Holders) -> Due:
    pk, number, *rest = row
    item = _due(tuple(rest), holders)
    title = f"问题「{rest[1]}」{Milestone(number=number).name}"
    return replace(item, title=title, within=pk)


def _due(row: tuple, holders: Holders) -> Due:
    key, title, due_on, responsible, unit, area = row

    def people(addressee: Addressee) -> Iterable[int]:
        if addressee == Addressee.PERSON:
            return (responsible,)
        above = holders.nearest(ABOVE[addressee], unit, area)
        return [person for person in above if person != responsible]

    return Due(
        key, f"问题「{title}」整改", reverse("issues:issue-detail", args=[key]), due_on, people
    )


def still_due(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose item is still being put right, by the same day, and by the same person."""
    open_ones = Issue.objects.filter(pk__in={row.subject for row in rows}, state=State.RECTIFYING)
    now = {pk: rest for pk, *rest in open_ones.values_list("pk", "due_on", "responsible")}
    return [row.pk for row in rows if _holds(row, now.get(row.subject))]


def milestone_still_due(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose milestone still stands unreported, by the same person."""
    open_ones = Milestone.objects.running().filter(pk__in={row.within for row in rows})
    columns = ("pk", "due_on", f"{OF_ITEM}__responsible")
    now = {pk: rest for pk, *rest in open_ones.values_list(*columns)}
    return [row.pk for row in rows if _holds(row, now.get(row.within or 0))]


def _holds(row: Reminder, now: list | None) -> bool:
    if now is None or now[0] != row.due_on:
        return False
    return row.addressee != Addressee.PERSON or bool(now[1] == row.person_id)


MILESTONE = Kind(noun="阶段节点", find=due_milestones, holding=milestone_still_due)
RECTIFICATION = Kind(noun="问题整改", find=due_rectifications, holding=still_due)
