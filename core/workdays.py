"""Working days: arithmetic over a calendar, without a database (domain §8).

A calendar is the Monday to Friday of every week and the days that differ from it. Of a
year without a State Council notice only the statutory holidays are known: it is provisional.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

FIRST_YEAR = 2004  # before it, and after the last, Monday to Friday is all that is known
LAST_YEAR = 2100
LAST_DAY = date.max.toordinal()
SATURDAY = 5

Deviations = tuple[list[int], list[int]]  # days as ordinals, and their sum up to each


@lru_cache(maxsize=256)
def statutory_days(year: int) -> Mapping[date, str]:
    """The holidays that the law fixes, with their names, without make-up days (domain §8.1).

    The package is slow to load, and only years without a notice need it.
    """
    from holidays.countries.china import China

    return dict(China(years=year, observed=False, language="zh_CN"))


@dataclass(frozen=True, eq=False)
class Calendar:
    """Which days are worked. ``exceptions``: days that are not as their day of the week says.

    Every method takes time that hardly grows with the span, a fraction of a microsecond
    to some.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    announced: frozenset[int] = frozenset()
    _kept: dict[int, Deviations] = field(default_factory=dict, init=False, repr=False)

    def is_workday(self, day: date) -> bool:
        """Whether offices work on that day, make-up Saturdays included."""
        known = self.exceptions.get(day)
        if known is not None:
            return known
        return is_weekday(day) and not (
            self._is_computed(day.year) and day in statutory_days(day.year)
        )

    def due(self, start: date, days: int) -> date:
        """The ``days``-th working day strictly after ``start`` (domain §8.1)."""
        if days <= 0:
            return start
        begin = end = start.toordinal()
        wanted, step = self._worked(begin) + days, 2 * days + 16
        while self._worked(end) < wanted:
            if end == LAST_DAY:
                raise OverflowError("there are not so many days")
            end, step = min(end + step, LAST_DAY), step * 2
        return self._first(begin, end, wanted)

    def latest(self, day: date) -> date:
        """The last working day up to and with ``day``. What was due before it is late (§2.4)."""
        begin = end = day.toordinal()
        while begin > 1 and self._worked(begin) == self._worked(end):
            begin = max(begin - 16, 1)
        return self._first(begin, end, self._worked(end))

    def workdays_left(self, today: date, last: date) -> int:
        """Working days after today up to and with ``last``; negative once it has passed."""
        return self._worked(last.toordinal()) - self._worked(today.toordinal())

    def is_provisional(self, when: date | int) -> bool:
        """Whether the calendar of that day or year is not known yet: 「暂定」."""
        return (when.year if isinstance(when, date) else when) not in self.announced

    def due_is_provisional(self, start: date, days: int) -> bool:
        """Whether a day that counts towards the deadline lies in such a year."""
        end = self.due(start, days)
        first = start + timedelta(days=1) if end > start else start
        return any(self.is_provisional(year) for year in range(first.year, end.year + 1))

    def _first(self, begin: int, end: int, wanted: int) -> date:
        """The first day from ``begin`` to ``end`` up to which so many days are worked."""
        found = bisect_left(range(begin, end + 1), wanted, key=self._worked)
        return date.fromordinal(begin + found)

    def _worked(self, ordinal: int) -> int:
        """Working days up to and with the day; only differences of it mean anything."""
        weeks, rest = divmod(ordinal, 7)  # day 1 is a Monday
        days, sums = self._deviations(date.fromordinal(ordinal).year)
        return weeks * 5 + min(rest, 5) + sums[bisect_right(days, ordinal)]

    def _deviations(self, year: int) -> Deviations:
        """What the exceptions up to that year add to Monday to Friday, or take away."""
        kept = self._kept.get(year)
        if kept is None:
            until = max(min(year, LAST_YEAR), *self.announced, FIRST_YEAR)
            kept = self._kept.get(until) or self._computed(until)
            self._kept[until] = self._kept[year] = kept
        return kept

    def _computed(self, until: int) -> Deviations:
        known = dict(self.exceptions)
        for year in filter(self._is_computed, range(FIRST_YEAR, until + 1)):
            known = dict.fromkeys(statutory_days(year), False) | known
        differing = sorted(day for day, works in known.items() if works != is_weekday(day))
        values = (1 if known[day] else -1 for day in differing)
        return [day.toordinal() for day in differing], list(accumulate(values, initial=0))

    def _is_computed(self, year: int) -> bool:
        return FIRST_YEAR <= year <= LAST_YEAR and year not in self.announced


def is_weekday(day: date) -> bool:
    return day.weekday() < SATURDAY
