"""The shape of a blueprint."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from campaign.choices import DueFrom, ListKind, StageKind, Watch


class Entry(NamedTuple):
    """One row of a list; an example is meant to be replaced."""

    name: str
    gloss: str = ""
    is_example: bool = False
    aspect: str = ""


@dataclass(frozen=True)
class TermList:
    """One list of a campaign, such as 作风十弊."""

    name: str
    kind: str
    entries: tuple[Entry, ...]


def problem_list(name: str, rows: Iterable[tuple[str, str]]) -> TermList:
    """A list against which problems are written, from names and glosses."""
    return TermList(name, ListKind.PROBLEM, tuple(Entry(*row) for row in rows))


@dataclass(frozen=True)
class TaskPlan:
    """One task: who does what, how it is seen, and by when (working days after an event)."""

    title: str
    audience: str
    deliverable: str
    watch: str = Watch.TOLD
    due_from: str = DueFrom.STAGE_END
    due_days: int = 0
    threshold: int = 100


@dataclass(frozen=True)
class StagePlan:
    """One stage: how many days it takes by default, its goal and its tasks."""

    kind: StageKind
    days: int
    goal: str
    tasks: tuple[TaskPlan, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A whole campaign, but for its name, area and first day."""

    lead: str
    lists: tuple[TermList, ...]
    stages: tuple[StagePlan, ...]

    @property
    def days(self) -> dict[StageKind, int]:
        return {stage.kind: stage.days for stage in self.stages}

    @property
    def task_count(self) -> int:
        return sum(len(stage.tasks) for stage in self.stages)
