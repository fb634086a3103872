"""What is to be reminded of: each app says it for its kinds, and whether it still holds.

``put`` notes it in the outbox, one row for each event, person and way, however often.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, islice
from typing import TypeVar

from core import calendars
from core.choices import Addressee, Way
from core.models import Channel, Reminder
from core.notices.steps import STEPS, Span, Step, span_on, steps_on

T = TypeVar("T")
BATCH = 1000
TITLE_LENGTH = 120
DEADLINE = "到期"


@dataclass(frozen=True)
class Due:
    """An open deadline, and who is told of it at each height.

    ``subject`` and ``within`` come back in the row when the app is asked whether it holds.
    """

    subject: int
    title: str
    url: str
    due_on: date
    people: Callable[[Addressee], Iterable[int]]
    within: int | None = None

    @property
    def key(self) -> str:
        return f"{self.subject}.{self.within}" if self.within else str(self.subject)


@dataclass(frozen=True)
class Kind:
    """Deadlines of one sort. ``find`` streams those of a span that are open; ``holding`` says
    which of these rows still ask their person for something; ``noun`` is for the summary, and
    ``day`` says what happened, or happens, on the day of a row."""

    noun: str
    find: Callable[[Span], Iterable[Due]]
    holding: Callable[[Sequence[Reminder]], Collection[int]]
    steps: Sequence[Step] = STEPS
    day: str = DEADLINE


_kinds: dict[str, Kind] = {}


def remind_with(name: str, kind: Kind) -> None:
    """Said once by each app for its kinds, when it starts."""
    _kinds[name] = kind


def noun_of(name: str) -> str:
    """What things of the kind are called; the name itself for one that no app knows any more."""
    return _kinds[name].noun if name in _kinds else name


def day_word(name: str) -> str:
    """What the day of a reminder of that kind is: the deadline, unless the kind says another."""
    return _kinds[name].day if name in _kinds else DEADLINE


def put(today: date) -> None:
    """Note every reminder that has come by that day; what is noted already stays as it is."""
    for name, kind in sorted(_kinds.items()):
        for some in in_batches(_rows(name, kind, today)):
            Reminder.objects.bulk_create([*some, *_by_channels(some)], ignore_conflicts=True)


def _rows(name: str, kind: Kind, today: date) -> Iterator[Reminder]:
    calendar = calendars.current()
    come = lru_cache(lambda due_on: steps_on(today, due_on, calendar, kind.steps))
    for due in kind.find(span_on(today, calendar, kind.steps)):
        for step in come(due.due_on):
            for person in due.people(step.addressee):
                yield _row(name, due, step, person)


def _row(name: str, due: Due, step: Step, person: int) -> Reminder:
    return Reminder(
        event=f"{name}:{due.key}:{due.due_on:%Y%m%d}:{step.name}",
        person_id=person,
        way=Way.INBOX,
        kind=name,
        subject=due.subject,
        within=due.within,
        addressee=step.addressee,
        title=due.title[:TITLE_LENGTH],
        url=due.url,
        due_on=due.due_on,
    )


def _by_channels(rows: Sequence[Reminder]) -> Iterator[Reminder]:
    """The same for those who want them by other ways as well."""
    ways = _ways_of({row.person_id for row in rows})
    for row in rows:
        for way in ways.get(row.person_id, ()):
            copy = {name: getattr(row, name) for name in _COPIED}
            yield Reminder(way=way, **copy)


_COPIED = (
    "event", "person_id", "kind", "subject", "within", "addressee", "title", "url", "due_on",
)  # fmt: skip


def _ways_of(people: Collection[int]) -> Mapping[int, list[str]]:
    found: dict[int, list[str]] = {}
    wanted = Channel.objects.filter(person__in=people).order_by("kind")
    for person, way in wanted.values_list("person", "kind"):
        found.setdefault(person, []).append(way)
    return found


def still_holding(rows: Sequence[Reminder]) -> set[int]:
    """Keys of the reminders whose matter is not settled meanwhile; asks each kind once."""
    kept: set[int] = set()
    for name, group in groupby(sorted(rows, key=lambda row: row.kind), lambda row: row.kind):
        if name in _kinds:
            kept.update(_kinds[name].holding(list(group)))
    return kept


def in_batches(rows: Iterable[T]) -> Iterator[list[T]]:
    """A thousand at a time, so that memory does not grow with the number."""
    source = iter(rows)
    while some := list(islice(source, BATCH)):
        yield some
