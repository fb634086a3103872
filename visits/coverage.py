"""Coverage arithmetic (promise P2): the denominator is the whole register.

Every target is in exactly one state, so the five counts add up to the register at every
level, and two areas counted apart and added equal the two counted together.
"""

from __future__ import annotations

from dataclasses import dataclass

from visits.choices import Outcome, TargetState

STATE_OF_OUTCOME = {
    Outcome.EFFECTIVE: TargetState.VISITED,
    Outcome.EMPTY: TargetState.GONE,
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
    TargetState.GONE: 3,
    TargetState.VISITED: 4,
}


def state_after(state: str, outcome: str) -> TargetState:
    """The target's state after a visit with this outcome."""
    reached = STATE_OF_OUTCOME[Outcome(outcome)]
    present = TargetState(state)
    return max(present, reached, key=lambda each: _RANK[each])


@dataclass(frozen=True)
class Coverage:
    """Targets by state. ``covered`` counts those met and those proven not to exist (§4.2)."""

    pending: int = 0
    absent: int = 0
    refused: int = 0
    gone: int = 0
    visited: int = 0

    @property
    def registered(self) -> int:
        return self.pending + self.absent + self.refused + self.gone + self.visited

    @property
    def covered(self) -> int:
        return self.visited + self.gone

    @property
    def left(self) -> int:
        return self.registered - self.covered

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(
            self.pending + other.pending,
            self.absent + other.absent,
            self.refused + other.refused,
            self.gone + other.gone,
            self.visited + other.visited,
        )
