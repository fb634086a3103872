"""The arithmetic, by hand and by property."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluations import scoring
from evaluations.scoring import GroupCounts, Share

NAMES = ("superior", "peer", "served")
MINIMUM = 5

counts = st.dictionaries(st.integers(0, 5), st.integers(0, 300))
some = counts.filter(lambda given: scoring.valid(given) > 0)
enough = counts.filter(lambda given: scoring.valid(given) >= MINIMUM)


@st.composite
def fair_weights(draw: st.DrawFn) -> dict[str, int]:
    """Three weights in percent, the served strictly first."""
    served = draw(st.integers(35, 98))
    superior = draw(st.integers(max(1, 101 - 2 * served), min(served - 1, 99 - served)))
    return {"superior": superior, "peer": 100 - served - superior, "served": served}


@st.composite
def rounds(draw: st.DrawFn, of: st.SearchStrategy = counts) -> list[GroupCounts]:
    weights = draw(fair_weights())
    return [
        GroupCounts(name, weights[name], {"rectification": draw(of), "style": draw(of)})
        for name in NAMES
    ]


def group(name: str, weight: int, given: dict[int, int]) -> GroupCounts:
    return GroupCounts(name, weight, {"rectification": given, "style": given})


def test_by_hand() -> None:
    served = GroupCounts("served", 50, {"rectification": {5: 3, 4: 1, 2: 1, 0: 4}, "style": {4: 5}})
    result = scoring.results_of(
        [group("superior", 25, {5: 6}), group("peer", 25, {3: 5, 1: 5}), served], minimum=5
    )
    assert [each.score for each in result.groups] == [
        Decimal("100.00"), Decimal("40.00"), Decimal("82.00"),
    ]  # fmt: skip
    assert result.composite == Decimal("76.00")
    rectification = result.groups[2].dimensions[0]
    assert (rectification.score, rectification.unknown) == (Decimal("84.00"), 4)
    assert rectification.satisfied == Share(4, 5)
    assert rectification.satisfied.rest == 1
    assert result.satisfied == Share(12 + 10 + 9, 12 + 20 + 10)


def test_half_rounds_up_as_with_a_pencil() -> None:
    given = {1: 15, 2: 1}  # (15 + 2)·20/16 = 21.25, and 20·(799·1 + 2)/800 = 20.025
    assert scoring.results_of([group("served", 100, given)], minimum=5).composite == Decimal(
        "21.25"
    )
    given = {1: 799, 2: 1}
    assert scoring.results_of([group("served", 100, given)], minimum=5).composite == Decimal(
        "20.03"
    )


@pytest.mark.parametrize(
    ("weights", "faults"),
    [
        ((25, 25, 50), 0),
        ((33, 33, 34), 0),
        ((50, 0, 50), 2),
        ((25, 25, 49), 1),
        ((45, 10, 45), 1),
        ((60, 20, 20), 1),
        ((-10, 10, 100), 1),
    ],
)
def test_weights(weights: tuple[int, int, int], faults: int) -> None:
    found = scoring.weight_faults(dict(zip(NAMES, weights, strict=True)), heaviest="served")
    assert len(found) == faults


@given(fair_weights())
def test_fair_weights_have_no_fault(weights: dict[str, int]) -> None:
    assert scoring.weight_faults(weights, heaviest="served") == []


@given(some)
def test_mean_stays_between_the_worst_and_the_best_grade(given: dict[int, int]) -> None:
    grades = [grade for grade in scoring.GRADES if given.get(grade)]
    assert 20 * min(grades) <= scoring.mean(given) <= 20 * max(grades)


@given(some, st.integers(1, 1000))
def test_unknown_changes_neither_mean_nor_rate(given: dict[int, int], unknown: int) -> None:
    more = given | {0: given.get(0, 0) + unknown}
    assert scoring.mean(more) == scoring.mean(given)
    assert scoring.satisfaction(more) == scoring.satisfaction(given)


@given(some, st.integers(1, 4))
def test_a_better_grade_never_lowers_the_mean(given: dict[int, int], grade: int) -> None:
    worse = given | {grade: given.get(grade, 0) + 1}
    better = given | {grade + 1: given.get(grade + 1, 0) + 1}
    assert scoring.mean(better) > scoring.mean(worse)


@given(some, st.integers(2, 9))
def test_only_proportions_count(given: dict[int, int], factor: int) -> None:
    many = {grade: number * factor for grade, number in given.items()}
    assert scoring.mean(many) == scoring.mean(given)


@given(some)
def test_satisfied_and_the_rest_make_the_whole(given: dict[int, int]) -> None:
    share = scoring.satisfaction(given)
    assert share.part + share.rest == share.whole == scoring.valid(given)
    assert share.rest == given.get(2, 0) + given.get(1, 0)


@given(rounds(enough))
def test_composite_is_the_weighted_sum(groups: list[GroupCounts]) -> None:
    result = scoring.results_of(groups, minimum=MINIMUM)
    exact = Fraction()
    for each in groups:
        for cells in each.dimensions.values():
            exact += Fraction(each.weight, 200) * scoring.mean(cells)
    assert abs(Fraction(result.composite) - exact) <= Fraction(1, 200)


@given(rounds())
def test_nothing_of_a_group_below_the_minimum_is_there(groups: list[GroupCounts]) -> None:
    """Neither its own cells nor a total that gives them away by subtraction."""
    result = scoring.results_of(groups, minimum=MINIMUM)
    for each, shown in zip(groups, result.groups, strict=True):
        small = min(map(scoring.valid, each.dimensions.values())) < MINIMUM
        assert shown.withheld == small
        if small:
            assert (shown.score, shown.dimensions) == (None, ())
    withheld = bool(result.withheld)
    assert withheld == (result.composite is None) == (result.satisfied is None)


@given(rounds(), st.integers(MINIMUM, 50))
def test_no_shown_cell_speaks_of_fewer_than_the_minimum(
    groups: list[GroupCounts], minimum: int
) -> None:
    result = scoring.results_of(groups, minimum=minimum)
    cells = [part.satisfied.whole for each in result.groups for part in each.dimensions]
    assert all(cell >= minimum for cell in cells)


def test_a_round_without_groups_has_no_result() -> None:
    result = scoring.results_of([], minimum=MINIMUM)
    assert (result.composite, result.satisfied, result.groups) == (None, None, ())


@given(st.integers(0, 10_000))
def test_about_hides_the_last_ballots(number: int) -> None:
    shown = scoring.about(number)
    assert shown % 5 == 0
    assert 0 <= number - shown < 5
