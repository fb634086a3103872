"""What of visits does not fit together: hints for a call-back, and no verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from visits.choices import Way

# Nobody has greeted, listened and walked to the next door in less.
VISIT_MINUTES = 5
# Doors beside each other with nobody at home go quickly: twelve, one in five minutes, still can be.
MOST_AN_HOUR = 12
# Ten hours with a door every quarter of an hour; whoever logs more has had help, or none of it.
MOST_A_DAY = 40
# By hand nobody enters so many late in the evening without a list before him.
MANY_AT_NIGHT = 10
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Seen:
    """One visit as far as its time goes."""

    key: int
    day: date
    began: time | None
    way: str

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
    timed = _in_order(visits)
    found: set[int] = set()
    for place, first in enumerate(timed):
        hour = [each for each in timed[place:] if each.moment - first.moment < _HOUR]
        if len(hour) > MOST_AN_HOUR:
            found |= {each.key for each in hour}
    return found


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
