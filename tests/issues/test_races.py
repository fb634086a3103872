"""Two people, or two tabs, at the same moment: exactly one step is taken."""

from threading import Barrier

import pytest
from django.db import connection

from issues.choices import State
from issues.models import Issue, IssueEvent
from issues.queries import content_hash
from issues.services import Stale, make_move
from issues.services import items as services
from tests.issues.conftest import brought_to, prove
from tests.personas import World
from tests.threads import together

pytestmark = pytest.mark.usefixtures("shared_database")


def pressing(issue: Issue, name: str, actor: object) -> object:
    """The press of a button on a page that was read before the others pressed theirs."""
    seen, seen_hash = Issue.objects.get(pk=issue.pk), content_hash(issue)
    return lambda: make_move(issue=seen, name=name, actor=actor, note="理由", seen_hash=seen_hash)


def test_two_tabs_take_one_step(world: World) -> None:
    issue = brought_to(world, "submit")
    names = ["confirm", "return"] * 3
    outcomes = together([pressing(issue, name, world.head) for name in names])
    assert sum(isinstance(outcome, Issue) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Stale) for outcome in outcomes) == 5
    events = IssueEvent.objects.filter(issue=issue).exclude(move="submit")
    assert events.count() == 1
    issue.refresh_from_db()
    assert issue.state == events.get().to_state


def test_a_plain_write_lets_both_win(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: without the condition on what was seen, two opposite steps are both recorded."""
    monkeypatch.setattr(
        services,
        "_move_state",
        lambda issue, move, *_: Issue.objects.filter(pk=issue.pk).update(state=move.target),
    )
    issue = brought_to(world, "submit")
    outcomes = together([pressing(issue, name, world.head) for name in ("confirm", "return")])
    assert sum(isinstance(outcome, Issue) for outcome in outcomes) == 2
    assert IssueEvent.objects.filter(issue=issue).exclude(move="submit").count() == 2


def test_the_same_file_sent_twice_at_once_is_kept_once(world: World) -> None:
    issue = brought_to(world, "file")
    pages = [Issue.objects.get(pk=issue.pk) for _ in range(4)]
    outcomes = together([lambda page=page: prove(page, world.cadre) for page in pages])
    assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 3
    issue.refresh_from_db()
    assert (issue.evidence.count(), issue.evidence_count) == (1, 1)


def test_different_files_at_once_are_all_counted(world: World) -> None:
    issue = brought_to(world, "file")
    pages = [Issue.objects.get(pk=issue.pk) for _ in range(4)]
    together([lambda n=n, page=page: prove(page, world.cadre, n) for n, page in enumerate(pages)])
    issue.refresh_from_db()
    assert (issue.evidence.count(), issue.evidence_count) == (4, 4)


def test_evidence_that_slips_in_while_signing_stops_the_signature(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The content is read, then more evidence arrives, then the state is written."""
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    page = Issue.objects.get(pk=issue.pk)
    was_read, arrived = Barrier(2), Barrier(2)
    true_hash = content_hash(issue)

    def slow_hash(of: Issue) -> str:
        was_read.wait()
        arrived.wait()
        return true_hash

    def add() -> object:
        was_read.wait()
        try:
            return Issue.objects.filter(pk=issue.pk).update(evidence_count=2)
        finally:
            arrived.wait()

    if _one_writer_at_a_time():
        pytest.skip("SQLite: a step holds the only write lock from its beginning")
    monkeypatch.setattr(services, "content_hash", slow_hash)
    outcomes = together([pressing(page, "apply", world.cadre), add])
    assert [type(outcome) for outcome in outcomes] == [Stale, int]
    issue.refresh_from_db()
    assert issue.state == State.RECTIFYING


def _one_writer_at_a_time() -> bool:
    return connection.vendor == "sqlite"
