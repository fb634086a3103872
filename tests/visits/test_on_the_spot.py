"""visits.services: what the visitor answers on the spot, and who asks whether it was one."""

import uuid

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from django.test import Client

from core.models import AuditEntry
from core.sampling import falls_on
from organisation.choices import Role
from tests.personas import World
from tests.visits.appeals import SPOT, called, draft, fresh, raised, step
from visits.appeal_rates import rates_of
from visits.appeal_way import Part, Refused
from visits.choices import AppealState, CallResult, Handling, Outcome, Way
from visits.models import AnswerSeed, Appeal, Visit
from visits.queries.appeals import counts_of, steps_for, waiting_for
from visits.services import AppealDraft, appeal_steps, call_backs, record_visit, spot

BOTH = pytest.mark.parametrize("handling", [Handling.ANSWERED, Handling.EXPLAINED])


def visit_with(world: World, *drafts: AppealDraft) -> Visit:
    return record_visit(
        token=uuid.uuid4(),
        target=world.households(1)[0],
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
        appeals=drafts,
    )


def drawn(world: World, monkeypatch: pytest.MonkeyPatch) -> Appeal:
    with monkeypatch.context() as all_of_them:
        all_of_them.setattr(spot, "ONE_IN", 1)
        return raised(world, Handling.ANSWERED)


### The words


@BOTH
def test_the_words_of_the_answer_are_kept_and_shown(world: World, handling: Handling) -> None:
    appeal = raised(world, handling)
    assert (appeal.state, appeal.answer, appeal.due_on) == (AppealState.SETTLED, SPOT, None)
    assert (appeal.unit, appeal.handler) == (world.unit, world.cadre)
    trail = appeal.events.values_list("number", "step", "actor", "unit", "note")
    assert list(trail) == [
        (0, "raise", world.cadre.pk, None, ""),
        (1, "settle", world.cadre.pk, world.unit.pk, SPOT),
    ]
    page = world.client(world.cadre).get(f"/visits/appeals/{appeal.pk}/").text
    assert SPOT in page
    assert SPOT in world.client(world.cadre).get(f"/visits/log/{appeal.visit_id}/").text


@BOTH
def test_without_words_it_is_no_answer(world: World, handling: Handling) -> None:
    with pytest.raises(Refused, match="当场怎么答复的"):
        visit_with(world, AppealDraft("修路", handling, answer=" "))
    assert not Visit.objects.exists()


def test_the_database_keeps_no_answer_without_words(world: World) -> None:
    appeal = raised(world, Handling.ANSWERED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.filter(pk=appeal.pk).update(answer="")


def test_other_words_under_one_token_are_told_from_a_repetition(world: World) -> None:
    assert spot_print("一") != spot_print("二")
    assert spot_print("") == []


def spot_print(answer: str) -> list[list[str]]:
    from visits.services.visit import answers_in

    return answers_in([AppealDraft("修路", Handling.ANSWERED, answer=answer)])


### The draw


def test_one_in_ten_is_drawn_by_the_seed_of_the_campaign(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each appeal of a visit by itself, and the same whenever it is asked again."""
    monkeypatch.setattr(spot, "ONE_IN", 3)
    visits = [visit_with(world, *[draft("修路", Handling.ANSWERED)] * 5) for _ in range(4)]
    seed = AnswerSeed.objects.get(campaign=world.campaign).seed
    for visit in visits:
        states = visit.appeals.order_by("number").values_list("state", flat=True)
        expected = [falls_on(seed, f"{visit.token}:{place}", 3) for place in range(5)]
        assert [state == AppealState.ANSWERED for state in states] == expected


def test_the_share_is_one_in_ten(world: World) -> None:
    keys = [(uuid.UUID(int=n), 0) for n in range(5000)]
    found = {key for key in keys if falls_on("seed", f"{key[0]}:{key[1]}", 10)}
    assert 400 < len(found) < 600
    other = {key for key in keys if falls_on("another", f"{key[0]}:{key[1]}", 10)}
    assert len(found & other) < 120  # who knows the tokens alone foresees nothing


def test_every_campaign_has_a_seed_of_its_own_that_is_written_nowhere_else(world: World) -> None:
    appeal = raised(world, Handling.ANSWERED)
    (kept,) = AnswerSeed.objects.all()
    raised(world, Handling.EXPLAINED)
    assert AnswerSeed.objects.get() == kept
    assert len(kept.seed) == 32
    page = world.client(world.office).get(f"/visits/appeals/{appeal.pk}/").text
    assert kept.seed not in page
    assert not any(kept.seed in str(entry.detail) for entry in AuditEntry.objects.all())


def test_what_goes_on_is_not_drawn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spot, "ONE_IN", 1)
    assert raised(world, Handling.DISPATCH).state == AppealState.UNASSIGNED
    assert raised(world, Handling.OWN_UNIT).state == AppealState.HANDLING
    assert not AnswerSeed.objects.exists()


def test_what_is_drawn_waits_for_the_call_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = drawn(world, monkeypatch)
    assert (appeal.state, appeal.workdays, appeal.answer) == (AppealState.ANSWERED, 2, SPOT)
    assert appeal.events.last().label == "当场答复，抽中回访"
    assert appeal in waiting_for(world.organisation)
    assert called(appeal, world.organisation).state == AppealState.CLOSED


### Opened for a call-back

CALLERS = {"office", "organisation", "city_office"}
PEOPLE = (
    "cadre", "colleague", "liaison", "head", "other_head", "office", "organisation", "discipline",
    "leader", "city_office", "stranger_office",
)  # fmt: skip


@pytest.mark.parametrize("who", PEOPLE)
def test_whoever_may_call_back_opens_it(world: World, who: str) -> None:
    appeal, person = raised(world, Handling.EXPLAINED), getattr(world, who)
    may = who in CALLERS
    assert [each.name for each in steps_for(person, appeal)] == (["ask"] if may else [])
    address = f"/visits/appeals/{appeal.pk}/"
    shown = f"{address}steps/ask/" in world.client(person).get(address).text
    answer = world.client(person).post(f"{address}steps/ask/", {"seen": 1})
    assert (shown, fresh(appeal).state == AppealState.ANSWERED) == (may, may)
    assert (answer.status_code == 302) == may


def test_control_without_the_rule_the_visitor_opens_his_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = raised(world, Handling.ANSWERED)
    monkeypatch.setattr(appeal_steps, "parts_in", lambda *_: {Part.CALLER})
    assert step(appeal, "ask", world.cadre, world).state == AppealState.ANSWERED


def test_opened_once_it_waits_for_the_call_back(world: World) -> None:
    appeal = step(raised(world, Handling.ANSWERED), "ask", world.office, world)
    assert (appeal.workdays, appeal.events.last().label) == (2, "发起回访")
    with pytest.raises(Refused):
        step(appeal, "ask", world.office, world)
    assert AuditEntry.objects.filter(act="visits.appeal_ask").count() == 1


@pytest.mark.parametrize("is_drawn", [True, False])
def test_neither_the_visitor_nor_his_unit_calls(
    world: World, monkeypatch: pytest.MonkeyPatch, is_drawn: bool
) -> None:
    """Also who calls back otherwise; first by the rule, then by the database alone."""
    appeal = drawn(world, monkeypatch) if is_drawn else raised(world, Handling.ANSWERED)
    near = [
        world.person(name, world.unit, Role.ORGANISATION, area=world.county)
        for name in ("near1", "near2")
    ]
    assert appeal not in waiting_for(near[0])
    if not is_drawn:
        with pytest.raises(PermissionDenied):
            step(appeal, "ask", near[0], world)
        appeal = step(appeal, "ask", world.office, world)
    for person in (*near, world.cadre):
        with pytest.raises(PermissionDenied):
            called(appeal, person)
    monkeypatch.setattr(call_backs, "parts_in", lambda *_: {Part.CALLER})
    for person in (*near, world.cadre):
        with pytest.raises(DatabaseError), transaction.atomic():
            called(appeal, person)
    assert called(appeal, world.organisation).state == AppealState.CLOSED


### What the person says


@pytest.mark.parametrize("is_drawn", [True, False])
def test_dissatisfied_it_goes_to_the_office_which_assigns_it(
    world: World, monkeypatch: pytest.MonkeyPatch, is_drawn: bool
) -> None:
    if is_drawn:
        appeal = drawn(world, monkeypatch)
    else:
        appeal = step(raised(world, Handling.ANSWERED), "ask", world.organisation, world)
    appeal = called(appeal, world.organisation, CallResult.DISSATISFIED)
    assert (appeal.state, appeal.unit, appeal.handler) == (AppealState.UNASSIGNED, None, None)
    assert (appeal.redo_count, appeal.designated, appeal.workdays) == (1, False, 1)
    appeal = step(appeal, "assign", world.office, world, unit=world.other_unit)
    appeal = step(appeal, "sign", world.other_head, world)
    appeal = step(appeal, "answer", world.other_head, world)
    with pytest.raises(PermissionDenied):
        called(appeal, world.cadre)  # whom the answer was not good enough
    near = world.person("near", world.unit, Role.ORGANISATION, area=world.county)
    with pytest.raises(PermissionDenied):
        called(appeal, near)
    appeal = called(appeal, world.organisation, CallResult.DISSATISFIED)
    assert (appeal.state, appeal.unit) == (AppealState.HANDLING, world.other_unit)


def test_the_caller_reads_whose_answer_it_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = drawn(world, monkeypatch)
    page = world.client(world.organisation).get(f"/visits/appeals/{appeal.pk}/").text
    assert f"走访干部当场答复「{SPOT.rstrip('。')}」。问题解决了吗？" in page
    assert "。」。" not in page


### The rates


def test_on_neither_side_of_any_rate(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = rates_of(counts_of(Appeal.objects.all()))
    for handling in (Handling.ANSWERED, Handling.EXPLAINED):
        raised(world, handling)
    counts = counts_of(Appeal.objects.all())
    assert rates_of(counts) == before
    assert (counts.settled, counts.settled_asked) == (2, 0)
    called(drawn(world, monkeypatch), world.organisation)
    step(Appeal.objects.order_by("pk")[0], "ask", world.office, world)
    counts = counts_of(Appeal.objects.all())
    assert (counts.settled, counts.settled_asked) == (3, 2)
    assert (counts.raised, counts.ended, counts.called, counts.satisfied) == (2, 1, 1, 1)


def test_the_page_of_the_rates_has_a_line_of_it(world: World) -> None:
    for handling in (Handling.ANSWERED, Handling.ANSWERED, Handling.EXPLAINED):
        last = raised(world, handling)
    step(last, "ask", world.office, world)
    page = world.client(world.office).get("/visits/appeals/rates/").text
    assert "当场答复 3 件，其中抽查回访 1 件" in page


def test_the_board_has_a_tab_of_it(world: World) -> None:
    raised(world, Handling.ANSWERED, "井盖松了")
    client: Client = world.client(world.office)
    found = {
        state: "井盖松了" in client.get(f"/visits/appeals/?state={state}").text
        for state in ("settled", "ended", "answered")
    }
    assert found == {"settled": True, "ended": False, "answered": False}
