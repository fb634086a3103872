"""Several appeals to 12345 at once: ticked, looked at with a number each, all or nothing."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from campaign.models import Campaign
from core.models import AuditEntry
from organisation.models import User
from tests.personas import World
from tests.visits.appeals import fresh, raised, step
from visits.appeal_way import BY_NAME
from visits.choices import AppealState
from visits.models import Appeal, AppealEvent
from visits.services import AT_MOST, Handed, NotHanded, appeal_steps, hand_over

BOARD = "/visits/appeals/"
WAITING = f"{BOARD}?state=unassigned"
LOOK, TAKE = f"{BOARD}hotline/look/", f"{BOARD}hotline/take/"


@pytest.fixture
def some(world: World) -> list[Appeal]:
    return [raised(world, content=f"第{number}处路灯不亮") for number in (1, 2, 3)]


def sent(appeals: list[Appeal], **more: object) -> dict[str, Any]:
    """What the page in between sends, with a number and a category for each."""
    data: dict[str, Any] = {"appeal": [each.pk for each in appeals]}
    for each in appeals:
        data |= {f"number-{each.pk}": f"LC{each.number}", f"seen-{each.pk}": each.step_count}
        data[f"category-{each.pk}"] = "utilities"
    return data | more


def post(world: World, address: str, data: object, who: User | None = None) -> HttpResponse:
    answer: HttpResponse = world.client(who or world.office).post(address, data)
    return answer


def ticked(appeals: list[Appeal]) -> dict[str, Any]:
    return {"appeal": [each.pk for each in appeals]}


def states(appeals: list[Appeal]) -> list[str]:
    return [fresh(each).state for each in appeals]


def steps_taken() -> int:
    return AppealEvent.objects.filter(step="hotline").count()


### The board


def test_the_boxes_stand_where_they_wait_to_be_dispatched(world: World, some: list[Appeal]) -> None:
    client = world.client(world.office)
    assert client.get(WAITING).text.count('form="bulk"') == len(some)
    assert 'name="appeal"' not in client.get(BOARD).text
    for who in (world.organisation, world.discipline, world.cadre):
        assert 'name="appeal"' not in world.client(who).get(WAITING).text


def test_without_the_rule_others_have_boxes(
    world: World, some: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.views.appeals.dispatches", lambda user, appeal: True)
    assert 'name="appeal"' in world.client(world.organisation).get(WAITING).text


### The page in between


def test_it_says_which_go_and_why_others_do_not(world: World, some: list[Appeal]) -> None:
    step(some[1], "assign", world.office, world)
    answer = post(world, LOOK, ticked(some))
    assert [each["appeal"] for each in answer.context["open"]] == [some[0], some[2]]
    assert [look.appeal for look in answer.context["shut"]] == [some[1]]
    text = answer.content.decode()
    for words in (str(some[0]), "没有分类", some[0].area.name, f"{some[0].due_on:%Y-%m-%d}"):
        assert words in text
    assert "现在是「待签收」，只有待分派的才能转12345。" in text
    assert states(some) == [AppealState.UNASSIGNED, AppealState.ISSUED, AppealState.UNASSIGNED]


def test_of_an_archived_campaign_none_goes(world: World, some: list[Appeal]) -> None:
    Campaign.objects.update(archived_at=timezone.now())
    answer = post(world, LOOK, ticked(some))
    assert answer.context["open"] == []
    assert "已经归档" in answer.content.decode()
    assert post(world, TAKE, sent(some)).status_code == 403
    assert states(some) == [AppealState.UNASSIGNED] * 3


def test_nothing_ticked_and_too_much(
    world: World, some: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    for data in ({}, {"appeal": ["x", "9" * 30]}):
        for address in (LOOK, TAKE):
            answer = post(world, address, data)
            assert (answer.status_code, answer["Location"]) == (302, WAITING)
    monkeypatch.setattr("visits.services.AT_MOST", 2)
    assert post(world, LOOK, ticked(some)).status_code == 302
    assert post(world, TAKE, sent(some)).status_code == 302
    assert states(some) == [AppealState.UNASSIGNED] * 3
    assert AT_MOST == 50


@pytest.mark.parametrize("number", [1, 3])
def test_the_look_asks_as_often_for_many(
    world: World,
    some: list[Appeal],
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, data = world.client(world.office), ticked(some[:number])
    client.post(LOOK, data)
    with django_assert_num_queries(7):
        assert len(client.post(LOOK, data).context["open"]) == number


### What they are about


def test_only_those_without_a_category_are_asked_for_it(world: World, some: list[Appeal]) -> None:
    Appeal.objects.filter(pk=some[0].pk).update(category="roads")
    text = post(world, LOOK, ticked(some)).content.decode()
    assert [f'name="category-{each.pk}"' in text for each in some] == [False, True, True]
    assert post(world, TAKE, sent(some)).status_code == 302
    assert [fresh(each).category for each in some] == ["roads", "utilities", "utilities"]


@pytest.mark.parametrize("category", ["", "gardening"])
def test_without_a_category_none_goes(world: World, some: list[Appeal], category: str) -> None:
    answer = post(world, TAKE, sent(some, **{f"category-{some[1].pk}": category}))
    text = answer.content.decode()
    assert (answer.status_code, text.count("is-invalid")) == (422, 1)
    assert f'id="unnamed-{some[1].pk}"' in text
    assert text.count('value="utilities" selected') == 2
    assert steps_taken() == 0


def test_one_that_stays_needs_no_category(world: World, some: list[Appeal]) -> None:
    stays = {f"number-{some[1].pk}": "", f"category-{some[1].pk}": ""}
    assert post(world, TAKE, sent(some, **stays)).status_code == 302
    assert states(some) == [AppealState.HOTLINE, AppealState.UNASSIGNED, AppealState.HOTLINE]


def test_the_step_asks_for_it_whoever_takes_it(
    world: World, some: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [Handed(some[0], "LC1", 0)]
    with pytest.raises(NotHanded, match="请选择诉求的类别"):
        hand_over(lines=lines, actor=world.office)
    lax = replace(BY_NAME["hotline"], needs_category=False)
    monkeypatch.setitem(BY_NAME, "hotline", lax)
    assert hand_over(lines=lines, actor=world.office) == 1


### Handed over


def test_each_is_a_step_of_its_own(world: World, some: list[Appeal]) -> None:
    answer = post(world, TAKE, sent(some))
    assert (answer.status_code, answer["Location"]) == (302, WAITING)
    for each in map(fresh, some):
        assert (each.state, each.hotline_number) == (AppealState.HOTLINE, f"LC{each.number}")
        assert (each.due_on, each.step_count) == (None, 1)
    assert AuditEntry.objects.filter(act="visits.appeal_hotline").count() == len(some)
    assert steps_taken() == len(some)


def test_without_a_number_it_stays(world: World, some: list[Appeal]) -> None:
    client = world.client(world.office)
    answer = client.post(TAKE, sent(some, **{f"number-{some[0].pk}": " "}), follow=True)
    assert states(some) == [AppealState.UNASSIGNED, AppealState.HOTLINE, AppealState.HOTLINE]
    assert "已转12345：2 件。没有填工单号的 1 件没有转。" in answer.text


def test_not_one_number(world: World, some: list[Appeal]) -> None:
    answer = post(world, TAKE, sent(some) | {f"number-{each.pk}": "" for each in some})
    assert answer.status_code == 422
    assert "还没有填工单号" in answer.content.decode()
    assert steps_taken() == 0


def test_a_number_that_is_none_holds_all_up_and_keeps_what_was_typed(
    world: World, some: list[Appeal]
) -> None:
    answer = post(world, TAKE, sent(some, **{f"number-{some[1].pk}": "9" * 41}))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "41 个字" in text or "40" in text
    assert f'value="LC{some[0].number}"' in text
    assert text.count("is-invalid") == 1
    assert steps_taken() == 0


@pytest.mark.parametrize("seen", ["", "x", "-1"])
def test_a_form_of_somebody_elses_making(world: World, some: list[Appeal], seen: str) -> None:
    answer = post(world, TAKE, sent(some, **{f"seen-{some[2].pk}": seen}))
    assert answer.status_code == 422
    assert steps_taken() == 0


def test_sent_again_it_changes_nothing(world: World, some: list[Appeal]) -> None:
    data = sent(some)
    for _ in range(2):
        assert post(world, TAKE, data).status_code == 302
        assert steps_taken() == len(some)
    assert AuditEntry.objects.filter(act="visits.appeal_hotline").count() == len(some)


def test_of_two_tabs_one_wins_and_nothing_is_half_done(world: World, some: list[Appeal]) -> None:
    first, second = sent(some[1:2]), sent(some)
    assert post(world, TAKE, first).status_code == 302
    other = second | {f"number-{some[1].pk}": "LC77"}
    answer = post(world, TAKE, other)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert f"{some[1]}没有转成，其余的也都没有转" in text
    assert [look.appeal for look in answer.context["shut"]] == [some[1]]
    assert f'value="LC{some[0].number}"' in text
    assert states(some) == [AppealState.UNASSIGNED, AppealState.HOTLINE, AppealState.UNASSIGNED]
    assert fresh(some[1]).hotline_number == f"LC{some[1].number}"
    assert steps_taken() == 1


def test_without_the_seen_number_a_step_on_something_else_is_taken(
    world: World, some: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: what was dispatched and came back meanwhile is another matter than was seen."""
    data = sent(some)
    Appeal.objects.filter(pk=some[0].pk).update(step_count=F("step_count") + 2)
    assert post(world, TAKE, data).status_code == 422
    assert steps_taken() == 0

    def plain(appeal: Appeal, changes: Any, *, seen: int) -> None:
        appeal.step_count += 1
        Appeal.objects.filter(pk=appeal.pk).update(step_count=appeal.step_count, **changes)
        appeal.state = changes["state"]

    monkeypatch.setattr(appeal_steps, "move", plain)
    assert post(world, TAKE, data).status_code == 302
    assert steps_taken() == len(some)


### Who


def test_nobody_hands_over_the_appeals_of_others(world: World, some: list[Appeal]) -> None:
    for who in (world.head, world.liaison, world.organisation, world.discipline, world.cadre):
        assert post(world, LOOK, ticked(some), who).status_code == 403
        assert post(world, TAKE, sent(some), who).status_code == 403
    far = post(world, TAKE, sent(some), world.stranger_office)
    assert (far.status_code, far["Location"]) == (302, WAITING)  # none of them is there for him
    assert states(some) == [AppealState.UNASSIGNED] * 3


@pytest.mark.parametrize(
    ("who", "refusal"), [("organisation", NotHanded), ("stranger_office", PermissionDenied)]
)
def test_the_service_asks_by_itself(
    world: World, some: list[Appeal], who: str, refusal: type[Exception]
) -> None:
    lines = [Handed(each, "LC1", 0, "other") for each in some]
    with pytest.raises(refusal):
        hand_over(lines=lines, actor=getattr(world, who))
    assert steps_taken() == 0


def test_without_the_parts_anybody_hands_over(
    world: World, some: list[Appeal], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(appeal_steps, "parts_in", lambda user, appeal: frozenset(appeal_steps.Part))
    lines = [Handed(each, "LC1", 0, "other") for each in some]
    assert hand_over(lines=lines, actor=world.stranger_office) == len(some)


### One number, one appeal


def test_of_two_with_one_number_none_goes(world: World, some: list[Appeal]) -> None:
    same = {f"number-{each.pk}": "LC7" for each in some[:2]}
    answer = post(world, TAKE, sent(some, **same))
    assert answer.status_code == 422
    faults = [each["fault"] for each in answer.context["open"]]
    assert faults == ["", f"和{some[0]}填的一样。一个工单号只登记一件诉求，请核对。", ""]
    assert states(some) == [AppealState.UNASSIGNED] * 3


def test_a_number_of_another_holds_them_up(world: World, some: list[Appeal]) -> None:
    step(some[0], "hotline", world.office, world, number="LC7")
    answer = post(world, TAKE, sent(some[1:], **{f"number-{some[2].pk}": "LC7"}))
    assert answer.status_code == 422
    assert f"工单号「LC7」已经登记在{some[0]}上" in answer.text
    assert states(some[1:]) == [AppealState.UNASSIGNED] * 2
