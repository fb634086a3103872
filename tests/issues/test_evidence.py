"""issues.services.add_evidence: by whom, when, and once."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from issues.choices import State
from issues.models import Evidence, Issue
from issues.services import Stale, add_evidence
from issues.workflow import Refused
from tests.issues.conftest import brought_to, checked, prove, take
from tests.personas import World


def test_closing_is_not_applied_for_without_evidence(world: World) -> None:
    issue = brought_to(world, "file")
    with pytest.raises(Refused) as refused:
        take(world, issue, "apply")
    assert str(refused.value) == "申请销号前请至少上传一份佐证材料。"
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
