"""issues.services.add_evidence: by whom, when, and once."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL import Image

from issues.choices import State
from issues.models import Evidence, Issue
from issues.services import Stale, add_evidence, replace_evidence, take_back_evidence
from issues.workflow import NO_EVIDENCE, Refused
from tests.issues.conftest import brought_to, checked, prove, take
from tests.personas import World


def test_closing_is_not_applied_for_without_evidence(world: World) -> None:
    issue = brought_to(world, "file")
    with pytest.raises(Refused) as refused:
        take(world, issue, "apply")
    assert str(refused.value) == NO_EVIDENCE
    prove(issue, world.cadre)
    take(world, issue, "apply")
    assert issue.state == State.APPLIED


@pytest.mark.parametrize("until", ["submit", "confirm", "apply", "unit_sign", "sign_off"])
def test_evidence_is_taken_only_while_rectifying(world: World, until: str) -> None:
    issue = brought_to(world, until)
    count = issue.evidence_count
    with pytest.raises(PermissionDenied):
        prove(issue, world.cadre, shade=3)
    assert (issue.evidence.count(), issue.evidence_count) == (count, count)


def test_evidence_that_comes_just_after_the_application_is_stale(world: World) -> None:
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    seen_in_other_tab = Issue.objects.get(pk=issue.pk)
    take(world, issue, "apply")
    with pytest.raises(Stale):
        prove(seen_in_other_tab, world.cadre, shade=2)
    issue.refresh_from_db()
    assert (issue.evidence.count(), issue.evidence_count) == (1, 1)


def test_the_same_file_is_taken_once(world: World) -> None:
    issue = brought_to(world, "file")
    prove(issue, world.cadre)
    with pytest.raises(ValidationError):
        prove(issue, world.cadre)
    issue.refresh_from_db()
    assert (issue.evidence.count(), issue.evidence_count) == (1, 1)


@pytest.mark.parametrize("name", ["colleague", "head", "office", "discipline"])
def test_evidence_is_brought_by_those_who_answer_for_the_item(world: World, name: str) -> None:
    issue = brought_to(world, "file")
    with pytest.raises(PermissionDenied):
        add_evidence(issue=issue, actor=getattr(world, name), file=checked())
    assert Evidence.objects.count() == 0


def test_a_newer_file_takes_its_place_and_the_old_one_stays_readable(world: World) -> None:
    issue = brought_to(world, "file")
    old = prove(issue, world.cadre)
    newer = replace_evidence(evidence=old, actor=world.cadre, file=checked(2))
    old.refresh_from_db()
    issue.refresh_from_db()
    assert (old.newer, old.dropped_by, old.dropped_why) == (newer, world.cadre, "换成较新的一份")
    assert (list(issue.evidence.current()), issue.evidence_count) == ([newer], 1)
    address = f"/issues/{issue.pk}/evidence/{old.pk}/"
    assert world.client(world.office).get(address).status_code == 200


def test_only_what_counts_is_signed(world: World) -> None:
    issue = brought_to(world, "file")
    old, wrong = prove(issue, world.cadre), prove(issue, world.cadre, 3)
    newer = replace_evidence(evidence=old, actor=world.cadre, file=checked(2))
    wrong.issue.refresh_from_db()
    take_back_evidence(evidence=wrong, actor=world.cadre, why="传错了")
    for step in ("apply", "unit_sign", "sign_off"):
        take(world, issue, step)
    assert issue.sign_offs.get().evidence == [{"name": newer.name, "sha256": newer.sha256}]
    assert issue.evidence_count == 1


def test_a_file_taken_back_counts_no_more_and_may_come_again(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    with pytest.raises(ValidationError):
        take_back_evidence(evidence=evidence, actor=world.cadre, why=" ")
    take_back_evidence(evidence=evidence, actor=world.cadre, why="传错了")
    with pytest.raises(Refused):
        take(world, Issue.objects.get(pk=issue.pk), "apply")
    prove(Issue.objects.get(pk=issue.pk), world.cadre)
    assert Issue.objects.get(pk=issue.pk).evidence_count == 1


def test_what_is_dropped_is_not_dropped_again(world: World) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)
    replace_evidence(evidence=evidence, actor=world.cadre, file=checked(2))
    with pytest.raises(Stale):
        replace_evidence(evidence=evidence, actor=world.cadre, file=checked(3))
    with pytest.raises(Stale):
        take_back_evidence(evidence=evidence, actor=world.cadre, why="传错了")
    assert Issue.objects.get(pk=issue.pk).evidence_count == 1


@pytest.mark.parametrize("until", ["apply", "unit_sign", "sign_off"])
def test_nothing_is_exchanged_or_taken_back_once_it_is_applied_for(
    world: World, until: str
) -> None:
    evidence = brought_to(world, until).evidence.get()
    with pytest.raises(PermissionDenied):
        replace_evidence(evidence=evidence, actor=world.cadre, file=checked(2))
    with pytest.raises(PermissionDenied):
        take_back_evidence(evidence=evidence, actor=world.cadre, why="传错了")


def test_with_the_rule_switched_off_the_state_itself_holds(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above: the rule is one lock, the conditional write is another."""
    evidence = brought_to(world, "apply").evidence.get()
    monkeypatch.setattr("issues.services.evidence.can_add_evidence", lambda *who: True)
    with pytest.raises(Stale):
        take_back_evidence(evidence=evidence, actor=world.cadre, why="传错了")
    monkeypatch.setattr("issues.services.evidence._count", lambda *how: None)
    take_back_evidence(evidence=evidence, actor=world.cadre, why="传错了")
    assert not Evidence.objects.current().exists()


def test_an_exchange_in_the_middle_of_an_application_voids_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = brought_to(world, "file")
    evidence = prove(issue, world.cadre)

    def meanwhile(*about: object) -> None:
        replace_evidence(
            evidence=Evidence.objects.get(pk=evidence.pk), actor=world.cadre, file=checked(2)
        )

    monkeypatch.setattr("issues.services.items.sign_off.keep_sign_off", meanwhile)
    with pytest.raises(Stale):
        take(world, issue, "apply")


def test_twenty_are_enough(world: World) -> None:
    issue = brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(evidence_count=20)
    issue.refresh_from_db()
    with pytest.raises(ValidationError, match="最多 20 份"):
        prove(issue, world.cadre)


def test_a_photo_gets_a_small_picture_without_its_place(world: World) -> None:
    evidence = prove(brought_to(world, "file"), world.cadre)
    with Image.open(evidence.thumb.open("rb")) as small:
        assert (small.format, max(small.size), dict(small.getexif())) == ("JPEG", 32, {})
