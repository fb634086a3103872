"""Long random walks of one item through the real services and the real database.

What may happen is written here once more, by hand, and not taken from ``issues.workflow``.
The suite takes a few walks; ``WALKS=2000 pytest tests/issues/test_walks.py`` takes many.
"""

import os
from collections.abc import Callable, Collection
from datetime import timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from issues.choices import Decision, Level
from issues.models import Issue, LookBack, SignOff
from issues.queries import content_hash
from issues.services import (
    Stale,
    add_evidence,
    ask_for_time,
    decide_on_time,
    items,
    make_move,
    rewrite_issue,
)
from issues.workflow import Capacity, Refused
from tests.issues.conftest import checked
from tests.personas import World

WALKS = int(os.environ.get("WALKS", "6"))
STEPS = 50
CAP = 2  # extensions

AUTHOR = {"cadre"}
LEADERS = {"head", "deputy"}
OFFICES = {"office", "city_office"}
DISCIPLINE = {"discipline"}
PEOPLE = sorted(
    {"liaison", "colleague", "organisation", "leader", "system_admin", "stranger_office"}
    | AUTHOR | LEADERS | OFFICES | DISCIPLINE
)  # fmt: skip
BOTH = set(Level)
WAY = [  # from, by which step, to, by whom, with a note, of which levels
    ("draft", "submit", "submitted", AUTHOR, False, BOTH),
    ("draft", "withdraw", "withdrawn", AUTHOR, True, BOTH),
    ("submitted", "withdraw", "withdrawn", AUTHOR, True, BOTH),
    ("submitted", "confirm", "confirmed", LEADERS, False, BOTH),
    ("submitted", "return", "draft", LEADERS, True, BOTH),
    ("confirmed", "file", "rectifying", OFFICES, False, BOTH),
    ("confirmed", "office_return", "draft", OFFICES, True, BOTH),
    ("rectifying", "apply", "applied", AUTHOR, True, BOTH),
    ("applied", "unit_sign", "unit_signed", LEADERS, False, BOTH),
    ("applied", "unit_refuse", "rectifying", LEADERS, True, BOTH),
    ("unit_signed", "office_pass", "office_passed", OFFICES, False, {Level.UNIT}),
    ("unit_signed", "office_refuse", "rectifying", OFFICES, True, {Level.UNIT}),
    ("unit_signed", "sign_off", "closed", DISCIPLINE, False, {Level.PERSONAL}),
    ("unit_signed", "refuse", "rectifying", DISCIPLINE, True, {Level.PERSONAL}),
    ("office_passed", "sign_off", "closed", DISCIPLINE, False, {Level.UNIT}),
    ("office_passed", "refuse", "rectifying", DISCIPLINE, True, {Level.UNIT}),
    ("closed", "consolidate", "consolidated", DISCIPLINE, True, BOTH),
    ("closed", "relapse", "rectifying", DISCIPLINE, True, BOTH),
    ("consolidated", "relapse", "rectifying", DISCIPLINE, True, BOTH),
]
STEP_NAMES = sorted({row[1] for row in WAY})
SETTLED = {"closed", "consolidated"}


class Walk(RuleBasedStateMachine):
    """One item; every step by anybody, allowed or not."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self._undone = transaction.atomic()
        self._undone.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self._undone.__exit__(None, None, None)

    @initialize(level=st.sampled_from(Level))
    def begin(self, level: Level) -> None:
        issue = self.world.issue()
        Issue.objects.filter(pk=issue.pk).update(level=level)
        self.pk, self.level, self.state = issue.pk, level, "draft"
        self.evidence = self.relapses = self.extensions = 0
        self.versions, self.steps = 1, 0
        self.stale_hash = content_hash(self.issue)

    @property
    def issue(self) -> Issue:
        found = Issue.objects.select_related("unit__area", "author", "campaign", "category")
        return found.get(pk=self.pk)

    def somebody(self, name: str) -> object:
        return getattr(self.world, name)

    @rule(
        name=st.sampled_from(STEP_NAMES),
        who=st.sampled_from(PEOPLE),
        note=st.sampled_from(["", " ", "已办结，附照片"]),
        is_stale=st.sampled_from([False, False, False, True]),
    )
    def step(self, name: str, who: str, note: str, is_stale: bool) -> None:
        self._take(name, who, note, is_stale)

    @rule()
    def right_step(self) -> None:
        """Forward, so that walks come far."""
        rows = [r for r in WAY if r[0] == self.state and self.level in r[5] and r[1] != "withdraw"]
        if rows:
            self._take(rows[0][1], sorted(rows[0][3])[0], "已办结，附照片", False)

    def _take(self, name: str, who: str, note: str, is_stale: bool) -> None:
        issue = self.issue
        seen = self.stale_hash if is_stale else content_hash(issue)
        row = self._row(name)
        expected = (
            row is not None
            and who in row[3]
            and bool(note.strip() or not row[4])
            and (self.evidence > 0 or name != "apply")
            and seen == content_hash(issue)
        )
        due_on = self.world.today + timedelta(days=20) if name == "relapse" else None
        went = _went(
            make_move,
            issue=issue,
            name=name,
            actor=self.somebody(who),
            note=note,
            due_on=due_on,
            seen_hash=seen,
        )
        assert went is expected, (self.state, name, who, note)
        if went and row:
            self.state, self.steps = row[2], self.steps + 1
            self.relapses += name == "relapse"

    def _row(self, name: str) -> tuple | None:
        fitting = (r for r in WAY if (r[0], r[1]) == (self.state, name) and self.level in r[5])
        return next(fitting, None)

    @rule(who=st.sampled_from(PEOPLE), is_seen=st.booleans())
    def rewrite(self, who: str, is_seen: bool) -> None:
        issue = self.issue
        self.stale_hash = content_hash(issue)
        went = _went(
            rewrite_issue,
            issue=issue,
            author=self.somebody(who),
            category=issue.category,
            text=self.world.text() | {"title": f"第{self.versions + 1}稿"},
            seen_version=issue.version if is_seen else issue.version - 1,
        )
        assert went is (who in AUTHOR and self.state == "draft" and is_seen)
        self.versions += went

    @rule(who=st.sampled_from(PEOPLE))
    def show_proof(self, who: str) -> None:
        self.stale_hash = content_hash(self.issue)
        file = checked(self.evidence + 1)
        went = _went(add_evidence, issue=self.issue, actor=self.somebody(who), file=file)
        assert went is (who in AUTHOR and self.state == "rectifying")
        self.evidence += went

    @rule(who=st.sampled_from(PEOPLE))
    def ask(self, who: str) -> None:
        issue = self.issue
        assert issue.due_on is not None
        to_day = issue.due_on + timedelta(days=1)
        expected = (
            who in AUTHOR
            and self.state == "rectifying"
            and not issue.extensions.filter(decision="").exists()
            and self.extensions < CAP
            and self.world.today < to_day <= issue.campaign.ends_on
        )
        actor = self.somebody(who)
        assert _went(ask_for_time, issue=issue, actor=actor, to_day=to_day, reason="等") is expected

    @rule(who=st.sampled_from(PEOPLE), decision=st.sampled_from(Decision))
    def decide(self, who: str, decision: Decision) -> None:
        issue = self.issue
        asked = issue.extensions.filter(decision="").first()
        if asked is None:
            return
        asked.issue = issue
        stands = self.state == "rectifying" and asked.from_day == issue.due_on
        went = _went(
            decide_on_time,
            extension=asked,
            actor=self.somebody(who),
            decision=decision,
            note="意见",
        )
        assert went is (who in OFFICES and (stands or decision == Decision.REFUSED))
        self.extensions += went and decision == Decision.GRANTED

    @invariant()
    def the_rows_say_the_same(self) -> None:
        issue = self.issue
        assert (issue.state, issue.level) == (self.state, self.level)
        assert issue.version == issue.versions.count() == self.versions
        assert issue.evidence_count == issue.evidence.count() == self.evidence
        assert issue.relapse_count == self.relapses
        assert issue.extension_count == self.extensions <= CAP

    @invariant()
    def the_history_is_one_line(self) -> None:
        events = list(self.issue.events.order_by("pk"))
        assert len(events) == self.steps
        if events:
            assert (events[0].from_state, events[-1].to_state) == ("draft", self.state)
        assert all(one.to_state == other.from_state for one, other in pairwise(events))

    @invariant()
    def signatures_are_those_of_the_discipline_office(self) -> None:
        issue = self.issue
        signed = SignOff.objects.filter(issue=issue)
        assert (issue.signed_off_by_id is not None) == (self.state in SETTLED)
        assert signed.count() == issue.events.filter(move="sign_off").count()
        assert LookBack.objects.filter(issue=issue).count() == signed.count()
        assert {each.signer for each in signed} <= {self.world.discipline}
        if self.state in SETTLED:
            assert signed.latest("pk").content_hash == content_hash(issue)


def _went(act: Callable[..., object], **args: object) -> bool:
    """Whether it was done; a refusal leaves nothing behind."""
    try:
        with transaction.atomic():
            act(**args)
    except (Refused, PermissionDenied, Stale):
        return False
    return True


def walk(world: World, walks: int, phases: Collection[Phase] = tuple(Phase)) -> None:
    class Here(Walk):
        pass

    Here.world = world
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS,
            deadline=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_random_walks_reach_no_illegal_state(world: World) -> None:
    walk(world, WALKS)


def test_a_rule_that_lets_everybody_do_everything_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(items, "capacities", lambda user, issue: frozenset(Capacity))
    with pytest.raises(AssertionError):
        walk(world, 20, phases=[Phase.generate])
