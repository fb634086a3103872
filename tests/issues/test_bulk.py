"""One step for many items: looked at first, each a step of its own, signatures never."""

import pytest
from django.test import Client

from issues.choices import State
from issues.models import Issue, IssueEvent
from issues.queries import shown_hash
from issues.services import Step, bulk, look_at, take_steps
from tests.issues.conftest import brought_to, prove, take
from tests.personas import World


@pytest.fixture
def submitted(world: World) -> list[Issue]:
    return [brought_to(world, "submit") for _ in range(3)]


def browser(world: World, name: str = "head") -> Client:
    return world.client(getattr(world, name))


def seen(issues: list[Issue], name: str = "confirm") -> dict[str, object]:
    """What the page in between sends."""
    sent: dict[str, object] = {"issue": [issue.pk for issue in issues]}
    for issue in issues:
        sent |= {f"step-{issue.pk}": name, f"hash-{issue.pk}": shown_hash(issue)}
    return sent


def states(issues: list[Issue]) -> list[str]:
    keys = [issue.pk for issue in issues]
    return list(Issue.objects.filter(pk__in=keys).order_by("pk").values_list("state", flat=True))


def test_looking_changes_nothing_and_says_what_each_would_become(
    world: World, submitted: list[Issue]
) -> None:
    own = world.issue(world.head)
    sent = {"issue": [*(issue.pk for issue in submitted), own.pk]}
    answer = browser(world).post("/issues/bulk/", sent)
    assert [look.move.name for look, _ in answer.context["open"]] == ["confirm"] * 3
    assert [look.issue for look in answer.context["shut"]] == [own]
    assert all(look.seen_hash for look, _ in answer.context["open"])
    assert states(submitted) == [State.SUBMITTED] * 3


def test_looking_names_what_is_like_another(world: World, submitted: list[Issue]) -> None:
    answer = browser(world).post("/issues/bulk/", {"issue": [submitted[0].pk]})
    ((look, _),) = answer.context["open"]
    assert {like.issue for like in look.likes} == set(submitted[1:])
    assert f"这段经过与{submitted[1].number}" in answer.text


def test_each_is_confirmed_by_a_step_of_its_own(world: World, submitted: list[Issue]) -> None:
    answer = browser(world).post("/issues/bulk/take/", seen(submitted))
    assert [done.issue.pk for done in answer.context["taken"]] == [i.pk for i in submitted]
    assert states(submitted) == [State.CONFIRMED] * 3
    assert IssueEvent.objects.filter(move="confirm", actor=world.head).count() == 3


def test_sent_again_it_changes_nothing(world: World, submitted: list[Issue]) -> None:
    sent, head = seen(submitted), browser(world)
    head.post("/issues/bulk/take/", sent)
    before = IssueEvent.objects.count()
    answer = head.post("/issues/bulk/take/", sent)
    assert answer.context["taken"] == []
    assert len(answer.context["refused"]) == 3
    assert IssueEvent.objects.count() == before


def test_one_that_changed_meanwhile_holds_up_no_other(world: World, submitted: list[Issue]) -> None:
    sent = seen(submitted) | {f"hash-{submitted[1].pk}": "0" * 64}
    answer = browser(world).post("/issues/bulk/take/", sent)
    (refused,) = answer.context["refused"]
    assert refused.issue == submitted[1]
    assert "不是最新内容" in refused.why_not
    assert states(submitted) == [State.CONFIRMED, State.SUBMITTED, State.CONFIRMED]


def test_a_return_needs_its_reason(world: World, submitted: list[Issue]) -> None:
    head, sent = browser(world), seen(submitted, "return") | {"back": "on"}
    answer = head.post("/issues/bulk/take/", sent | {"note": " "})
    assert answer.status_code == 422
    assert states(submitted) == [State.SUBMITTED] * 3
    head.post("/issues/bulk/take/", sent | {"note": "写清是哪一天"})
    assert states(submitted) == [State.DRAFT] * 3
    notes = IssueEvent.objects.filter(move="return").values_list("note", flat=True)
    assert set(notes) == {"写清是哪一天"}


def test_the_usual_way_of_many(world: World, submitted: list[Issue]) -> None:
    browser(world).post("/issues/bulk/take/", seen(submitted))
    browser(world, "office").post("/issues/bulk/take/", seen(submitted, "file"))
    assert states(submitted) == [State.RECTIFYING] * 3


def test_a_signature_is_never_one_of_many(world: World) -> None:
    issue = brought_to(world, "unit_sign")
    (look,) = look_at([issue], actor=world.discipline, back=False)
    assert look.move is None
    assert look.why_not == bulk.ONE_BY_ONE
    answer = browser(world, "discipline").post("/issues/bulk/take/", seen([issue], "sign_off"))
    assert answer.context["taken"] == []
    assert states([issue]) == [State.UNIT_SIGNED]


def test_without_that_question_it_would_be_signed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control switched off: the signature is taken unseen, with no proof of who signs."""
    issue = brought_to(world, "unit_sign")
    monkeypatch.setattr(bulk, "_may_be_many", lambda move, issue: True)
    browser(world, "discipline").post("/issues/bulk/take/", seen([issue], "sign_off"))
    assert states([issue]) == [State.CLOSED]


def test_nobody_takes_the_steps_of_others(world: World, submitted: list[Issue]) -> None:
    for name in ("office", "deputy", "other_head", "discipline"):
        steps = [Step(each, "file", shown_hash(each)) for each in submitted]
        done = take_steps(steps, actor=getattr(world, name))
        assert all(each.why_not for each in done)
    assert browser(world, "cadre").post("/issues/bulk/take/", seen(submitted)).status_code == 403
    far = browser(world, "stranger_office").post("/issues/bulk/take/", seen(submitted, "file"))
    assert far.status_code == 302  # none of them is there for him
    assert states(submitted) == [State.SUBMITTED] * 3


def test_own_items_are_left_out(world: World) -> None:
    issue = world.issue(world.head)
    prove_later = world.move(issue, "submit", world.head)
    (look,) = look_at([prove_later], actor=world.head, back=False)
    assert look.move is None


def test_more_than_a_hundred_are_refused(
    world: World, submitted: list[Issue], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("issues.services.AT_MOST", 2)
    answer = browser(world).post("/issues/bulk/take/", seen(submitted))
    assert answer.status_code == 302
    assert states(submitted) == [State.SUBMITTED] * 3
    assert browser(world).post("/issues/bulk/", {"issue": ["x", "9" * 30]}).status_code == 302


def test_evidence_added_after_the_look_is_noticed(world: World) -> None:
    issue = brought_to(world, "apply")
    sent = seen([issue], "unit_sign")
    Issue.objects.filter(pk=issue.pk).update(state=State.RECTIFYING)
    issue.refresh_from_db()
    prove(issue, world.cadre, 5)
    Issue.objects.filter(pk=issue.pk).update(state=State.APPLIED)
    answer = browser(world).post("/issues/bulk/take/", sent)
    assert len(answer.context["refused"]) == 1
    assert states([issue]) == [State.APPLIED]


def long_term_confirmed(world: World) -> Issue:
    issue = world.issue(**world.long_term())
    take(world, issue, "submit")
    return take(world, issue, "confirm")


def test_a_plan_is_consented_to_where_it_is_read(world: World) -> None:
    issue = long_term_confirmed(world)
    shown = browser(world, "office").post("/issues/bulk/", {"issue": [issue.pk]})
    assert [look.why_not for look in shown.context["shut"]] == [bulk.PLAN_FIRST]
    done = browser(world, "office").post("/issues/bulk/take/", seen([issue], "file"))
    assert [each.why_not for each in done.context["refused"]] == [bulk.PLAN_FIRST]
    assert states([issue]) == [State.CONFIRMED]


def test_without_that_question_it_would_be_consented_to_unread(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue = long_term_confirmed(world)
    monkeypatch.setattr(bulk, "_has_plan", lambda move, issue: False)
    browser(world, "office").post("/issues/bulk/take/", seen([issue], "file"))
    assert states([issue]) == [State.RECTIFYING]


def test_of_an_application_the_result_and_the_files_are_shown(world: World) -> None:
    issue = brought_to(world, "apply")
    answer = browser(world).post("/issues/bulk/", {"issue": [issue.pk]})
    file = issue.evidence.get()
    assert issue.events.last().note in answer.text
    assert f'href="/issues/{issue.pk}/evidence/{file.pk}/"' in answer.text
