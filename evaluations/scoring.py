"""The arithmetic of the three ratings (domain §3). Pure: knows no database.

A grade from 1 to 5 counts for a fifth of itself, so that the mean of one dimension is
m = 100·Σ(n_g·g/5) / Σn_g; UNKNOWN (0) is no valid ballot. A group with fewer valid
ballots than the minimum in any dimension is withheld whole, and with it everything it
could be worked out from: the composite and every total over the groups.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

GRADES = (5, 4, 3, 2, 1)
UNKNOWN = 0
SATISFIED_FROM = 3  # 基本满意 and better
SMALLEST_MINIMUM = 5  # below it a result would speak of persons

Key = TypeVar("Key", bound=str)
Counts = Mapping[int, int]  # grade → how often it was given


@dataclass(frozen=True)
class Share:
    """A rate that never goes without its parts (promise P7)."""

    part: int
    whole: int

    @property
    def rest(self) -> int:
        return self.whole - self.part


@dataclass(frozen=True)
class GroupCounts:
    """What one group gave: weight in percent, and counts by dimension."""

    group: str
    weight: int
    dimensions: Mapping[str, Counts]


@dataclass(frozen=True)
class DimensionResult:
    """One dimension of one group; ``score`` is rounded to two places for people."""

    dimension: str
    counts: Counts
    unknown: int
    satisfied: Share
    score: Decimal


@dataclass(frozen=True)
class GroupResult:
    """One group; withheld: no score and no dimensions, not even empty ones."""

    group: str
    weight: int
    score: Decimal | None = None
    dimensions: tuple[DimensionResult, ...] = ()

    @property
    def withheld(self) -> bool:
        return self.score is None


@dataclass(frozen=True)
class RoundResult:
    """A whole round; the composite and the overall rate are None when a group is withheld."""

    minimum: int
    groups: tuple[GroupResult, ...]
    composite: Decimal | None
    satisfied: Share | None

    @property
    def withheld(self) -> tuple[GroupResult, ...]:
        return tuple(group for group in self.groups if group.withheld)


def weight_faults(weights: Mapping[Key, int], *, heaviest: Key) -> list[str]:
    """What is wrong with the weights, in sentences for people; empty: nothing."""
    faults = []
    if any(not 0 < weight < 100 for weight in weights.values()):
        faults.append("每个主体的权重都要在 1% 到 99% 之间。")
    if sum(weights.values()) != 100:
        faults.append(f"三项权重之和应为 100%，现在是 {sum(weights.values())}%。")
    if any(weights[heaviest] <= weight for key, weight in weights.items() if key != heaviest):
        faults.append("服务对象的权重必须最大：最重要的是服务对象评。")
    return faults


def valid(counts: Counts) -> int:
    """Ballots with an opinion: the denominator."""
    return sum(counts.get(grade, 0) for grade in GRADES)


def mean(counts: Counts) -> Fraction:
    """The dimension's mean from 20 to 100, exact. There must be a valid ballot."""
    return Fraction(20 * sum(grade * counts.get(grade, 0) for grade in GRADES), valid(counts))


def satisfaction(counts: Counts) -> Share:
    """Grades 3 to 5 out of the valid ballots."""
    part = sum(counts.get(grade, 0) for grade in GRADES if grade >= SATISFIED_FROM)
    return Share(part, valid(counts))


def results_of(groups: Sequence[GroupCounts], *, minimum: int) -> RoundResult:
    """The round's result. Withheld groups are stated, never weighted away."""
    shown = tuple(_group_result(group, minimum) for group in groups)
    if not groups or any(group.withheld for group in shown):
        return RoundResult(minimum, shown, composite=None, satisfied=None)
    composite = sum((group.weight * _score(group) for group in groups), Fraction()) / 100
    rates = [part.satisfied for group in shown for part in group.dimensions]
    overall = Share(sum(rate.part for rate in rates), sum(rate.whole for rate in rates))
    return RoundResult(minimum, shown, _rounded(composite), overall)


def _group_result(group: GroupCounts, minimum: int) -> GroupResult:
    if not group.dimensions or min(map(valid, group.dimensions.values())) < minimum:
        return GroupResult(group.group, group.weight)
    parts = tuple(
        DimensionResult(
            dimension=name,
            counts={grade: counts.get(grade, 0) for grade in GRADES},
            unknown=counts.get(UNKNOWN, 0),
            satisfied=satisfaction(counts),
            score=_rounded(mean(counts)),
        )
        for name, counts in group.dimensions.items()
    )
    return GroupResult(group.group, group.weight, _rounded(_score(group)), parts)


def _score(group: GroupCounts) -> Fraction:
    """The group's score: the mean of its dimensions."""
    means = [mean(counts) for counts in group.dimensions.values()]
    return sum(means, Fraction()) / len(means)


def _rounded(value: Fraction) -> Decimal:
    """Half up at two places, as a person with a pencil would."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def about(number: int, *, step: int = SMALLEST_MINIMUM) -> int:
    """The number rounded down to whole steps, so that one more ballot does not show."""
    return number - number % step
