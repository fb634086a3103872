"""When stages run and tasks are due: arithmetic on dates, without a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from campaign.choices import DueFrom, StageKind

ORDER: tuple[StageKind, ...] = tuple(StageKind)


class WrongDates(Exception):
    """The stages do not follow one another; the Chinese text names the place."""


@dataclass(frozen=True)
class Window:
    """First and last day of a stage, both included."""

    start: date
    end: date

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1


def windows_from(start: date, days: Mapping[StageKind, int]) -> dict[StageKind, Window]:
    """The four stages one after another, each of so many calendar days."""
    found = {}
    for kind in ORDER:
        end = start + timedelta(days=days[kind] - 1)
        found[kind] = Window(start, end)
        start = end + timedelta(days=1)
    return found


def check(windows: Mapping[StageKind, Window]) -> None:
    """Raises WrongDates unless the four stages follow one another without gap or overlap."""
    for kind in ORDER:
        if windows[kind].end < windows[kind].start:
            raise WrongDates(f"{kind.label}的结束日期早于开始日期，请改正。")
    for before, after in pairwise(ORDER):
        expected = windows[before].end + timedelta(days=1)
        if windows[after].start < expected:
            raise WrongDates(
                f"{after.label}从 {windows[after].start} 开始，{before.label}到 "
                f"{windows[before].end} 才结束，两个阶段重叠。请改成从 {expected} 开始。"
            )
        if windows[after].start > expected:
            raise WrongDates(
                f"{before.label}到 {windows[before].end} 结束，{after.label}从 "
                f"{windows[after].start} 才开始，中间有空档。请改成从 {expected} 开始。"
            )


@dataclass(frozen=True)
class Deadline:
    """How a deadline is reckoned: a date, or working days after an event (0: that day)."""

    due_from: str
    due_days: int = 0
    due_date: date | None = None

    def event(self, stage: StageKind, windows: Mapping[StageKind, Window]) -> date:
        """The day after which the working days are counted."""
        if self.due_from == DueFrom.DATE:
            assert self.due_date is not None
            return self.due_date
        if self.due_from == DueFrom.CAMPAIGN_START:
            return windows[ORDER[0]].start
        window = windows[stage]
        return window.start if self.due_from == DueFrom.STAGE_START else window.end
