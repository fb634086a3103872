"""visits.appeal_way: the table of steps, for every state, part and history; the verdict."""

from itertools import chain, combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.appeal_way import (
    STEPS,
    TRIES,
    Call,
    Part,
    Refused,
    Standing,
    check_step,
    steps_open,
    verdict,
)
from visits.choices import ENDED, AppealState, CallResult

NAMES = [step.name for step in STEPS]
PART_SETS = list(chain.from_iterable(combinations(Part, n) for n in range(len(Part) + 1)))
APART = {"merge", "unmerge", "close", "redo", "lapse"}
# Once more by hand: what leads where, and whose step it is.
EXPECTED = {
    ("unassigned", "assign"): ("issued", "作风办"),
    ("unassigned", "hotline"): ("hotline", "作风办"),
    ("unassigned", "merge"): ("merged", "作风办"),
    ("hotline", "hotline_result"): ("answered", "作风办"),
    ("hotline", "renumber"): ("hotline", "作风办"),
    ("hotline", "hotline_back"): ("unassigned", "作风办"),
    ("issued", "sign"): ("handling", "承办单位"),
    ("issued", "return"): ("unassigned", "承办单位"),
    ("issued", "reassign"): ("issued", "作风办"),
    ("issued", "merge"): ("merged", "作风办"),
    ("handling", "answer"): ("answered", "承办单位"),
    ("handling", "pause"): ("paused", "承办单位"),
    ("handling", "return"): ("unassigned", "承办单位"),
    ("handling", "reassign"): ("issued", "作风办"),
    ("handling", "merge"): ("merged", "作风办"),
    ("paused", "resume"): ("handling", "承办单位"),
    ("paused", "reassign"): ("issued", "作风办"),
    ("answered", "close"): ("closed", "没有参与办理的回访人员"),
    ("merged", "unmerge"): ("unassigned", "作风办"),
    ("settled", "ask"): ("answered", "没有参与办理的回访人员"),
    ("answered", "redo"): ("handling", "没有参与办理的回访人员"),
    ("answered", "lapse"): ("lapsed", "没有参与办理的回访人员"),
}
HISTORIES = list(product((0, 2, 3), *[(False, True)] * 3))


def accepted(name: str, standing: Standing, parts: object, note: str = "理由") -> bool:
    try:
        check_step(name, standing=standing, parts=parts, note=note)  # type: ignore[arg-type]
    except Refused:
        return False
    return True


def hindered(name: str, standing: Standing) -> bool:
    if name == "return":
        return standing.designated or standing.with_unit > 2 or standing.taken_up
    return name == "pause" and standing.is_late


def test_the_table_is_the_one_written_by_hand() -> None:
    found = {
        (str(state), step.name): (str(step.target), step.part.value)
        for step in STEPS
        for state in step.sources
    }
    assert found == EXPECTED


@pytest.mark.parametrize("state", AppealState)
def test_what_is_offered_is_what_is_accepted(state: AppealState) -> None:
    """Every state, step, set of parts and history."""
    for parts, history in product(PART_SETS, HISTORIES):
        standing = Standing(state, *history)
        offered = {step.name for step in steps_open(standing, parts)}
        taken = {name for name in NAMES if accepted(name, standing, parts)}
        mine = {n for (s, n), (_, part) in EXPECTED.items() if s == state and Part(part) in parts}
        assert taken == {name for name in mine if not hindered(name, standing)}
        assert offered == taken - APART


def test_what_has_ended_stays_so() -> None:
    """What was merged is only taken out again."""
    for state in (*ENDED, AppealState.MERGED):
        left = [name for name in NAMES if accepted(name, Standing(state), list(Part))]
        assert left == (["unmerge"] if state == AppealState.MERGED else [])


def test_nobody_of_the_unit_or_the_office_closes() -> None:
    closing = [step for step in STEPS if step.target in ENDED]
    assert {step.part for step in closing} == {Part.CALLER}


@pytest.mark.parametrize("name", [step.name for step in STEPS if step.needs_note])
def test_a_blank_text_is_none(name: str) -> None:
    states = [state for state, step in EXPECTED if step == name]
    assert not any(accepted(name, Standing(s), list(Part), note=" \n") for s in states)


### The verdict

YES, SO = Call(CallResult.SATISFIED, True), Call(CallResult.BASICALLY, True)
NO, UNSOLVED = Call(CallResult.DISSATISFIED, True), Call(CallResult.SATISFIED, False)
NOBODY = Call(CallResult.UNREACHABLE)


@pytest.mark.parametrize(
    ("voices", "expected"),
    [
        ([[]], ""),
        ([[YES]], "close"),
        ([[SO]], "close"),
        ([[NO]], "redo"),
        ([[UNSOLVED]], "redo"),
        ([[NOBODY] * 2], ""),
        ([[NOBODY] * 3], "lapse"),
        ([[NOBODY, NOBODY, YES]], "close"),
        ([[YES], []], ""),
        ([[YES], [NO]], "redo"),
        ([[YES], [NOBODY] * 3], "close"),
        ([[NOBODY] * 3, [NOBODY] * 2], ""),
        ([[NOBODY] * 3, [NOBODY] * 3], "lapse"),
    ],
)
def test_what_follows_from_the_calls(voices: list[list[Call]], expected: str) -> None:
    assert verdict(voices) == expected


calls = st.lists(st.sampled_from([YES, SO, NO, UNSOLVED, NOBODY]), max_size=4)


@given(st.lists(calls, min_size=1, max_size=4))
def test_only_what_people_said_closes(voices: list[list[Call]]) -> None:
    step = verdict(voices)
    said = [call for calls in voices for call in calls]
    assert (step == "redo") == any(call in (NO, UNSOLVED) for call in said)
    if step == "close":
        assert YES in said or SO in said
    if step == "lapse":
        assert all(len(calls) >= TRIES and set(calls) == {NOBODY} for calls in voices)
