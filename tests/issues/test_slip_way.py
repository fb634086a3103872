"""issues.slip_way: the table of steps, for every state and set of parts."""

from itertools import chain, combinations

import pytest

from issues.choices import SLIP_OPEN, SlipState
from issues.slip_way import STEPS, Part, check_step, part_next, steps_open
from issues.workflow import Refused

NAMES = sorted(step.name for step in STEPS)
PART_SETS = list(chain.from_iterable(combinations(Part, n) for n in range(len(Part) + 1)))
# Once more by hand: what leads where, and whose step it is.
EXPECTED = {
    ("issued", "receive"): ("received", Part.HANDLER),
    ("received", "answer"): ("answered", Part.HANDLER),
    ("answered", "sign"): ("signed", Part.UNIT_LEADER),
    ("answered", "send_back"): ("received", Part.UNIT_LEADER),
    ("signed", "close"): ("closed", Part.DISCIPLINE),
    ("signed", "redo"): ("received", Part.DISCIPLINE),
    ("issued", "withdraw"): ("withdrawn", Part.DISCIPLINE),
    ("received", "withdraw"): ("withdrawn", Part.DISCIPLINE),
}


def accepted(name: str, state: str, parts: object, note: str = "理由") -> bool:
    try:
        check_step(name, state=state, parts=parts, note=note)  # type: ignore[arg-type]
    except Refused:
        return False
    return True


def test_the_table_is_the_one_written_by_hand() -> None:
    found = {
        (str(state), step.name): (str(step.target), step.part)
        for step in STEPS
        for state in step.sources
    }
    assert found == EXPECTED


@pytest.mark.parametrize("state", SlipState)
def test_what_is_offered_is_what_is_accepted(state: SlipState) -> None:
    for parts in PART_SETS:
        offered = {step.name for step in steps_open(state, parts)}
        assert offered == {name for name in NAMES if accepted(name, state, parts)}
        expected = {n for (s, n), (_, part) in EXPECTED.items() if s == state and part in parts}
        assert offered == expected


def test_an_open_slip_waits_for_somebody_and_a_finished_one_for_nobody() -> None:
    waits = {state for state in SlipState if part_next(state)}
    assert waits == set(SLIP_OPEN)
    assert {state for state in SlipState if steps_open(state, list(Part))} == set(SLIP_OPEN)


def test_forward_comes_first_among_the_buttons() -> None:
    for state in SLIP_OPEN:
        first = steps_open(state, list(Part))[0]
        assert first.waits
        assert not first.is_return


@pytest.mark.parametrize("name", [step.name for step in STEPS if step.needs_note])
def test_a_blank_text_is_none(name: str) -> None:
    states = [state for state, step in EXPECTED if step == name]
    assert not any(accepted(name, state, list(Part), note=" \n") for state in states)


def test_every_return_says_why_and_a_closure_is_proven() -> None:
    assert [step.name for step in STEPS if step.is_return and not step.needs_note] == []
    assert {step.name for step in STEPS if step.needs_proof} == {"close"}
