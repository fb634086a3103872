"""When somebody is reminded of a deadline, and who: arithmetic on working days. Pure.

Three working days before, one before, on the first day after; then it goes up, from the
person to the liaison, the head of the unit, the office. There is no step after the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from core.choices import Addressee
from core.workdays import Calendar

KEPT = timedelta(days=60)  # so long is a step that nobody could send still made up for


@dataclass(frozen=True)
class Step:
    """One reminder of a deadline: so many working days before (negative) or after it."""

    days: int
    addressee: Addressee

    @property
    def name(self) -> str:
        return f"{self.addressee}{self.days:+d}"


STEPS: Sequence[Step] = (
    Step(-3, Addressee.PERSON),
    Step(-1, Addressee.PERSON),
    Step(1, Addressee.PERSON),
    Step(3, Addressee.LIAISON),
    Step(5, Addressee.HEAD),
    Step(10, Addressee.OFFICE),
)


@dataclass(frozen=True)
class Span:
    """The deadlines of which a step may have come by today: ``first`` and ``last`` included."""

    today: date
    first: date
    last: date


def span_on(today: date, calendar: Calendar, steps: Sequence[Step] = STEPS) -> Span:
    """What to look at on that day. Deadlines before it have had their last step long ago."""
    beyond = calendar.due(today, 1 - steps[0].days)  # a deadline may fall on a day of rest before
    return Span(today, today - KEPT, beyond - timedelta(days=1))


def steps_on(
    today: date, due_on: date, calendar: Calendar, steps: Sequence[Step] = STEPS
) -> list[Step]:
    """The last step that has come for each addressee, the nearest first.

    A run that is missed is made up for by the next, and what two steps would have said to
    one addressee is said once, by the later. A day of rest brings nothing new.
    """
    behind = -calendar.workdays_left(calendar.latest(today), due_on)
    return list({step.addressee: step for step in steps if step.days <= behind}.values())
