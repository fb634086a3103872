"""Links on which people answer the call-back themselves: who makes them, and what counts."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from core.models import AuditEntry
from organisation.models import Posting, User
from tests.personas import World
from tests.threads import shared_database, together
from tests.visits.appeals import ANSWER, a_working_day_later, appeal_at, called, fresh, raised, step
from visits.appeal_way import Part, Refused
from visits.choices import AppealState, CallResult, CallWay
from visits.models import Appeal, AppealEvent, CallBack, CallBackLink
from visits.queries.links import hash_of, links_of, standing_link
from visits.services import VOID, Stale, Void, answer_by_link, make_link, merge_appeal

__all__ = ["shared_database"]

YES = {"result": "satisfied", "solved": "yes"}
WRONG = "0" * 26


def link(appeal: Appeal, actor: User, voice: int = 0) -> str:
    """Made anew where one is there, as somebody does who sees that one."""
    of = list(appeal.voices.all())[voice]
    there = links_of([of], appeal.redo_count).get(of.pk)
    return make_link(appeal=appeal, voice=of, actor=actor, seen=there.mark if there else "")[1]


def answered(code: str, **changes: Any) -> Appeal:
    values: dict[str, Any] = {"result": CallResult.SATISFIED, "solved": True}
    return fresh(answer_by_link(code=code, **values | changes))


@pytest.fixture
def asked(world: World) -> tuple[Appeal, str]:
    """An answered appeal with the code of a link."""
    appeal = appeal_at(world, "answer")
    return appeal, link(appeal, world.organisation)


### Who makes one


@pytest.mark.parametrize("who", ["office", "organisation", "city_office"])
def test_whoever_may_call_makes_a_link(world: World, who: str) -> None:
    appeal = appeal_at(world, "answer")
    code = link(appeal, getattr(world, who))
    assert standing_link(code)
    assert AuditEntry.objects.filter(act="visits.make_call_back_link").count() == 1


@pytest.mark.parametrize("who", ["cadre", "liaison", "head", "discipline", "stranger_office"])
def test_nobody_else_does(world: World, who: str) -> None:
    appeal = appeal_at(world, "answer")
    with pytest.raises(PermissionDenied):
        link(appeal, getattr(world, who))


def test_without_the_rule_the_handler_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    appeal = appeal_at(world, "answer")
    monkeypatch.setattr("visits.services.links.parts_in", _everything)
    assert link(appeal, world.liaison)


def _everything(*whoever: object) -> frozenset[object]:
    return frozenset(Part)


def test_only_for_an_appeal_that_is_answered(world: World) -> None:
    appeal = appeal_at(world, "sign")
    with pytest.raises(Refused):
        link(appeal, world.office)


def test_not_for_the_voice_of_another(world: World) -> None:
    appeal, other = appeal_at(world, "answer"), raised(world)
    with pytest.raises(Refused):
        make_link(appeal=appeal, voice=other.voices.get(), actor=world.office)


def test_the_code_is_kept_nowhere(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    (row,) = CallBackLink.objects.values()
    assert code not in str(row)
    assert row["code_hash"] == hash_of(code)
    assert code not in str(list(AuditEntry.objects.values()))


### What counts


def test_content_closes_it(world: World, asked: tuple[Appeal, str]) -> None:
    appeal, code = asked
    after = answered(code, said="谢谢")
    assert (after.state, after.result, after.solved) == (AppealState.CLOSED, "satisfied", True)
    call = CallBack.objects.get()
    assert (call.way, call.caller, call.said) == (CallWay.LINK, world.organisation, "谢谢")
    event = AppealEvent.objects.filter(appeal=appeal).latest("pk")
    assert (event.step, event.actor) == ("close", None)
    assert event.note == "群众在链接上作答：满意，已解决：谢谢"
    act = AuditEntry.objects.get(act="visits.appeal_close")
    assert act.actor_id is None


@pytest.mark.parametrize(
    ("result", "solved"),
    [(CallResult.DISSATISFIED, True), (CallResult.SATISFIED, False)],
)
def test_discontent_sends_it_back_without_a_word(
    world: World, asked: tuple[Appeal, str], result: CallResult, solved: bool
) -> None:
    _, code = asked
    after = answered(code, result=result, solved=solved)
    assert (after.state, after.redo_count, after.designated) == (AppealState.HANDLING, 1, True)


def test_a_call_still_needs_the_words(world: World) -> None:
    """The database lets the link alone do without."""
    appeal = appeal_at(world, "answer")
    with pytest.raises(IntegrityError), transaction.atomic():
        CallBack.objects.create(
            appeal=appeal,
            voice=appeal.voices.get(),
            round=0,
            attempt=1,
            caller=world.office,
            way=CallWay.PHONE,
            result=CallResult.DISSATISFIED,
            solved=False,
        )


def test_it_is_used_once(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    answered(code)
    with pytest.raises(Void):
        answered(code)
    assert CallBack.objects.count() == 1


@pytest.mark.usefixtures("shared_database")
def test_of_many_at_once_one_counts(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    done = together([lambda: answered(code)] * 5)
    assert CallBack.objects.count() == 1
    assert [type(each) for each in done].count(Void) == 4


def test_typed_in_small_letters_it_opens(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    assert standing_link(code.lower())
    assert answered(code.lower()).state == AppealState.CLOSED


def test_who_was_not_reached_may_still_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The appeal waits for somebody else too."""
    into, other = appeal_at(world, "sign"), raised(world, content="路灯又坏了")
    merge_appeal(appeal=other, into=into, actor=world.office, seen=0, reason="同一件")
    appeal = appeal_at_answer(world, into)
    for _ in range(3):
        appeal = called(appeal, world.organisation, CallResult.UNREACHABLE, solved=None, voice=0)
        a_working_day_later(monkeypatch)
    code = link(appeal, world.organisation, voice=0)
    assert answered(code).state == AppealState.ANSWERED
    assert called(fresh(appeal), world.organisation, voice=1).state == AppealState.CLOSED


def appeal_at_answer(world: World, appeal: Appeal) -> Appeal:
    return step(fresh(appeal), "answer", world.liaison, world)


### When it is void


def _over(world: World, appeal: Appeal) -> None:
    CallBackLink.objects.update(until=timezone.localdate() - timedelta(days=1))


def _called(world: World, appeal: Appeal) -> None:
    called(appeal, world.organisation)


def _redone(world: World, appeal: Appeal) -> None:
    appeal = called(appeal, world.organisation, CallResult.DISSATISFIED, solved=False)
    appeal_at_answer(world, appeal)


def _made_anew(world: World, appeal: Appeal) -> None:
    link(appeal, world.office)


def _too_near(world: World, appeal: Appeal) -> None:
    Posting.objects.filter(user=world.organisation).update(unit=world.unit)


ENDS: list[Callable[[World, Appeal], None]] = [_over, _called, _redone, _made_anew, _too_near]


@pytest.mark.parametrize("end", ENDS)
def test_it_is_void_and_says_the_same_as_an_unknown_one(
    world: World, asked: tuple[Appeal, str], end: Callable[[World, Appeal], None]
) -> None:
    appeal, code = asked
    end(world, appeal)
    before = CallBack.objects.count()
    with pytest.raises(Void):
        answered(code)
    known, unknown = (Client().post(f"/h/{each}/", YES) for each in (code, WRONG))
    assert known.status_code == unknown.status_code == 200
    assert known.text == unknown.text
    assert VOID in known.text
    assert CallBack.objects.count() == before


@pytest.mark.parametrize("end", ENDS[:1])
def test_without_the_question_a_late_answer_counts(
    world: World,
    asked: tuple[Appeal, str],
    end: Callable[[World, Appeal], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    appeal, code = asked
    end(world, appeal)
    found = CallBackLink.objects.select_related(
        "made_by", "voice__appeal__unit__area", "voice__appeal__area"
    ).get()
    monkeypatch.setattr("visits.services.links.standing_link", lambda code: found)
    assert answered(code).state == AppealState.CLOSED


def test_an_archived_campaign_takes_no_answer(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    type(world.campaign).objects.update(archived_at=timezone.now())
    assert VOID in Client().post(f"/h/{code}/", YES).text


### The pages


def test_the_public_page_shows_what_the_person_may_know(
    world: World, asked: tuple[Appeal, str]
) -> None:
    appeal, code = asked
    response = Client().get(f"/h/{code}/")
    assert "路灯不亮" in response.text
    assert ANSWER in response.text
    target = appeal.visit.target
    for hidden in (target.name, target.masked_name, world.cadre.name, world.liaison.name):
        assert hidden not in response.text
    assert response["Cache-Control"] == "no-store"
    assert "noindex" in response["X-Robots-Tag"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "sessionid" not in response.cookies


def test_an_answer_is_sent_and_thanked_for(world: World, asked: tuple[Appeal, str]) -> None:
    appeal, code = asked
    response = Client().post(f"/h/{code}/", YES, follow=True)
    assert "谢谢您" in response.text
    assert fresh(appeal).state == AppealState.CLOSED
    assert VOID in Client().post(f"/h/{code}/", YES).text


@pytest.mark.parametrize("left", [{"solved": "yes"}, {"result": "satisfied"}, {}])
def test_both_questions_are_asked(
    world: World, asked: tuple[Appeal, str], left: dict[str, str]
) -> None:
    _, code = asked
    assert "请选一项" in Client().post(f"/h/{code}/", left).text
    assert not CallBack.objects.exists()


def test_nobody_is_unreachable_on_a_link(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    Client().post(f"/h/{code}/", YES | {"result": "unreachable"})
    assert not CallBack.objects.exists()


def test_a_work_account_does_not_answer(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    client = world.client(world.liaison)
    assert "不能替群众作答" in client.get(f"/h/{code}/").text
    client.post(f"/h/{code}/", YES)
    assert not CallBack.objects.exists()


def test_staff_cannot_say_that_a_call_was_a_link(world: World) -> None:
    appeal = appeal_at(world, "answer")
    sent = YES | {"seen": appeal.step_count, "voice": appeal.voices.get().pk, "way": "link"}
    page = world.client(world.office).post(f"/visits/appeals/{appeal.pk}/calls/", sent)
    assert page.status_code == 422


def test_guesses_shut_the_door_for_their_network(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    client = Client(REMOTE_ADDR="10.1.2.3")
    for _ in range(30):
        assert VOID in client.get(f"/h/{WRONG}/").text
    assert "请过一会儿再打开" in client.get(f"/h/{code}/").text
    assert "路灯不亮" in Client(REMOTE_ADDR="10.9.2.3").get(f"/h/{code}/").text


def test_a_dead_link_is_no_guess(world: World, asked: tuple[Appeal, str]) -> None:
    appeal, code = asked
    called(appeal, world.organisation)
    client = Client(REMOTE_ADDR="10.1.2.3")
    for _ in range(31):
        assert VOID in client.get(f"/h/{code}/").text


def test_without_the_throttle_guessing_goes_on(
    world: World, asked: tuple[Appeal, str], settings: Any
) -> None:
    settings.AXES_ENABLED = False
    _, code = asked
    for _ in range(31):
        Client(REMOTE_ADDR="10.1.2.3").get(f"/h/{WRONG}/")
    assert "路灯不亮" in Client(REMOTE_ADDR="10.1.2.3").get(f"/h/{code}/").text


def test_the_page_of_an_appeal_gives_a_link_to_send(world: World) -> None:
    appeal = appeal_at(world, "answer")
    client = world.client(world.organisation)
    address = f"/visits/appeals/{appeal.pk}/"
    assert "生成回访链接" in client.get(address).text
    made = client.post(f"{address}link/", {"voice": appeal.voices.get().pk})
    code = made.context["address"].rsplit("/", 2)[1]
    assert made.context["address"] == f"http://testserver/h/{code}/"
    assert standing_link(code)
    assert "重新生成回访链接" in client.get(address).text
    assert "生成回访链接" not in world.client(world.head).get(address).text


def test_its_trail_says_that_the_person_answered(world: World, asked: tuple[Appeal, str]) -> None:
    appeal, code = asked
    answered(code, result=CallResult.DISSATISFIED, solved=False, said="还是不亮")
    page = world.client(world.head).get(f"/visits/appeals/{appeal.pk}/").text
    assert "群众在链接上作答：不满意，没有解决：还是不亮" in page


def test_the_public_page_asks_few_questions(
    world: World, asked: tuple[Appeal, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    _, code = asked
    client = Client()
    with django_assert_num_queries(6):
        client.get(f"/h/{code}/")


def test_of_two_presses_on_the_same_page_one_makes_a_link(world: World) -> None:
    appeal = appeal_at(world, "answer")
    code = link(appeal, world.office)
    with pytest.raises(Stale):
        make_link(appeal=appeal, voice=appeal.voices.get(), actor=world.office)
    assert standing_link(code)


def test_guesses_by_a_sent_form_shut_it_too(world: World, asked: tuple[Appeal, str]) -> None:
    _, code = asked
    client = Client(REMOTE_ADDR="10.1.2.3")
    for _ in range(30):
        assert VOID in client.post(f"/h/{WRONG}/", YES).text
    assert "请过一会儿再打开" in client.get(f"/h/{code}/").text
