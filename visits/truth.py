"""What of visits does not fit together: hints for a call-back, and no verdict. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from visits.choices import Way

# Nobody has greeted, listened and walked to the next door in less.
VISIT_MINUTES = 5
# Doors beside each other with nobody at home go quickly: twelve, one in five minutes, still can be.
MOST_AN_HOUR = 12
# Who writes the round of a day down in the evening does so within the hour; more than fifteen
# doors a day are seldom, and whoever has them goes from morning on.
MOST_ENTERED_AN_HOUR = 15
# Ten hours with a door every quarter of an hour; whoever logs more has had help, or none of it.
MOST_A_DAY = 40
# By hand nobody enters so many late in the evening without a list before him.
MANY_AT_NIGHT = 10
# Two of one team come by themselves upon the same dozen letters, but not upon so many.
TELLING_TOGETHER = 20
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Seen:
    """One visit as far as its time goes.

    ``entered``: when, where that may stand for an hour nobody wrote; as ``times_entered`` says.
    """

    key: int
    day: date
    began: time | None
    way: str
    entered: datetime | None = None

    @property
    def is_meeting(self) -> bool:
        """Several people are met at once there, which is no wonder."""
        return self.way == Way.MEETING

    @property
    def moment(self) -> datetime:
        assert self.began is not None
        return datetime.combine(self.day, self.began)


def overlapping(visits: Iterable[Seen]) -> set[int]:
    """Of one person on one day: those that began while another was still going on."""
    timed = _in_order(visits)
    pairs = pairwise(timed)
    shortest = timedelta(minutes=VISIT_MINUTES)
    return {
        each.key
        for first, second in pairs
        if second.moment - first.moment < shortest
        for each in (first, second)
    }


def crowded(visits: Sequence[Seen]) -> set[int]:
    """Of one person on one day: all, where there are too many; or those of too full an hour."""
    single = [visit for visit in visits if not visit.is_meeting]
    if len(single) > MOST_A_DAY:
        return {visit.key for visit in single}
    told = [(visit.moment, visit.key) for visit in _in_order(visits)]
    untold = [
        (visit.entered, visit.key) for visit in single if visit.began is None and visit.entered
    ]
    return _too_full(told, MOST_AN_HOUR) | _too_full(untold, MOST_ENTERED_AN_HOUR)


def _too_full(moments: Sequence[tuple[datetime, int]], most: int) -> set[int]:
    """The keys of every stretch of an hour with more than ``most``."""
    ordered, found, first = sorted(moments), set[int](), 0
    for last, (moment, _) in enumerate(ordered):
        while moment - ordered[first][0] >= _HOUR:
            first += 1
        if last - first + 1 > most:
            found |= {key for _, key in ordered[first : last + 1]}
    return found


@dataclass(frozen=True)
class Entered:
    """How a visit came in: at what local moment, and whether by its author."""

    day: date
    received: datetime
    by_author: bool


def times_entered(visits: Sequence[Entered]) -> list[datetime | None]:
    """Of the visits of one person, when each came in; None where that tells nothing of its hour.

    It does only for who entered it himself and on its own day. What came in at one and the same
    moment came from one sheet.
    """
    together = Counter(visit.received for visit in visits)
    return [
        visit.received
        if visit.by_author and visit.received.date() == visit.day and together[visit.received] == 1
        else None
        for visit in visits
    ]


@dataclass(frozen=True)
class Words:
    """A visit that says something: whose it is, about whom, and on which day and way."""

    key: int
    author: int
    target: int
    day: date
    way: str

    @property
    def occasion(self) -> tuple[str, object]:
        """Where the words were heard: what a meeting heard may stand with all who were there."""
        return ("meeting", self.day) if self.way == Way.MEETING else ("target", self.target)


def repeated(same: Iterable[Words]) -> set[int]:
    """Of visits with the same words: all, where they were not heard on one occasion."""
    visits = list(same)
    is_one = len({visit.occasion for visit in visits}) < 2
    return set() if is_one else {visit.key for visit in visits}


def night_of(received: datetime) -> date | None:
    """The day on whose evening the night began in which it came; None by day."""
    if received.time() >= NIGHT_BEGINS:
        return received.date()
    return received.date() - timedelta(days=1) if received.time() < NIGHT_ENDS else None


def _in_order(visits: Iterable[Seen]) -> list[Seen]:
    timed = [visit for visit in visits if visit.began is not None and not visit.is_meeting]
    return sorted(timed, key=lambda visit: (visit.moment, visit.key))


def common_path(paths: Sequence[str]) -> str:
    """The path of the smallest area that holds them all."""
    parts = [path.strip("/").split("/") for path in paths]
    shared = []
    for level in zip(*parts, strict=False):
        if len(set(level)) > 1:
            break
        shared.append(level[0])
    return f"/{'/'.join(shared)}/" if shared else ""
