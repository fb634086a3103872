"""Two people, or two tabs, at the same moment: exactly one step is taken."""

from threading import Barrier
from unittest import mock

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import F

from core.files import CheckedFile, check_upload
from issues.choices import State
from issues.models import Evidence, Issue, IssueEvent
from issues.queries import shown_hash
from issues.services import Stale, add_evidence, evidence, make_move, take_back_evidence
from issues.services import items as services
from tests.issues.conftest import brought_to, prove
from tests.personas import World
from tests.threads import together

pytestmark = pytest.mark.usefixtures("shared_database")


def pressing(issue: Issue, name: str, actor: object) -> object:
    """The press of a button on a page that was read before the others pressed theirs."""
    seen, seen_hash = Issue.objects.get(pk=issue.pk), shown_hash(issue)
    return lambda: make_move(
        issue=seen, name=name, actor=actor, note="写清理由", seen_hash=seen_hash
    )


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
    """Control: without any condition on what was seen, two opposite steps are both recorded."""
    monkeypatch.setattr(
        services,
        "_move_state",
        lambda issue, move, *_: Issue.objects.filter(pk=issue.pk).update(state=move.target),
    )
    monkeypatch.setattr(services, "shown_hash", lambda issue: mock.ANY)
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
    true_hash = shown_hash(issue)

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
    monkeypatch.setattr(services, "shown_hash", slow_hash)
    outcomes = together([pressing(page, "apply", world.cadre), add])
    assert [type(outcome) for outcome in outcomes] == [Stale, int]
    issue.refresh_from_db()
    assert issue.state == State.RECTIFYING


def _one_writer_at_a_time() -> bool:
    return connection.vendor == "sqlite"


def paper(number: int) -> CheckedFile:
    return check_upload(SimpleUploadedFile(f"{number}.pdf", b"%%PDF-1.7 %d" % number))


def thirty_papers(issue: Issue, world: World) -> list[object]:
    """Thirty different files from thirty pages that all showed no evidence yet."""
    pages = [Issue.objects.get(pk=issue.pk) for _ in range(30)]
    return together(
        [
            lambda n=n, page=page: add_evidence(issue=page, actor=world.cadre, file=paper(n))
            for n, page in enumerate(pages)
        ]
    )


def test_thirty_files_at_once_are_twenty(world: World) -> None:
    issue = brought_to(world, "file")
    outcomes = thirty_papers(issue, world)
    refused = [each for each in outcomes if isinstance(each, ValidationError)]
    issue.refresh_from_db()
    assert (issue.evidence.count(), issue.evidence_count, len(refused)) == (20, 20, 10)
    assert {text for each in refused for text in each.messages} == {evidence.FULL}


def test_looked_at_before_the_write_thirty_are_thirty(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: the number that the page was read with, and a plain write."""

    def count(issue: Issue, more: int) -> None:
        assert issue.evidence_count < 20
        Issue.objects.filter(pk=issue.pk).update(evidence_count=F("evidence_count") + more)

    monkeypatch.setattr(evidence, "_count", count)
    issue = brought_to(world, "file")
    thirty_papers(issue, world)
    assert issue.evidence.count() == 30


def test_the_last_file_is_taken_back_once(world: World) -> None:
    """The second press would count below nothing."""
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    rows = [Evidence.objects.select_related("issue").get() for _ in range(4)]
    outcomes = together(
        [
            lambda row=row: take_back_evidence(evidence=row, actor=world.cadre, why="传错了")
            for row in rows
        ]
    )
    assert sorted(type(each).__name__ for each in outcomes) == ["NoneType", *["Stale"] * 3]
    issue.refresh_from_db()
    assert issue.evidence_count == 0
