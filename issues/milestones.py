"""The plan of a long-term item: why, what is put right first, and its milestones.

Pure: no Django, no database. 「决不允许以长期整改为由应付了事」
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from issues.choices import (
    MILESTONE_DAYS,
    MILESTONES,
    NEVER_ONLY_LONG_TERM,
    Kind,
    LongReason,
)

AT_ONCE = 0  # the number of the part that is put right first
ROW = timedelta(days=MILESTONE_DAYS)


class Names(NamedTuple):
    """Of the two fields of one row, in the form and in a version's text."""

    day: str
    shows: str


def names_of(number: int) -> Names:
    if number == AT_ONCE:
        return Names("at_once_due", "at_once")
    return Names(f"step{number}_day", f"step{number}_shows")


def labels() -> dict[str, str]:
    """What the fields are called in a version's text."""
    found = {
        "long_reason": "长期坚持的原因",
        "at_once": "先改的部分",
        "at_once_due": "先改的哪天改完",
    }
    for number in range(1, MILESTONES + 1):
        day, shows = names_of(number)
        found |= {day: f"节点 {number} 到哪天", shows: f"节点 {number} 看得到"}
    return found


LABELS = labels()
FIELDS = ("long_reason", *(name for number in range(MILESTONES + 1) for name in names_of(number)))


@dataclass(frozen=True)
class Step:
    """By which day something can be seen, and what; in a draft either may be missing."""

    number: int
    day: date | None
    shows: str


class Fault(NamedTuple):
    """What stands against a plan, at which field."""

    field: str
    say: str


@dataclass(frozen=True)
class Plan:
    """Rows that say nothing are left out; the first to be put right has the number AT_ONCE."""

    reason: str = ""
    steps: tuple[Step, ...] = ()

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Plan | None":
        """From values by their names in FIELDS; none for an item of another kind."""
        if values.get("kind") != Kind.LONG_TERM:
            return None
        rows = (_step(number, values) for number in range(MILESTONES + 1))
        steps = tuple(row for row in rows if row.day or row.shows)
        return cls(str(values.get("long_reason") or ""), steps)

    @property
    def milestones(self) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.number != AT_ONCE)

    @property
    def at_once(self) -> Step | None:
        return next((step for step in self.steps if step.number == AT_ONCE), None)

    def values(self) -> dict[str, object]:
        """By name, as a form begins with them."""
        found: dict[str, object] = {"long_reason": self.reason}
        for step in self.steps:
            found |= zip(names_of(step.number), (step.day, step.shows), strict=True)
        return found

    def claims(self) -> dict[str, str] | None:
        """What shall be seen, by field name; None while no reason is given."""
        if not self.reason:
            return None
        return {names_of(step.number).shows: step.shows for step in self.steps}


def _step(number: int, values: Mapping[str, object]) -> Step:
    day, shows = (values.get(name) for name in names_of(number))
    return Step(number, day if isinstance(day, date) else None, str(shows or "").strip())


def faults(plan: Plan, *, today: date, due_on: date | None, source: str) -> Iterator[Fault]:
    """What must be mended before the plan is handed in on that day."""
    if plan.reason not in LongReason.values:
        yield Fault("long_reason", "请选择为什么不能一次改完。")
    yield from _at_once(plan.at_once, today, due_on, source)
    yield from _milestones(plan.milestones, today, due_on)


def _at_once(step: Step | None, today: date, due_on: date | None, source: str) -> Iterator[Fault]:
    if step is None:
        if source in NEVER_ONLY_LONG_TERM:
            say = "电视问政的问题不能只写长期坚持：请写先改哪一部分、哪天改完。"
            yield Fault("at_once", say)
        return
    yield from _gaps(step)
    last = min(today + ROW, due_on or today + ROW)
    if step.day and not today <= step.day <= last:
        say = f"先改的部分要在今天到 {last:%Y-%m-%d} 之间改完。"
        yield Fault("at_once_due", say)


def _milestones(steps: tuple[Step, ...], today: date, due_on: date | None) -> Iterator[Fault]:
    if not steps:
        yield Fault(names_of(1).day, "请至少写一个阶段节点：到哪一天、看得到什么。")
        return
    before, what = today, "今天"
    found: list[Fault] = []
    for step in steps:
        yield from _gaps(step)
        if step.day:
            found = list(_distance(step, step.day, before, what))
            yield from found
            before, what = step.day, "前一个节点"
    last = steps[-1]
    if last.day and due_on and last.day != due_on and not found:
        say = f"最后一个节点要和整改时限（{due_on:%Y-%m-%d}）是同一天。"
        yield Fault(names_of(last.number).day, say)


def _gaps(step: Step) -> Iterator[Fault]:
    names = names_of(step.number)
    if step.day is None:
        yield Fault(names.day, "请写明到哪一天。")
    if not step.shows:
        yield Fault(names.shows, "请写明到那天看得到什么。")


def _distance(step: Step, day: date, before: date, what: str) -> Iterator[Fault]:
    name = names_of(step.number).day
    if day <= before:
        yield Fault(name, f"要比{what}晚。")
    elif day > before + ROW:
        yield Fault(name, f"离{what}超过 {MILESTONE_DAYS} 天，请提前，或在中间加一个节点。")


def has_passed(plan: Plan, today: date) -> bool:
    """Whether a milestone has gone by before anybody could work towards it."""
    return any(step.day is not None and step.day < today for step in plan.milestones)
