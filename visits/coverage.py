"""Coverage arithmetic (promise P2): the denominator is the whole register.

Every target is in exactly one state, so the six counts add up to the register at every
level, and two areas counted apart and added equal the two counted together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from functools import reduce
from operator import add, sub

from visits.choices import COVERED, Locality, Outcome, TargetState

STATE_OF_OUTCOME = {
    Outcome.EFFECTIVE: TargetState.VISITED,
    Outcome.EMPTY: TargetState.EMPTY,
    Outcome.GONE: TargetState.GONE,
    Outcome.REFUSED: TargetState.REFUSED,
    Outcome.ABSENT: TargetState.ABSENT,
}

# A later visit never takes back what an earlier one reached: a household seen once stays
# visited when nobody opens the next time.
_RANK = {
    TargetState.PENDING: 0,
    TargetState.ABSENT: 1,
    TargetState.REFUSED: 2,
    TargetState.EMPTY: 3,
    TargetState.GONE: 4,
    TargetState.VISITED: 5,
}


def state_after(state: str, outcome: str) -> TargetState:
    """The target's state after a visit with this outcome."""
    reached = STATE_OF_OUTCOME[Outcome(outcome)]
    present = TargetState(state)
    return max(present, reached, key=lambda each: _RANK[each])


def state_of(outcomes: Iterable[str]) -> TargetState:
    """The state of a target that had visits with these outcomes, in whatever order."""
    return reduce(state_after, outcomes, TargetState.PENDING)


def locality_of(settlement: str) -> str:
    """By the first digit of a 城乡分类代码 (domain §4.4); empty where there is none."""
    return {"1": Locality.URBAN, "2": Locality.RURAL}.get(settlement[:1], "")


@dataclass(frozen=True)
class Coverage:
    """Targets by state. ``covered`` counts those met and those proven not to exist (§4.2)."""

    pending: int = 0
    absent: int = 0
    refused: int = 0
    empty: int = 0
    gone: int = 0
    visited: int = 0

    @property
    def registered(self) -> int:
        return sum(astuple(self))

    @property
    def covered(self) -> int:
        return sum(getattr(self, state) for state in COVERED)

    @property
    def left(self) -> int:
        return self.registered - self.covered

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(*map(add, astuple(self), astuple(other)))

    def __sub__(self, other: Coverage) -> Coverage:
        """What is left of an area without one of its parts."""
        return Coverage(*map(sub, astuple(self), astuple(other)))
