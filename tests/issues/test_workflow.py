"""issues.workflow: the table of moves, for every state, level and set of capacities."""

from itertools import chain, combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.choices import SETTLED, Level, State
from issues.workflow import (
    MOVES,
    NO_EVIDENCE,
    Capacity,
    Refused,
    available,
    check,
    next_capacities,
)

NAMES = sorted({move.name for move in MOVES})
CAPACITY_SETS = list(
    chain.from_iterable(combinations(Capacity, number) for number in range(len(Capacity) + 1))
)
LINE = (  # the way forward; a level leaves out what is not its own
    State.DRAFT,
    State.SUBMITTED,
    State.CONFIRMED,
    State.RECTIFYING,
    State.APPLIED,
    State.UNIT_SIGNED,
    State.OFFICE_PASSED,
    State.CLOSED,
    State.CONSOLIDATED,
)
WAYS = {
    Level.PERSONAL: [state for state in LINE if state != State.OFFICE_PASSED],
    Level.UNIT: list(LINE),
}
levels = st.sampled_from(Level)
states = st.sampled_from(State)
capacity_sets = st.sets(st.sampled_from(Capacity))


def targets(state: State, level: Level) -> set[State]:
    return {move.target for move in MOVES if move.fits(state, level)}


def reachable(level: Level) -> set[State]:
    found, new = set(), {State.DRAFT}
    while new:
        found |= new
        new = set(chain.from_iterable(targets(state, level) for state in new)) - found
    return found


FINISHED = {*SETTLED, State.WITHDRAWN}


def accepted(
    name: str, state: str, level: str, capacities: object, note: str = "理由写清楚"
) -> bool:
    held = {"capacities": capacities, "note": note, "evidence_count": 1, "has_due": True}
    try:
        check(name, state=state, level=level, **held)  # type: ignore[arg-type]
    except Refused:
        return False
    return True


@pytest.mark.parametrize("level", Level)
def test_every_state_of_the_level_is_reached(level: Level) -> None:
    assert reachable(level) == {*WAYS[level], State.WITHDRAWN}


@pytest.mark.parametrize("level", Level)
def test_only_what_was_withdrawn_has_no_way_on(level: Level) -> None:
    assert {state for state in reachable(level) if not targets(state, level)} == {State.WITHDRAWN}


@pytest.mark.parametrize("level", Level)
def test_what_was_signed_off_comes_back_only_by_a_relapse(level: Level) -> None:
    for state in SETTLED:
        back = {move.name for move in MOVES if move.fits(state, level)} - {"consolidate"}
        assert back == {"relapse"}
        assert targets(state, level) - {State.CONSOLIDATED} == {State.RECTIFYING}


def test_a_relapse_sets_a_deadline() -> None:
    with pytest.raises(Refused, match="请定下新的整改时限"):
        check(
            "relapse",
            state=State.CLOSED,
            level=Level.UNIT,
            capacities=[Capacity.DISCIPLINE],
            note="6月3日窗口又收了一次复印费",
            evidence_count=1,
        )


@pytest.mark.parametrize("level", Level)
def test_from_everywhere_the_item_can_still_be_closed(level: Level) -> None:
    for state in reachable(level) - FINISHED:
        found, new = set(), {state}
        while new:
            found |= new
            new = set(chain.from_iterable(targets(each, level) for each in new)) - found
        assert State.CLOSED in found, state


@pytest.mark.parametrize("level", Level)
def test_forward_moves_never_skip_a_state(level: Level) -> None:
    way = WAYS[level]
    forward = {
        (source, move.target)
        for move in MOVES
        for source in move.sources
        if level in move.levels and not move.is_return
        if move.target != State.WITHDRAWN and move.name != "relapse"
    }
    assert forward == set(pairwise(way))


@pytest.mark.parametrize("level", Level)
def test_returns_lead_back_to_where_the_author_works(level: Level) -> None:
    way = WAYS[level]
    for move in MOVES:
        if move.is_return and level in move.levels:
            (source,) = move.sources
            filed = way.index(source) > way.index(State.RECTIFYING)
            assert move.target == (State.RECTIFYING if filed else State.DRAFT)


@given(states, levels, capacity_sets)
def test_what_is_offered_is_what_is_accepted(
    state: State, level: Level, held: set[Capacity]
) -> None:
    offered = {move.name for move in available(state, level, held)}
    assert offered == {name for name in NAMES if accepted(name, state, level, held)}


def test_buttons_and_checks_agree_in_every_case() -> None:
    """The same as above without chance: 10 states, 2 levels, 16 sets of capacities."""
    for state in State:
        for level in Level:
            for held in CAPACITY_SETS:
                offered = [move.name for move in available(state, level, held)]
                assert sorted(offered) == [n for n in NAMES if accepted(n, state, level, held)]


def test_a_return_says_what_to_do() -> None:
    """A full stop, or two words, are no reason: who reads it must know what to mend."""
    for move in (each for each in MOVES if each.needs_note and not each.with_list):
        state, level, held = min(move.sources), min(move.levels), [move.capacity]
        assert accepted(move.name, state, level, held)
        assert accepted(move.name, state, level, held, note="太空。。。") is not move.is_return


@given(states, levels)
def test_without_a_capacity_nothing_is_possible(state: State, level: Level) -> None:
    assert available(state, level, ()) == []
    assert not any(accepted(name, state, level, ()) for name in NAMES)


@given(states, levels)
def test_a_name_means_one_move_at_a_time(state: State, level: Level) -> None:
    names = [move.name for move in MOVES if move.fits(state, level)]
    assert len(names) == len(set(names))


def test_every_return_asks_for_a_reason() -> None:
    assert [move.name for move in MOVES if move.is_return and not move.needs_note] == []
    assert all(move.note_label for move in MOVES if move.needs_note)


@given(st.sampled_from([move for move in MOVES if move.needs_note]), st.text(" \t\r\n", max_size=9))
def test_a_blank_reason_is_none(move: object, blank: str) -> None:
    for state in move.sources:  # type: ignore[attr-defined]
        for level in move.levels:  # type: ignore[attr-defined]
            assert not accepted(move.name, state, level, list(Capacity), note=blank)


def test_closing_is_applied_for_only_with_evidence() -> None:
    with pytest.raises(Refused) as refused:
        check(
            "apply",
            state=State.RECTIFYING,
            level=Level.PERSONAL,
            capacities=[Capacity.RESPONSIBLE],
            note="已整改",
            evidence_count=0,
        )
    assert str(refused.value) == NO_EVIDENCE


def test_nobody_but_the_discipline_office_closes() -> None:
    closing = {(move.name, move.capacity) for move in MOVES if move.target == State.CLOSED}
    assert closing == {("sign_off", Capacity.DISCIPLINE)}


@pytest.mark.parametrize(
    ("state", "level", "expected"),
    [
        (State.DRAFT, Level.PERSONAL, set()),
        (State.SUBMITTED, Level.PERSONAL, {Capacity.UNIT_LEADER}),
        (State.CONFIRMED, Level.UNIT, {Capacity.OFFICE}),
        (State.RECTIFYING, Level.UNIT, set()),
        (State.APPLIED, Level.PERSONAL, {Capacity.UNIT_LEADER}),
        (State.UNIT_SIGNED, Level.PERSONAL, {Capacity.DISCIPLINE}),
        (State.UNIT_SIGNED, Level.UNIT, {Capacity.OFFICE}),
        (State.OFFICE_PASSED, Level.UNIT, {Capacity.DISCIPLINE}),
        (State.CLOSED, Level.UNIT, set()),
    ],
)
def test_who_is_asked_next(state: State, level: Level, expected: set[Capacity]) -> None:
    assert next_capacities(state, level) == expected
