"""Clocks of appeals: who is reminded, how it goes up on breach, and whether it still holds.

Yellow is one working day before, red the first after (domain §2.4, §4.5): so a reminder comes on
these days, then goes up from whoever handles it to the liaison, the head of the unit, the office.
What waits for the person has no clock; every fifth working day the unit and the office are told.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

from django.db.models import Case, QuerySet, When
from django.urls import reverse

from core import calendars
from core.choices import Addressee
from core.models import Reminder
from core.notices.reminders import Due, Kind
from core.notices.steps import Span, Step
from organisation.choices import ABOVE, Role
from organisation.queries import Holders, holders_today
from visits.choices import WITH_UNIT, AppealState
from visits.models import Appeal, AppealPause
from visits.rules import handler_is_there

CLOCKED = sorted({AppealState.UNASSIGNED, AppealState.ANSWERED, *WITH_UNIT} - {AppealState.PAUSED})
COLUMNS = ("pk", "number", "state", "due_on", "own", "unit__path", "unit__area__path")
OF_OFFICES = {  # whose work it is where no unit has it to do
    AppealState.UNASSIGNED: Role.OFFICE,
    AppealState.ANSWERED: Role.ORGANISATION,
}
UP = (
    Step(-1, Addressee.PERSON),
    Step(1, Addressee.PERSON),
    Step(2, Addressee.LIAISON),
    Step(3, Addressee.HEAD),
    Step(5, Addressee.OFFICE),
)


def due_appeals(span: Span) -> Iterator[Due]:
    """Appeals whose running clock ends in the span. Streams."""
    found = Appeal.objects.filter(
        state__in=CLOCKED,
        due_on__range=(span.first, span.last),
        campaign__archived_at=None,
    )
    holders = holders_today(*ABOVE.values(), Role.ORGANISATION)
    for *row, area in found.annotate(own=_own()).values_list(*COLUMNS, "area__path").iterator():
        yield _due(row, str(area), holders)


def _own(prefix: str = "") -> Case:
    """Who took it up, if he is still there."""
    return Case(When(handler_is_there(prefix), then=f"{prefix}handler"))


def _due(row: Sequence, area: str, holders: Holders) -> Due:
    key, number, state, due_on, handler, unit, unit_area = row
    by_office = OF_OFFICES.get(state)

    def people(addressee: Addressee) -> Iterable[int]:
        if by_office:
            return _of_office(addressee, by_office, area, holders)
        liaison = holders.nearest(Role.LIAISON, unit, unit_area)
        nearest = (handler,) if handler else liaison
        if addressee == Addressee.PERSON:
            return nearest
        if addressee == Addressee.OFFICE:
            return holders.nearest(Role.OFFICE, "", area)
        above = holders.nearest(ABOVE[addressee], unit, unit_area)
        return [person for person in above if person not in nearest]

    title = f"{Appeal(number=number)}{AppealState(state).label}"
    return Due(key, title, reverse("visits:appeal-detail", args=[key]), due_on, people)


def _of_office(addressee: Addressee, role: Role, area: str, holders: Holders) -> Iterable[int]:
    """The office of the area itself, and at the end once more that of all."""
    if addressee == Addressee.PERSON:
        return holders.nearest(role, "", area) or holders.nearest(Role.OFFICE, "", area)
    return holders.nearest(Role.OFFICE, "", area) if addressee == Addressee.OFFICE else ()


def still_due(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose appeal still has the same clock running; a step gives it another."""
    running = Appeal.objects.filter(pk__in={row.subject for row in rows}, state__in=CLOCKED)
    now = dict(running.values_list("pk", "due_on"))
    return [row.pk for row in rows if now.get(row.subject) == row.due_on]


### Waiting for the person


ASKED_EVERY = 5  # working days that a unit waits before it, and the office, are told once more
NOW = (Step(0, Addressee.PERSON), Step(0, Addressee.OFFICE))
WAITING = ("appeal", "appeal__number", "paused_on", "own")
PLACES = ("appeal__unit__path", "appeal__unit__area__path", "appeal__area__path")


def pauses_to_ask_about(span: Span) -> Iterator[Due]:
    """Appeals that wait for the person who raised them; due on the last fifth day that came.

    Streams.
    """
    holders, calendar = holders_today(*ABOVE.values()), calendars.current()
    pauses = _open_pauses().annotate(own=_own("appeal__"))
    for row in pauses.values_list(*WAITING, *PLACES).iterator():
        key, number, since, handler, *places = row
        times = calendar.workdays_left(since, span.today) // ASKED_EVERY
        if times > 0:
            due_on = calendar.due(since, times * ASKED_EVERY)
            waited = f"等待群众补充已 {times * ASKED_EVERY} 个工作日"
            title = f"{Appeal(number=number)}{waited}：请催问，能办的先办"
            url = reverse("visits:appeal-detail", args=[key])
            yield Due(key, title, url, due_on, _who_waits(handler, places, holders))


def _who_waits(
    handler: int | None, places: Sequence[str], holders: Holders
) -> Callable[[Addressee], Iterable[int]]:
    unit, unit_area, area = places

    def people(addressee: Addressee) -> Iterable[int]:
        if addressee == Addressee.OFFICE:
            return holders.nearest(Role.OFFICE, "", area)
        return (handler,) if handler else holders.nearest(Role.LIAISON, unit, unit_area)

    return people


def _open_pauses() -> QuerySet[AppealPause]:
    return AppealPause.objects.filter(
        resumed_on=None, appeal__state=AppealState.PAUSED, appeal__campaign__archived_at=None
    )


def still_waiting(rows: Sequence[Reminder]) -> Collection[int]:
    """Those whose appeal still waits as it did on that day; a new pause counts anew."""
    pauses = _open_pauses().filter(appeal__in={row.subject for row in rows})
    since = dict(pauses.values_list("appeal", "paused_on"))
    return [row.pk for row in rows if row.subject in since and since[row.subject] < row.due_on]


APPEAL_WAITS = Kind(
    noun="等待补充的诉求", find=pauses_to_ask_about, holding=still_waiting, steps=NOW, day=""
)
APPEAL_DUE = Kind(noun="诉求", find=due_appeals, holding=still_due, steps=UP)
