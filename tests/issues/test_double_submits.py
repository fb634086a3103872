"""A form that is sent twenty times at once does what it does once.

Every address of this app that takes a post, and every step. The suite sends each a few times;
``ROUNDS=300 AT_ONCE=20 pytest tests/issues/test_double_submits.py`` does it as often, with
``FORMS=^issues:list`` for those of the lists.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.urls import reverse

from issues.choices import Source
from issues.models import Issue, ListVersion, SupervisionSlip
from issues.queries import shown_hash
from issues.queries.signed import seen_now
from issues.services import confirm_list
from issues.services import items as services
from tests.architecture.objects import Arguments
from tests.issues.conftest import brought_to, prove, unit_item_brought_to, upload
from tests.issues.slips import WAY as SLIP_WAY
from tests.issues.slips import slip_at
from tests.personas import World
from tests.rounds import Standpoint, Tally, at_once, tally
from tests.security.examples import EXAMPLES, Example, Post, posting_routes
from tests.threads import Crowd

pytestmark = pytest.mark.usefixtures("shared_database")

ROUNDS = int(os.environ.get("ROUNDS", "1"))
AT_ONCE = int(os.environ.get("AT_ONCE", "3"))
FORMS = os.environ.get("FORMS", "")  # an expression for their names
Make = Callable[[World, Arguments], tuple[str, Example]]
# Addresses that answer and change nothing.
ASKING = {
    "issues:issue-search",
    "issues:slip-search",
    "issues:example-search",
    "issues:bulk-look",
    "issues:issue-check",
}
KIND = {200, 302, 403, 404, 409, 422}  # a page in words; 400 and 500 are none


def step(name: str, who: str, after: str, **sent: Any) -> Make:
    """A step of a personal item that has come as far as ``after``."""

    def make(world: World, on: Arguments) -> tuple[str, Example]:
        issue = brought_to(world, after) if after else world.issue()
        return _step(issue, name, who, **sent)

    return make


def consolidate(world: World, on: Arguments) -> tuple[str, Example]:
    return _step(world.a_month_on(brought_to(world, "sign_off")), "consolidate", "discipline")


def _step(issue: Issue, name: str, who: str, **sent: Any) -> tuple[str, Example]:
    data = {"note": "理由写在这里", "seen_hash": shown_hash(issue)} | sent
    return "issues:issue-move", Example(who, args=(issue.pk, name), data=data)


def apply(world: World, on: Arguments) -> tuple[str, Example]:
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    return _step(issue, "apply", "cadre")


def consent(world: World, on: Arguments) -> tuple[str, Example]:
    """The filing of a long-term item is the office's consent to its plan."""
    issue = world.issue(**world.long_term())
    world.move(issue, "submit", world.cadre)
    world.move(issue, "confirm", world.head)
    return _step(issue, "file", "office")


def sign(world: World, on: Arguments) -> tuple[str, Example]:
    issue = brought_to(world, "unit_sign")
    return _step(issue, "sign_off", "discipline", seen=str(seen_now(issue)))


def relapse(world: World, on: Arguments) -> tuple[str, Example]:
    issue = brought_to(world, "sign_off")
    return _step(issue, "relapse", "discipline", due_on=str(world.campaign.ends_on))


def pass_unit_item(world: World, on: Arguments) -> tuple[str, Example]:
    """Of the unit, whose other version has its assent."""
    waiting = ListVersion.objects.get(pk=on["version"][0])
    confirm_list(version=waiting, actor=world.head, seen=waiting.sha256)
    issue = unit_item_brought_to(world, "unit_sign")
    return _step(issue, "office_pass", "office")


def slip(name: str, after: str) -> Make:
    def make(world: World, on: Arguments) -> tuple[str, Example]:
        row = slip_at(world, after)
        data = {"note": "已办结，附照片。", "seen": str(row.step_count)}
        return "issues:slip-step", Example(SLIP_WAY[name], args=(row.pk, name), data=data)

    return make


def redo(world: World, on: Arguments) -> tuple[str, Example]:
    row: SupervisionSlip = slip_at(world, "sign")
    data = {"note": "没有当面答复。", "seen": str(row.step_count)}
    return "issues:slip-step", Example("discipline", args=(row.pk, "redo"), data=data)


def handed_in_at_once(world: World, on: Arguments) -> tuple[str, Example]:
    """Written, disclosed and handed in with one press."""
    base = EXAMPLES["issues:issue-create"](world, on)
    more = {"submit": "1", "discloses": "on", "source": Source.SELF.value}
    return "issues:issue-create", Example("cadre", data=base.data | more)


def with_origins(world: World, on: Arguments) -> tuple[str, Example]:
    base = EXAMPLES["issues:unit-item-create"](world, on)
    data = base.data | {"origins": str(on["issue"][0])}
    return "issues:unit-item-create", Example("liaison", "unit", data)


def with_a_file(world: World, on: Arguments) -> tuple[str, Example]:
    base = EXAMPLES["issues:milestone-report"](world, on)
    return "issues:milestone-report", Example(
        "cadre", "milest", base.data, files={"file": lambda: upload(9)}
    )


STEPS: dict[str, Make] = {
    "submit": step("submit", "cadre", "", discloses="on"),
    "withdraw": step("withdraw", "cadre", "submit"),
    "confirm": step("confirm", "head", "submit"),
    "return": step("return", "head", "submit"),
    "file": step("file", "office", "confirm"),
    "office_return": step("office_return", "office", "confirm"),
    "consent": consent,
    "apply": apply,
    "unit_sign": step("unit_sign", "head", "apply"),
    "unit_refuse, with a wish": step("unit_refuse", "head", "apply", why="看得到公示的日期"),
    "office_pass": pass_unit_item,
    "sign_off": sign,
    "refuse": step("refuse", "discipline", "unit_sign"),
    "consolidate": consolidate,
    "relapse": relapse,
    "slip: receive": slip("receive", ""),
    "slip: answer": slip("answer", "receive"),
    "slip: sign": slip("sign", "answer"),
    "slip: close": slip("close", "sign"),
    "slip: redo": redo,
    "written and handed in": handed_in_at_once,
    "of cadres' items": with_origins,
    "milestone with a file": with_a_file,
}


def forms() -> dict[str, Make]:
    """Every address that takes a post, with its example, and the steps above."""

    def example(route: str) -> Make:
        return lambda world, on: (route, EXAMPLES[route](world, on))

    routes = sorted(route for route in posting_routes() if route.startswith("issues:"))
    return {route: example(route) for route in routes} | STEPS


@pytest.fixture
def again(world: World, objects: Arguments, monkeypatch: pytest.MonkeyPatch) -> Standpoint:
    """Where every round begins; what is asked for in the background stays in the table."""
    monkeypatch.setattr("core.queue._send", lambda *_: None)
    return Standpoint.here()


def sent(
    world: World, on: Arguments, make: Make, times: int, crowd: Crowd | None = None
) -> tuple[Tally, Counter[object]]:
    """What there is after the form was sent so often at once, and how it was answered."""
    route, example = make(world, on)
    address = reverse(route, args=example.args or on[example.on])
    browser = Post(route, example, address, world).client()
    example.prepare()
    example.first(browser)

    def post(one: Any) -> object:
        files = {name: new() for name, new in example.files.items()}
        return one.post(address, {**example.data, **files}).status_code

    before = tally()
    answers = at_once(browser, times, post, crowd)
    after = tally()
    after.subtract(before)
    return after, Counter(answers)


def changed(made: Tally) -> dict[object, int]:
    return {row: number for row, number in made.items() if number}


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
            if changed(many) != changed(once):
                found.append(f"{changed(many)} instead of {changed(once)}")
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


def test_without_its_condition_a_step_is_taken_many_times(
    world: World, objects: Arguments, again: Standpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the plain write in place of the conditional one, and any page is as good."""
    monkeypatch.setattr(
        services,
        "_move_state",
        lambda issue, move, *_: Issue.objects.filter(pk=issue.pk).update(state=move.target),
    )
    monkeypatch.setattr(services, "shown_hash", lambda issue: mock.ANY)
    assert faults(world, objects, again, "confirm", rounds=3)
