"""Each form of appeals sent many times at once does what it does once.

The suite sends each a few times; ``ROUNDS=300 AT_ONCE=20`` does it as often.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from tests.architecture.objects import Arguments
from tests.issues.test_double_submits import KIND, again, changed
from tests.personas import World
from tests.rounds import Standpoint, Tally, at_once, tally
from tests.security.examples import EXAMPLES, Example, Post
from tests.threads import shared_database
from tests.visits.appeals import appeal_at, raised, step
from visits.models import Appeal
from visits.services import appeal_steps

__all__ = ["again", "shared_database"]
pytestmark = pytest.mark.usefixtures("shared_database")

ROUNDS = int(os.environ.get("ROUNDS", "1"))
AT_ONCE = int(os.environ.get("AT_ONCE", "3"))
Make = Callable[[World, Arguments], tuple[str, Example]]


def example(name: str) -> Make:
    route = f"visits:appeal-{name}"
    return lambda world, on: (route, EXAMPLES[route](world, on))


def taken(name: str, who: str, until: str, **sent: Any) -> Make:
    """A step of one that has come as far as ``until``."""

    def make(world: World, on: Arguments) -> tuple[str, Example]:
        return _step(appeal_at(world, until), name, who, **sent)

    return make


def _step(appeal: Appeal, name: str, who: str, **sent: Any) -> tuple[str, Example]:
    data = {"note": "理由写在这里", "seen": str(appeal.step_count)} | sent
    return "visits:appeal-step", Example(who, args=(appeal.pk, name), data=data)


def assign(world: World, on: Arguments) -> tuple[str, Example]:
    return _step(raised(world), "assign", "office", unit=str(world.unit.pk))


def reassign(world: World, on: Arguments) -> tuple[str, Example]:
    return _step(appeal_at(world, "sign"), "reassign", "office", unit=str(world.other_unit.pk))


def resume(world: World, on: Arguments) -> tuple[str, Example]:
    paused = step(appeal_at(world, "sign"), "pause", world.liaison, world)
    return _step(paused, "resume", "liaison")


def from_hotline(name: str) -> Make:
    def make(world: World, on: Arguments) -> tuple[str, Example]:
        return _step(step(raised(world), "hotline", world.office, world), name, "office")

    return make


def call(**said: Any) -> Make:
    def make(world: World, on: Arguments) -> tuple[str, Example]:
        base = EXAMPLES["visits:appeal-call"](world, on)
        return "visits:appeal-call", Example(base.by, base.on, base.data | said)

    return make


FORMS: dict[str, Make] = {
    "step": example("step"),
    "call": example("call"),
    "ask-days": example("ask-days"),
    "decide-days": example("decide-days"),
    "merge": example("merge"),
    "assign": assign,
    "sign": taken("sign", "liaison", "assign"),
    "return": taken("return", "liaison", "assign"),
    "pause": taken("pause", "liaison", "sign"),
    "resume": resume,
    "answer": taken("answer", "liaison", "sign"),
    "reassign": reassign,
    "hotline": taken("hotline", "office", "", number="LC1"),
    "hotline_result": from_hotline("hotline_result"),
    "hotline_back": from_hotline("hotline_back"),
    "dissatisfied": call(result="dissatisfied", solved="no"),
    "unreachable": call(result="unreachable", solved=""),
}


def sent(world: World, on: Arguments, make: Make, times: int) -> tuple[Tally, set[object]]:
    route, form = make(world, on)
    address = reverse(route, args=form.args or on[form.on])
    browser = Post(route, form, address, world).client()
    before = tally()
    answers = at_once(browser, times, lambda one: one.post(address, form.data).status_code)
    after = tally()
    after.subtract(before)
    return after, set(answers)


def faults(world: World, on: Arguments, again: Standpoint, name: str, rounds: int) -> list[str]:
    again.again()
    once, answers = sent(world, on, FORMS[name], 1)
    found = [] if answers <= {302} and changed(once) else [f"alone: {answers} {changed(once)}"]
    for _ in range(rounds):
        again.again()
        many, answers = sent(world, on, FORMS[name], AT_ONCE)
        if changed(many) != changed(once):
            found.append(f"{changed(many)} instead of {changed(once)}")
        if not answers <= KIND:
            found.append(f"answers: {answers}")
    return list(dict.fromkeys(found))


def test_every_form_of_appeals_sent_many_times_at_once_does_it_once(
    world: World, objects: Arguments, again: Standpoint
) -> None:
    found = {name: faults(world, objects, again, name, ROUNDS) for name in FORMS}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_without_its_condition_a_step_is_taken_many_times(
    world: World, objects: Arguments, again: Standpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the plain write in place of the conditional one."""

    def plain(appeal: Appeal, changes: Any, *, seen: int) -> None:
        appeal.step_count = Appeal.objects.get(pk=appeal.pk).step_count + 1
        Appeal.objects.filter(pk=appeal.pk).update(step_count=appeal.step_count, **changes)
        appeal.state = changes["state"]

    monkeypatch.setattr(appeal_steps, "move", plain)
    assert faults(world, objects, again, "sign", rounds=3)
