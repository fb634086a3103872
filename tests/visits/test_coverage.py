"""visits.coverage: states and sums, for any order of visits and any split of areas."""

from hypothesis import given
from hypothesis import strategies as st

from visits.choices import Outcome, TargetState
from visits.coverage import STATE_OF_OUTCOME, Coverage, state_after

outcomes = st.sampled_from(Outcome)
states = st.sampled_from(TargetState)
counts = st.builds(Coverage, *[st.integers(0, 10**7)] * 5)


def after_all(visits: list[Outcome]) -> TargetState:
    state = TargetState.PENDING
    for outcome in visits:
        state = state_after(state, outcome)
    return state


@given(st.lists(outcomes), st.randoms())
def test_the_order_of_the_visits_does_not_matter(visits: list[Outcome], random: object) -> None:
    shuffled = visits.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert after_all(shuffled) == after_all(visits)


@given(states, outcomes)
def test_the_same_visit_again_changes_nothing(state: TargetState, outcome: Outcome) -> None:
    once = state_after(state, outcome)
    assert state_after(once, outcome) == once


@given(outcomes)
def test_once_visited_always_visited(outcome: Outcome) -> None:
    assert state_after(TargetState.VISITED, outcome) == TargetState.VISITED


@given(outcomes)
def test_the_first_visit_alone_decides_the_state(outcome: Outcome) -> None:
    assert state_after(TargetState.PENDING, outcome) == STATE_OF_OUTCOME[outcome]


def test_every_outcome_leads_to_a_state() -> None:
    assert set(STATE_OF_OUTCOME) == set(Outcome)
    assert set(STATE_OF_OUTCOME.values()) == set(TargetState) - {TargetState.PENDING}


@given(counts)
def test_the_parts_add_up_to_the_register(found: Coverage) -> None:
    assert found.covered + found.left == found.registered
    assert 0 <= found.covered <= found.registered
    assert found.left == found.pending + found.absent + found.refused


@given(counts, counts, counts)
def test_areas_counted_apart_equal_the_areas_together(
    one: Coverage, two: Coverage, three: Coverage
) -> None:
    both = one + two
    assert both.registered == one.registered + two.registered
    assert both.covered == one.covered + two.covered
    assert one + two == two + one
    assert (one + two) + three == one + (two + three)
    assert one + Coverage() == one


@given(st.lists(states))
def test_every_target_is_counted_in_exactly_one_state(register: list[TargetState]) -> None:
    whole = sum((Coverage(**{state.value: 1}) for state in register), Coverage())
    assert whole.registered == len(register)
    assert {state.value: getattr(whole, state.value) for state in TargetState} == {
        state.value: register.count(state) for state in TargetState
    }
