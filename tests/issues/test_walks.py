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
    precondition,
    rule,
    run_state_machine_as_test,
)

from issues.choices import Decision, Level, State
from issues.models import Issue, ListVersion, LookBack, SignOff
from issues.queries import content_hash, shown_hash
from issues.queries.lists import fingerprint, items_of_list
from issues.rules import moves_for
from issues.services import (
    Stale,
    add_evidence,
    ask_for_time,
    confirm_list,
    decide_on_time,
    freeze_list,
    items,
    make_move,
    return_list,
    rewrite_issue,
)
from issues.workflow import Capacity, Refused
from tests.issues.conftest import checked, unit_item
from tests.personas import World

WALKS = int(os.environ.get("WALKS", "6"))
STEPS = 50
CAP = 2  # extensions

OFFICES = {"office", "city_office"}
DISCIPLINE = {"discipline"}
KEEPERS = {"liaison", "head", "deputy"}  # of the unit's list
PEOPLE = sorted(
    {"cadre", "colleague", "organisation", "leader", "system_admin", "stranger_office"}
    | KEEPERS | OFFICES | DISCIPLINE
)  # fmt: skip
BOTH = set(Level)
ONE, WHOLE = {Level.PERSONAL}, {Level.UNIT}
WAY = [  # from, by which step, to, by whom (Walk.may), with a note, of which levels
    ("draft", "submit", "submitted", "writer", False, ONE),
    ("draft", "withdraw", "withdrawn", "writer", True, BOTH),
    ("submitted", "withdraw", "withdrawn", "writer", True, ONE),
    ("submitted", "confirm", "confirmed", "leaders", False, ONE),
    ("submitted", "return", "draft", "leaders", True, ONE),
    ("confirmed", "file", "rectifying", "offices", False, BOTH),
    ("confirmed", "office_return", "draft", "offices", True, BOTH),
    ("rectifying", "apply", "applied", "doers", True, BOTH),
    ("applied", "unit_sign", "unit_signed", "leaders", False, BOTH),
    ("applied", "unit_refuse", "rectifying", "leaders", True, BOTH),
    ("unit_signed", "office_pass", "office_passed", "offices", False, WHOLE),
    ("unit_signed", "office_refuse", "rectifying", "offices", True, WHOLE),
    ("unit_signed", "sign_off", "closed", "discipline", False, ONE),
    ("unit_signed", "refuse", "rectifying", "discipline", True, ONE),
    ("office_passed", "sign_off", "closed", "discipline", False, WHOLE),
    ("office_passed", "refuse", "rectifying", "discipline", True, WHOLE),
    ("closed", "consolidate", "consolidated", "discipline", True, BOTH),
    ("closed", "relapse", "rectifying", "discipline", True, BOTH),
    ("consolidated", "relapse", "rectifying", "discipline", True, BOTH),
]
STEP_NAMES = sorted({row[1] for row in WAY})
SETTLED = {"closed", "consolidated"}


def may(level: Level, writers: Collection[str]) -> dict[str, set[str]]:
    """Who may do each part of it; whoever wrote on it is no leader of it any more."""
    return {
        "writer": {"cadre"} if level == Level.PERSONAL else KEEPERS,
        "doers": {"cadre"} if level == Level.PERSONAL else {"liaison", "colleague"},
        "leaders": {"head", "deputy"} - set(writers),
        "offices": OFFICES,
        "discipline": DISCIPLINE,
    }


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
        issue = self.world.issue() if level == Level.PERSONAL else unit_item(self.world)
        self.pk, self.level, self.state = issue.pk, level, "draft"
        self.writers = {"cadre" if level == Level.PERSONAL else "liaison"}
        self.frozen = 0
        self.evidence = self.signed = self.relapses = self.extensions = 0
        self.versions, self.steps = 1, 0
        self.stale_hash = shown_hash(self.issue)

    @property
    def issue(self) -> Issue:
        found = Issue.objects.select_related("unit__area", "author", "campaign", "category")
        return found.get(pk=self.pk)

    def may(self, part: str) -> set[str]:
        return may(self.level, self.writers)[part]

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
        able = sorted(self.may(rows[0][3])) if rows else []
        if able:
            self._take(rows[0][1], able[-1], "已办结，附照片", False)

    @precondition(lambda self: self.level == Level.UNIT)
    @rule(who=st.sampled_from(PEOPLE), is_seen=st.sampled_from([True, True, False]))
    def freeze(self, who: str, is_seen: bool) -> None:
        """The list with this item alone."""
        items = list(items_of_list(self.world.campaign, self.world.unit))
        went = _went(
            freeze_list,
            campaign=self.world.campaign,
            unit=self.world.unit,
            actor=self.somebody(who),
            seen=fingerprint(items) if is_seen else "0" * 64,
        )
        assert went is (who in KEEPERS and self.state == "draft" and is_seen)
        if went:
            self.state, self.frozen, self.steps = "submitted", self.frozen + 1, self.steps + 1
            self.freezer = who

    @precondition(lambda self: self.level == Level.UNIT and self.state == "submitted")
    @rule(who=st.sampled_from([*PEOPLE, "head", "deputy"]), assents=st.booleans())
    def assent(self, who: str, assents: bool) -> None:
        version = ListVersion.objects.get(unit=self.world.unit, number=self.frozen)
        act = confirm_list if assents else return_list
        more = {} if assents else {"note": "第一条没写在哪里"}
        went = _went(act, version=version, actor=self.somebody(who), seen=version.sha256, **more)
        made = self.writers | {self.freezer}
        assert went is (who not in made and (who == "head" or (who == "deputy" and "head" in made)))
        if went:
            self.state = "confirmed" if assents else "draft"
            self.steps += 1

    def _take(self, name: str, who: str, note: str, is_stale: bool) -> None:
        issue = self.issue
        if (self.state, name) == ("closed", "consolidate"):
            self.world.a_month_on(issue)
        seen = self.stale_hash if is_stale else shown_hash(issue)
        row = self._row(name)
        expected = (
            row is not None
            and who in self.may(row[3])
            and bool(note.strip() or not row[4])
            and (self.evidence > self.signed or name != "apply")
            and seen == shown_hash(issue)
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
            self.signed = self.evidence if name == "relapse" else self.signed

    def _row(self, name: str) -> tuple | None:
        fitting = (r for r in WAY if (r[0], r[1]) == (self.state, name) and self.level in r[5])
        return next(fitting, None)

    @rule(who=st.sampled_from(PEOPLE), is_seen=st.booleans())
    def rewrite(self, who: str, is_seen: bool) -> None:
        issue = self.issue
        self.stale_hash = shown_hash(issue)
        went = _went(
            rewrite_issue,
            issue=issue,
            author=self.somebody(who),
            category=issue.category,
            text=self.world.text() | {"title": f"第{self.versions + 1}稿"},
            seen_version=issue.version if is_seen else issue.version - 1,
        )
        assert went is (who in self.may("writer") and self.state == "draft" and is_seen)
        if went:
            self.versions += 1
            self.writers.add(who)

    @rule(who=st.sampled_from(PEOPLE))
    def show_proof(self, who: str) -> None:
        self.stale_hash = shown_hash(self.issue)
        file = checked(self.evidence + 1)
        went = _went(add_evidence, issue=self.issue, actor=self.somebody(who), file=file)
        assert went is (who in self.may("doers") and self.state == "rectifying")
        self.evidence += went

    @rule(who=st.sampled_from(PEOPLE))
    def ask(self, who: str) -> None:
        issue = self.issue
        assert issue.due_on is not None
        to_day = issue.due_on + timedelta(days=1)
        expected = (
            who in self.may("doers")
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
        may = decision == Decision.REFUSED or (stands and decision == Decision.GRANTED)
        assert went is (who in OFFICES and may)
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


@pytest.mark.parametrize("level", Level)
def test_every_step_of_every_state_is_for_whom_the_table_says(world: World, level: Level) -> None:
    """Each state, step and person once; that what is offered is what is accepted, and nothing
    else, ``test_workflow`` shows."""
    issue = world.issue() if level == Level.PERSONAL else unit_item(world)
    able = may(level, {"cadre" if level == Level.PERSONAL else "liaison"})
    for state in State:
        issue.state = state
        rows = [row for row in WAY if row[0] == state and level in row[5]]
        for who in PEOPLE:
            offered = {move.name for move in moves_for(getattr(world, who), issue)}
            assert offered == {row[1] for row in rows if who in able[row[3]]}, (state, who)


def _went(act: Callable[..., object], **args: object) -> bool:
    """Whether it was done; a refusal leaves nothing behind."""
    try:
        with transaction.atomic():
            act(**args)
    except (Refused, PermissionDenied, Stale):
        return False
    return True


def walk(
    world: World, walks: int, phases: Collection[Phase] = tuple(Phase), *, same: bool = False
) -> None:
    """``same``: the same walks every time."""

    class Here(Walk):
        pass

    Here.world = world
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=walks,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=same,
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
        walk(world, 30, phases=[Phase.generate], same=True)
