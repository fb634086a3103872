"""Deadlines of rectifications: who is reminded, and whether it still holds."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from django.urls import reverse

from core.choices import Addressee
from core.models import Reminder
from core.notices.reminders import Due, Kind
from core.notices.steps import Span
from issues.choices import State
from issues.models import Issue
from organisation.choices import ABOVE
from organisation.queries import Holders, holders_today

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


def _holds(row: Reminder, now: list | None) -> bool:
    if now is None or now[0] != row.due_on:
        return False
    return row.addressee != Addressee.PERSON or bool(now[1] == row.person_id)


RECTIFICATION = Kind(noun="问题整改", find=due_rectifications, holding=still_due)
