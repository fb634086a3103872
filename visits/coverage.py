"""Coverage arithmetic (promise P2): the denominator is the whole register.

Every target is in exactly one state, so the six counts add up to the register at every
level, and two areas counted apart and added equal the two counted together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    def numbers(self) -> tuple[int, ...]:
        """In the order of the fields; ``dataclasses.astuple`` takes twenty times as long."""
        return self.pending, self.absent, self.refused, self.empty, self.gone, self.visited

    @property
    def registered(self) -> int:
        return sum(self.numbers)

    @property
    def covered(self) -> int:
        return sum(getattr(self, state) for state in COVERED)

    @property
    def left(self) -> int:
        return self.registered - self.covered

    def __add__(self, other: Coverage) -> Coverage:
        return Coverage(*map(add, self.numbers, other.numbers))

    def __sub__(self, other: Coverage) -> Coverage:
        """What is left of an area without one of its parts."""
        return Coverage(*map(sub, self.numbers, other.numbers))


SMALLEST = 5  # a cell of fewer could tell of one household what became of it
TOTAL = "total"
WITHHELD_PARTS = {  # a whole, and the ways in which it is split
    TOTAL: (("enterprise", "village", "household"),),
    "enterprise": (
        ("above_scale", "below_scale"),
        ("industrial", "not_industrial"),
        ("small", "not_small"),
        ("enterprise_urban", "enterprise_rural", "enterprise_unplaced"),
    ),
    "household": (("household_urban", "household_rural", "household_unplaced"),),
}


def states_of(key: str) -> tuple[str, str]:
    """What the cells of an area call the states of one of them: those that are covered, and
    those that are left. Of each three the sum is known, so that each needs its complements."""
    return f"{key}_covered", f"{key}_left"


_PERSONS = ("enterprise", "household")
NOBODYS = frozenset(
    {"village", "village_urban", "village_rural", "village_unplaced", *states_of("village")}
)
_SUMS = NOBODYS | {TOTAL, *states_of(TOTAL)}  # small by themselves only where they count villages

# Of one area: how many entries each cell counts, and under ``states_of`` how many are in that
# of the three states which holds the fewest, but not none.
Cells = Mapping[str, int]


def fewest(numbers: Iterable[int]) -> int:
    """The smallest of those that are not none; 0 if all are."""
    return min(filter(None, numbers), default=0)


def fewest_of_states(key: str, cell: Coverage) -> dict[str, int]:
    """The cells of ``states_of``."""
    covered = fewest(getattr(cell, state) for state in COVERED)
    left = fewest(getattr(cell, state) for state in TargetState if state not in COVERED)
    return dict(zip(states_of(key), (covered, left), strict=True))


def withheld(areas: Sequence[Cells], above: Collection[str] = ()) -> list[set[str]]:
    """Of areas that make up one area: the cells that an outsider must not see.

    Those that count fewer than ``SMALLEST``, but not none, and as many others as it takes
    that no subtraction gives them away: what a hidden cell is a part of, the other parts of
    a split, and in each column a second area. The six states are one cell, hidden whole where
    one of them is small; what is registered and covered stays. What is hidden of the area
    ``above`` is hidden of all its parts. Villages are no persons, and stay.
    """
    hidden = [_small(cells) | (set(above) - NOBODYS) for cells in areas]
    while True:
        before = [set(each) for each in hidden]
        for cells, each in zip(areas, hidden, strict=True):
            _hide_along(cells, each)
        _hide_across(areas, hidden)
        if hidden == before:
            return hidden


def _small(cells: Cells) -> set[str]:
    return {key for key, n in cells.items() if 0 < n < SMALLEST and key not in _SUMS}


def _hide_along(cells: Cells, hidden: set[str]) -> None:
    """Inside one area: a whole with a hidden part, and the parts of a split."""
    if hidden & set(WITHHELD_PARTS[TOTAL][0]):
        hidden.add(TOTAL)
    for whole, splits in WITHHELD_PARTS.items():
        for parts in splits if whole != TOTAL else ():
            if whole in hidden or hidden & set(parts):
                hidden.update(part for part in parts if part in cells)
    for key in (*_PERSONS, TOTAL):
        if hidden & {key, *states_of(key)}:
            hidden.update((*states_of(key), *states_of(TOTAL)))


def _hide_across(areas: Sequence[Cells], hidden: list[set[str]]) -> None:
    """A column with one hidden area would be the whole without the others: hide a second."""
    for key in {key for cells in areas for key in cells} - NOBODYS:
        counted = [n for n, cells in enumerate(areas) if cells.get(key)]
        shown = [n for n in counted if key not in hidden[n]]
        if len(counted) - len(shown) == 1 and shown:
            hidden[min(shown, key=lambda n: (areas[n][key], n))].add(key)
