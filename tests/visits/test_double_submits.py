"""Each form of the visits sent many times at once does what it does once.

Every address of this app that takes a post, the steps of an appeal and the changes of the register.
The suite sends each a few times; ``ROUNDS=300 AT_ONCE=20`` does it as often, with
``FORMS=^visits:team`` for those of the teams.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from tests.architecture.objects import Arguments
from tests.issues.test_double_submits import KIND, again, changed, sent
from tests.personas import World
from tests.rounds import Standpoint, Tally, at_once
from tests.security.examples import EXAMPLES, Example, posting_routes
from tests.threads import Crowd, shared_database
from tests.visits.appeals import appeal_at, raised, step
from visits.choices import Outcome, Way
from visits.models import Appeal, Target, Visit
from visits.services import appeal_steps, strike_target
from visits.services import visit as visit_service

__all__ = ["again", "shared_database"]
pytestmark = pytest.mark.usefixtures("shared_database")

FORMS = os.environ.get("FORMS", "")  # an expression for their names
ROUNDS = int(os.environ.get("ROUNDS", "1"))
AT_ONCE = int(os.environ.get("AT_ONCE", "3"))
Make = Callable[[World, Arguments], tuple[str, Example]]


def taken(name: str, who: str, until: str, **sent: Any) -> Make:
    """A step of one that has come as far as ``until``."""

    def make(world: World, on: Arguments) -> tuple[str, Example]:
        return _step(appeal_at(world, until), name, who, **sent)

    return make


def _step(appeal: Appeal, name: str, who: str, **sent: Any) -> tuple[str, Example]:
    data = {"note": "理由写在这里", "seen": str(appeal.step_count)} | sent
    return "visits:appeal-step", Example(who, args=(appeal.pk, name), data=data)


def assign(world: World, on: Arguments) -> tuple[str, Example]:
    unit = str(world.unit.pk)
    return _step(raised(world), "assign", "office", unit=unit, category="other")


def reassign(world: World, on: Arguments) -> tuple[str, Example]:
    return _step(appeal_at(world, "sign"), "reassign", "office", unit=str(world.other_unit.pk))


def resume(world: World, on: Arguments) -> tuple[str, Example]:
    paused = step(appeal_at(world, "sign"), "pause", world.liaison, world)
    return _step(paused, "resume", "liaison")


def from_hotline(name: str, **sent: Any) -> Make:
    def make(world: World, on: Arguments) -> tuple[str, Example]:
        appeal = step(raised(world), "hotline", world.office, world)
        return _step(appeal, name, "office", **sent)

    return make


def entry(act: str, **sent: Any) -> Make:
    """A change of an entry of the register."""

    def make(world: World, on: Arguments) -> tuple[str, Example]:
        (pk,) = on["target"]
        data = {name: each(world) if callable(each) else each for name, each in sent.items()}
        form = Example("office", args=(pk, act), data=data | {"reason": "核对过", "seen": "0"})
        return "visits:entry-change", form

    return make


def restored(world: World, on: Arguments) -> tuple[str, Example]:
    target = Target.objects.get(pk=on["target"][0])
    change = strike_target(target=target, reason="迁走", actor=world.office, seen=0)
    data = {"reason": "搬回来了", "seen": str(change.pk)}
    return "visits:entry-change", Example("office", args=(target.pk, "return"), data=data)


def given(world: World, on: Arguments) -> tuple[str, Example]:
    """By the page of the target, to the only member."""
    data = {"person": str(world.cadre.pk), "seen": "0"}
    return "visits:target-give", Example("office", "target", data)


def given_back(world: World, on: Arguments) -> tuple[str, Example]:
    Target.objects.filter(pk__in=on["target"]).update(assignee=world.cadre)
    data = {"person": "", "seen": str(world.cadre.pk)}
    return "visits:target-give", Example("cadre", "target", data)


def call(**said: Any) -> Make:
    def make(world: World, on: Arguments) -> tuple[str, Example]:
        base = EXAMPLES["visits:appeal-call"](world, on)
        return "visits:appeal-call", Example(base.by, base.on, base.data | said)

    return make


STEPS: dict[str, Make] = {
    "assign": assign,
    "sign": taken("sign", "liaison", "assign"),
    "return": taken("return", "liaison", "assign"),
    "pause": taken("pause", "liaison", "sign"),
    "resume": resume,
    "answer": taken("answer", "liaison", "sign"),
    "reassign": reassign,
    "hotline": taken("hotline", "office", "", category="other", number="LC1"),
    "hotline_result": from_hotline("hotline_result"),
    "renumber": from_hotline("renumber", number="LC2"),
    "hotline_back": from_hotline("hotline_back"),
    "dissatisfied": call(result="dissatisfied", solved="no"),
    "unreachable": call(result="unreachable", solved=""),
    "move": entry("move", area=lambda world: world.village2.code),
    "merge": entry("merge", code=lambda world: world.households(1)[0].code),
    "split": entry("split", code="H-NEW-1", name="儿子", members="", heir="old"),
    "correct": entry("correction", locality="urban"),
    "restore": restored,
    "given": given,
    "given back": given_back,
}
# Addresses that answer and change nothing.
ASKING = {
    "visits:target-search",
    "visits:visit-search",
    "visits:appeal-search",
    "visits:hand-over-look",
    "visits:truth-search",
    "visits:left-search",
    "visits:entry-search",
    "visits:team-search",
}
# Whoever looks three times is noted three times.
EACH_TIME = {"visits:target-reveal", "visits:appeal-contact"}


def forms() -> dict[str, Make]:
    """Every address that takes a post, with its example, and the steps above."""

    def example(route: str) -> Make:
        return lambda world, on: (route, EXAMPLES[route](world, on))

    routes = sorted(route for route in posting_routes() if route.startswith("visits:"))
    return {route: example(route) for route in routes if route not in EACH_TIME} | STEPS


def done(made: Tally) -> dict[object, int]:
    """Without the note that who came second was refused, and the count of the notes."""
    noted = ("act=access.denied", "core.AuditHead")
    rows = changed(made).items()
    return {row: number for row, number in rows if not any(each in str(row) for each in noted)}


def faults(world: World, on: Arguments, again: Standpoint, name: str, rounds: int) -> list[str]:
    """What went wrong when it was sent many times instead of once; the first of each kind."""
    make = forms()[name]
    again.again()
    once, answers = sent(world, on, make, 1)
    found = [] if set(answers) <= {200, 302} else [f"alone: {answers}"]
    if bool(changed(once)) is (name in ASKING):  # nothing would be counted below
        found.append(f"alone: {changed(once)}")
    with Crowd(AT_ONCE) as crowd:
        for _ in range(rounds):
            again.again()
            many, answers = sent(world, on, make, AT_ONCE, crowd)
            if done(many) != done(once):
                found.append(f"{done(many)} instead of {done(once)}")
            if not set(answers) <= KIND:
                found.append(f"answers: {answers}")
    return list(dict.fromkeys(found))


def test_every_form_sent_many_times_at_once_does_it_once(
    world: World, objects: Arguments, again: Standpoint
) -> None:
    here = [name for name in forms() if re.search(FORMS, name)]
    found = {name: faults(world, objects, again, name, ROUNDS) for name in here}
    print(f"{ROUNDS} rounds of {AT_ONCE} at once:", *here)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def told_apart(world: World, again: Standpoint, rounds: int) -> list[str]:
    """What went wrong when half of the posts under one token say another thing."""
    found = []
    with Crowd(AT_ONCE) as crowd:
        for _ in range(rounds):
            again.again()
            (target,) = world.households(1)
            contents = [_visit_saying(words) for words in ("一", "二")]
            browser = world.client(world.cadre)
            turns = iter(range(AT_ONCE))

            def post(one: Any, target: Target = target, contents: Any = contents) -> Any:
                content = contents[next(turns) % 2]  # noqa: B023 -- used within its round
                answer = one.post(f"/visits/targets/{target.pk}/visit/", content)
                return content["heard"], answer.status_code

            answers = set(at_once(browser, AT_ONCE, post, crowd))
            kept = list(Visit.objects.filter(target=target).values_list("heard", flat=True))
            other = {"一": "二", "二": "一"}.get(kept[0]) if kept else None
            if len(kept) != 1 or answers != {(kept[0], 302), (other, 409)}:
                found.append(f"{kept}: {answers}")
    return list(dict.fromkeys(found))


def _visit_saying(words: str) -> dict[str, str]:
    return {
        "visited_on": str(timezone.localdate()),
        "way": Way.HOME.value,
        "outcome": Outcome.EFFECTIVE.value,
        "heard": words,
        "token": "00000000-0000-0000-0000-000000000007",
    }


def test_one_token_with_two_contents_is_one_visit_and_409_for_the_other(
    world: World, again: Standpoint
) -> None:
    assert told_apart(world, again, ROUNDS) == []
    print(f"{ROUNDS} rounds of {AT_ONCE} at once: one token, two contents")


def test_without_the_comparison_the_other_content_is_taken_for_saved(
    world: World, again: Standpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control."""
    monkeypatch.setattr(visit_service, "fingerprint", lambda *sent: "")
    assert told_apart(world, again, rounds=3)


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
