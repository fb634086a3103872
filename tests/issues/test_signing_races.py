"""Somebody changes the item while another signs: a signature binds what its page showed.

``ROUNDS=300 pytest tests/issues/test_signing_races.py`` tries it as often.
"""

import os
import random
import time
from collections import Counter
from collections.abc import Callable
from threading import Event, Thread, current_thread, main_thread
from unittest import mock

import pytest
from django.db import connection
from django.test import Client

from issues.choices import State
from issues.models import Evidence, Issue, SignOff
from issues.queries import content_hash, shown_hash
from issues.services import items as services
from issues.services import replace_evidence
from tests.issues.conftest import brought_to, checked, take, upload
from tests.issues.test_views import path
from tests.personas import World
from tests.threads import together

pytestmark = pytest.mark.usefixtures("shared_database")

ROUNDS = int(os.environ.get("ROUNDS", "3"))
LONGEST = 0.3  # seconds that a signer waits before the press; the changes take about as long
Shown = tuple[str, list[str], str]  # the text, the files, and the fingerprint of both


def opened(browser: Client, issue: Issue) -> tuple[Shown, dict[str, str]]:
    """What the page shows to the signer, and the fields of its form."""
    page = browser.get(path(issue, "sign-off/")).context
    shown = (page["text"].sha256, [each.sha256 for each, _ in page["evidence"]], page["content"])
    return shown, {"note": "逐份看过了", "seen_hash": page["seen_hash"], "seen": str(page["seen"])}


def changing(world: World, issue: Issue, shade: int) -> Callable[[], Counter[int]]:
    """Through every door that leads to the item: two are shut, the way back is open."""
    cadre, head = world.client(world.cadre), world.client(world.head)
    discipline = world.client(world.discipline)
    file: Evidence = issue.evidence.get()

    def move(browser: Client, name: str) -> int:
        data = {"note": "补一份材料", "seen_hash": shown_hash(issue)}
        return browser.post(path(issue, f"moves/{name}/"), data).status_code

    def change() -> Counter[int]:
        return Counter(
            [
                cadre.post(path(issue, "edit/"), {"title": "另一个标题"}).status_code,
                cadre.post(path(issue, "evidence/"), {"file": upload(shade)}).status_code,
                move(discipline, "refuse"),
                cadre.post(
                    path(issue, f"evidence/{file.pk}/replace/"), {"file": upload(shade)}
                ).status_code,
                move(cadre, "apply"),
                move(head, "unit_sign"),
            ]
        )

    return change


def one_round(world: World, shade: int, waits: float | None) -> tuple[str, bool]:
    """How it ended, and whether a signature binds anything but what was shown.

    ``waits``: the seconds before the press; None: until the other has done.
    """
    issue = brought_to(world, "unit_sign")
    signer = world.client(world.discipline)
    shown, fields = opened(signer, issue)
    change, done = changing(world, issue, shade), Event()

    def sign() -> int:
        if waits is None:
            done.wait(60)
        else:
            time.sleep(waits)
        return signer.post(path(issue, "moves/sign_off/"), fields).status_code

    def alter() -> Counter[int]:
        try:
            return change()
        finally:
            done.set()

    answers = together([sign, alter])
    assert answers[0] in {302, 422}, answers
    assert isinstance(answers[1], Counter), answers
    assert set(answers[1]) <= {302, 403, 422}, answers
    signed = [
        (each.text_sha256, [file["sha256"] for file in each.evidence], each.content_hash)
        for each in SignOff.objects.filter(issue=issue)
    ]
    issue.refresh_from_db()
    assert bool(signed) is (issue.state == State.CLOSED)
    wrong = signed not in ([], [shown]) or (bool(signed) and content_hash(issue) != shown[2])
    return ("signed" if signed else "stale"), wrong


def test_a_signature_binds_what_was_shown(world: World) -> None:
    chance = random.Random(ROUNDS)
    ends: Counter[str] = Counter()
    for number in range(ROUNDS):
        waits = None if number % 3 == 2 else LONGEST * chance.random() ** 4
        end, wrong = one_round(world, 2 + number % 14, waits)
        assert not wrong, (number, waits)
        ends[end] += 1
    print(f"{ROUNDS} rounds: {dict(ends)}")
    assert ends["stale"] >= ROUNDS // 3


def test_without_the_fingerprint_what_nobody_showed_is_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: any fingerprint is as good as the present one."""
    monkeypatch.setattr(services, "shown_hash", lambda issue: mock.ANY)
    assert one_round(world, 2, waits=None) == ("signed", True)


def once_more_round(world: World, issue: Issue, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the look at the fingerprint and the write, the item goes all the way round."""
    keep = services.sign_off.keep_sign_off

    def go_round() -> None:
        take(world, Issue.objects.get(pk=issue.pk), "refuse", world.discipline)
        file = Evidence.objects.select_related("issue").get(issue=issue)
        replace_evidence(evidence=file, actor=world.cadre, file=checked(9))
        take(world, Issue.objects.get(pk=issue.pk), "apply")
        take(world, Issue.objects.get(pk=issue.pk), "unit_sign")
        connection.close()

    def slow_keep(of: Issue, move: object, *rest: object) -> None:
        keep(of, move, *rest)
        if move.name == "sign_off":
            other = Thread(target=go_round)
            other.start()
            other.join(30)

    monkeypatch.setattr(services.sign_off, "keep_sign_off", slow_keep)


def test_an_item_that_went_all_the_way_round_meanwhile_is_not_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """State, version and number of files are as they were; only the file is another."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite: a step holds the only write lock from its beginning")
    issue = brought_to(world, "unit_sign")
    once_more_round(world, issue, monkeypatch)
    with pytest.raises(services.Stale):
        take(world, Issue.objects.get(pk=issue.pk), "sign_off")
    issue.refresh_from_db()
    assert (issue.state, issue.sign_offs.count()) == (State.UNIT_SIGNED, 0)


def test_with_the_fingerprint_looked_at_only_before_it_would_be(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: what was read before is all that is ever compared."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite: a step holds the only write lock from its beginning")
    issue = brought_to(world, "unit_sign")
    read_before, content = shown_hash(issue), content_hash(issue)
    once_more_round(world, issue, monkeypatch)

    def as_read_before(of: Issue) -> str:
        return read_before if current_thread() is main_thread() else shown_hash(of)

    monkeypatch.setattr(services, "shown_hash", as_read_before)
    take(world, Issue.objects.get(pk=issue.pk), "sign_off")
    issue.refresh_from_db()
    assert issue.state == State.CLOSED
    assert content_hash(issue) != content
