"""The pages of appeals: the board, one appeal with its steps, the call-back, the rates."""

from datetime import timedelta
from itertools import pairwise

import pytest
from django.conf import LazySettings
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from organisation.models import User
from tests.personas import World
from tests.visits.appeals import (
    ANSWER,
    a_working_day_later,
    appeal_at,
    called,
    fresh,
    raised,
    step,
)
from visits.appeal_way import TRIES
from visits.choices import AppealState, CallResult
from visits.models import Appeal, AppealExtension, CallBack
from visits.services import merge_appeal

BOARD = "/visits/appeals/"
RATES = f"{BOARD}rates/"


def page(world: World, who: User, appeal: Appeal) -> str:
    return world.client(who).get(f"{BOARD}{appeal.pk}/").text


def taken(world: World, who: User, appeal: Appeal, name: str, **data: object) -> int:
    sent = {"seen": appeal.step_count} | data
    return world.client(who).post(f"{BOARD}{appeal.pk}/steps/{name}/", sent).status_code


def said(world: World, who: User, appeal: Appeal, **data: object) -> int:
    sent = {
        "seen": appeal.step_count,
        "voice": appeal.voices.first().pk,
        "result": "satisfied",
        "solved": "yes",
        "way": "phone",
    }
    return world.client(who).post(f"{BOARD}{appeal.pk}/calls/", sent | data).status_code


### The board


def test_the_board_is_empty_and_says_so(world: World) -> None:
    assert "没有诉求" in world.client(world.head).get(BOARD).text


def test_the_board_shows_what_one_may_see(world: World) -> None:
    appeal_at(world, "assign")
    assert "路灯不亮" in world.client(world.head).get(BOARD).text
    assert "路灯不亮" in world.client(world.office).get(BOARD).text
    assert "路灯不亮" not in world.client(world.other_head).get(BOARD).text
    assert "路灯不亮" not in world.client(world.stranger_office).get(BOARD).text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"new", "handled"}),
        ({"state": "handling"}, {"handled"}),
        ({"state": "ended"}, set()),
        ({"words": "路灯"}, {"new", "handled"}),
        ({"words": "住建局"}, {"handled"}),
        ({"words": "诉求1号"}, {"new"}),
        ({"category": "roads"}, {"handled"}),
        ({"lamp": "yellow"}, {"new"}),
        ({"lamp": "green"}, {"handled"}),
        ({"lamp": "red"}, set()),
        ({"waiting": "on"}, {"new"}),
    ],
)
def test_it_is_narrowed(world: World, query: dict[str, str], expected: set[str]) -> None:
    new = raised(world)
    handled = step(raised(world), "assign", world.office, world, category="roads")
    handled = step(handled, "sign", world.liaison, world)
    client = world.client(world.office)
    answer = client.post(f"{BOARD}search/", query)
    found = client.get(answer.url).context["page"]
    names = {new.pk: "new", handled.pk: "handled"}
    assert {names[each.pk] for each in found} == expected


def test_it_is_narrowed_to_a_township(world: World) -> None:
    raised(world)
    client = world.client(world.city_office)
    for area, number in ((world.township, 1), (world.other_township, 0)):
        found = client.get(BOARD, {"township": area.pk}).context["page"]
        assert len(found) == number


def test_tabs_count_and_stop_counting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("", "", "assign"):
        appeal_at(world, name)
    client = world.client(world.office)
    numbers = {tab["label"]: tab["number"] for tab in client.get(BOARD).context["tabs"]}
    assert (numbers["待分派"], numbers["待签收"], numbers["已办结"]) == ("2", "1", "0")
    monkeypatch.setattr("visits.queries.appeals.MOST", 1)
    numbers = {tab["label"]: tab["number"] for tab in client.get(BOARD).context["tabs"]}
    assert numbers["待分派"] == "1+"


def test_pages_follow_each_other(world: World, settings: LazySettings) -> None:
    settings.PAGE_SIZE = 2
    for _ in range(5):
        raised(world)
    client, address, seen = world.client(world.office), BOARD, []
    while address:
        found = client.get(address).context["page"]
        seen += [each.pk for each in found]
        address = BOARD + found.following if found.following else ""
    assert len(seen) == 5
    assert all(a > b for a, b in pairwise(seen))


@pytest.mark.parametrize("number", [1, 3])
def test_the_board_asks_as_often_for_many(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        appeal_at(world, "assign")
    client = world.client(world.office)
    client.get(BOARD)
    with django_assert_num_queries(19):
        assert client.get(BOARD).text.count("row-link") == number


### One appeal in the browser


def test_from_the_visit_to_the_closure(world: World) -> None:
    appeal = raised(world)
    assert taken(world, world.office, appeal, "assign", unit=world.unit.pk, category="roads") == 302
    appeal = fresh(appeal)
    assert (appeal.category, appeal.unit) == ("roads", world.unit)
    assert taken(world, world.liaison, appeal, "sign") == 302
    answer = {"note": ANSWER, "internal": "物料由镇里出"}
    assert taken(world, world.liaison, fresh(appeal), "answer", **answer) == 302
    text = page(world, world.organisation, appeal)
    assert all(words in text for words in ("请问", ANSWER, "物料由镇里出"))
    assert "物料由镇里出" not in page(world, world.discipline, appeal)
    assert said(world, world.organisation, fresh(appeal)) == 302
    assert fresh(appeal).state == AppealState.CLOSED


def test_the_page_offers_what_the_post_takes(world: World) -> None:
    appeal = appeal_at(world, "sign")
    assert "steps/answer/" in page(world, world.liaison, appeal)
    assert "steps/reassign/" in page(world, world.office, appeal)
    assert "steps/answer/" not in page(world, world.office, appeal)
    assert 'id="steps"' not in page(world, world.organisation, appeal)


def test_the_handler_neither_sees_the_call_nor_may_post_it(world: World) -> None:
    appeal = appeal_at(world, "answer")
    assert 'id="call"' in page(world, world.organisation, appeal)
    for who in (world.liaison, world.head, world.cadre):
        assert 'id="call"' not in page(world, who, appeal)
        assert said(world, who, appeal) == 403
    assert not CallBack.objects.exists()


def test_control_with_the_rule_away_the_handler_gets_the_form(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal = appeal_at(world, "answer")
    world.organisation.postings.update(unit=world.unit)
    assert 'id="call"' not in page(world, world.organisation, appeal)
    monkeypatch.setattr("visits.rules.stands_too_near", lambda *_: False)
    assert 'id="call"' in page(world, world.organisation, appeal)


def test_another_unit_does_not_find_it(world: World) -> None:
    appeal = appeal_at(world, "sign")
    assert taken(world, world.other_head, appeal, "answer", note=ANSWER) == 404
    assert taken(world, world.office, appeal, "answer", note=ANSWER) == 422
    assert fresh(appeal).state == AppealState.HANDLING


def test_what_is_refused_keeps_what_was_written(world: World) -> None:
    appeal = appeal_at(world, "sign")
    client, address = world.client(world.liaison), f"{BOARD}{appeal.pk}/steps/answer/"
    stale = client.post(address, {"seen": 0, "note": ANSWER})
    assert (stale.status_code, ANSWER in stale.text) == (422, True)
    blank = client.post(address, {"seen": appeal.step_count, "note": " "})
    assert "请填写给群众的答复" in blank.text
    nonsense = client.post(address, {"seen": "x"})
    assert nonsense.status_code == 422


def test_an_incomplete_call_says_what_is_missing(world: World) -> None:
    appeal = appeal_at(world, "answer")
    for data, words in (
        ({"solved": ""}, "解决了没有"),
        ({"result": "dissatisfied", "solved": "no"}, "写下群众说的话"),
    ):
        sent = {"seen": appeal.step_count, "voice": appeal.voices.first().pk, "way": "phone"}
        answer = world.client(world.organisation).post(
            f"{BOARD}{appeal.pk}/calls/", sent | {"result": "satisfied", "solved": "yes"} | data
        )
        assert (answer.status_code, words in answer.text) == (422, True)


def test_names_are_masked_for_whoever_handles(world: World) -> None:
    appeal = appeal_at(world, "sign")
    target = appeal.visit.target
    text = page(world, world.liaison, appeal)
    assert target.masked_name in text
    assert target.name not in text
    assert f"/visits/targets/{target.pk}/" not in text


def test_time_is_asked_for_and_granted(world: World) -> None:
    appeal = appeal_at(world, "sign")
    before = appeal.due_on
    ask = world.client(world.liaison).post(
        f"{BOARD}{appeal.pk}/days/", {"workdays": 11, "reason": "等材料"}
    )
    assert ask.status_code == 422
    world.client(world.liaison).post(
        f"{BOARD}{appeal.pk}/days/", {"workdays": 3, "reason": "等材料"}
    )
    decide = f"{BOARD}{appeal.pk}/days/decide/"
    assert world.client(world.liaison).post(decide, {"decision": "granted"}).status_code == 403
    assert world.client(world.office).post(decide, {"decision": "refused"}).status_code == 422
    assert world.client(world.office).post(decide, {"decision": "granted"}).status_code == 302
    assert fresh(appeal).due_on > before
    assert AppealExtension.objects.get().decided_by == world.office


def test_while_it_waits_for_the_person_no_days_are_granted(world: World) -> None:
    appeal = appeal_at(world, "sign")
    days = {"workdays": 3, "reason": "等材料"}
    world.client(world.liaison).post(f"{BOARD}{appeal.pk}/days/", days)
    grant = 'value="granted"'
    assert grant in page(world, world.office, appeal)
    appeal = step(fresh(appeal), "pause", world.liaison, world)
    text, why = page(world, world.office, appeal), "正在等待群众补充，继续办理后再决定"
    assert (grant in text, 'value="refused"' in text, why in text) == (False, True, True)
    decide = f"{BOARD}{appeal.pk}/days/decide/"
    answer = world.client(world.office).post(decide, {"decision": "granted"})
    assert (answer.status_code, why in answer.text) == (422, True)
    appeal = step(fresh(appeal), "resume", world.liaison, world)
    assert grant in page(world, world.office, appeal)
    Appeal.objects.filter(pk=appeal.pk).update(due_on=world.today - timedelta(days=9))
    text = page(world, world.office, appeal)
    assert (grant in text, "办理时限已过" in text) == (False, True)


def test_merged_by_the_office(world: World) -> None:
    into, other = appeal_at(world, "sign"), raised(world, content="路灯又不亮")
    sent = {"into": into.pk, "reason": "同一盏灯", "seen": other.step_count}
    address = f"{BOARD}{other.pk}/merge/"
    assert world.client(world.cadre).post(address, sent).status_code == 403
    nothing = world.client(world.office).post(address, {"seen": other.step_count})
    assert nothing.status_code == 422
    for words in ("请选择并入哪一件诉求。", "请写明并件理由"):
        assert words in nothing.text
    assert world.client(world.office).post(address, sent).status_code == 302
    assert "已并入" in page(world, world.office, other)
    assert "路灯又不亮" in page(world, world.office, into)


@pytest.mark.parametrize("name", ["assign", "reassign"])
def test_who_designates_a_unit_is_told_before(world: World, name: str) -> None:
    """And why the last one gave it back."""
    appeal = raised(world)
    assert "不能再退回" not in page(world, world.office, appeal)
    appeal = appeal_at(world, "assign", appeal)
    if name == "assign":
        appeal = step(appeal, "return", world.liaison, world, note="路灯归镇里管")
    shown = page(world, world.office, appeal)
    unit = shown.split(f'id="unit-{name}"')[1].split("协办单位")[0]
    assert f'aria-describedby="designates-{name}"' in unit
    assert "不能再退回" in unit
    assert ("路灯归镇里管" in unit, world.unit.name in unit.split("<p")[1]) == (
        (True, True) if name == "assign" else (False, False)
    )
    assert step(appeal, name, world.office, world).designated


@pytest.mark.parametrize("until", ["", "answer"])
def test_the_page_asks_as_often_for_many_voices(
    world: World, until: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    into = appeal_at(world, until)
    client = world.client(world.office)
    client.get(f"{BOARD}{into.pk}/")
    with django_assert_max_num_queries(25):
        client.get(f"{BOARD}{into.pk}/")


### The rates


def test_the_rates_show_their_parts(world: World) -> None:
    appeal = called(appeal_at(world, "answer"), world.organisation, CallResult.DISSATISFIED)
    called(step(appeal, "answer", world.liaison, world), world.organisation)
    appeal_at(world, "sign")
    page = world.client(world.office).get(reverse("visits:appeal-rates"))
    rates = {rate.name: (rate.n, rate.d) for rate in page.context["rates"]}
    assert rates == {
        "按时签收率": (2, 2), "回退率": (0, 2), "办结率": (1, 2), "按时办结率": (1, 1),
        "回访率": (1, 1), "满意率": (1, 1), "解决率": (1, 1), "重办率": (1, 1),
    }  # fmt: skip
    assert "<small>1/2</small>" in page.text


def test_the_office_reads_its_units_side_by_side_by_name(world: World) -> None:
    appeal_at(world, "answer")
    step(raised(world), "assign", world.office, world, unit=world.other_unit)
    page = world.client(world.office).get(RATES)
    names = [row.unit.name for row in page.context["rows"]]
    assert names == sorted(names)
    assert set(names) == {world.unit.name, world.other_unit.name}
    (own,) = [row for row in page.context["rows"] if row.unit == world.unit]
    assert {rate.name: (rate.n, rate.d) for rate in own.rates} == {
        "按时签收率": (1, 1), "回退率": (0, 1), "按时办结率": (1, 1), "满意率": (0, 0),
        "解决率": (0, 0),
    }  # fmt: skip
    assert "不排名次" in page.text


def test_the_office_chooses_one_unit(world: World) -> None:
    appeal_at(world, "answer")
    step(raised(world), "assign", world.office, world, unit=world.other_unit)
    client = world.client(world.office)
    page = client.get(RATES, {"held_by": world.unit.pk})
    assert page.context["counts"].raised == 1
    assert "按单位名称排列" not in page.text
    for held_by in ("0", "x"):
        assert client.get(RATES, {"held_by": held_by}).status_code == 404
    answer = client.post(f"{BOARD}search/", {"held_by": str(world.other_unit.pk)})
    found = client.get(answer.url)
    assert [each.unit for each in found.context["page"]] == [world.other_unit]
    assert f'value="{world.other_unit.pk}" selected' in found.text


def test_who_is_no_office_has_no_units_to_choose_from(world: World) -> None:
    appeal_at(world, "answer")
    for who in (world.liaison, world.organisation, world.leader):
        client = world.client(who)
        assert "rows" not in client.get(RATES, {"held_by": world.unit.pk}).context
        assert "全部单位" not in client.get(BOARD).text


def test_another_office_has_other_units(world: World) -> None:
    appeal_at(world, "answer")
    client = world.client(world.stranger_office)
    assert client.get(RATES).context["rows"] == []
    assert client.get(RATES, {"held_by": world.unit.pk}).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_the_rates_ask_as_often_for_many(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        appeal_at(world, "assign")
    client = world.client(world.office)
    client.get(RATES)
    with django_assert_num_queries(13):
        client.get(RATES)


def test_a_call_that_comes_after_the_end_is_told_so(world: World) -> None:
    """The form of the call was open in another tab when the appeal was closed."""
    appeal = appeal_at(world, "answer")
    called(appeal, world.organisation)
    assert said(world, world.organisation, appeal) == 422
    assert CallBack.objects.count() == 1


### Whom to call of several


def chosen_voice(world: World, appeal: Appeal, query: str = "") -> int | None:
    answer = world.client(world.organisation).get(f"{BOARD}{appeal.pk}/{query}")
    voice = answer.context.get("call_voice")
    return voice and voice.pk


def of_two(world: World) -> tuple[Appeal, int, int]:
    """Answered, of two people; the keys of both voices."""
    into, one = appeal_at(world, "sign"), raised(world, content="路灯又不亮")
    merge_appeal(appeal=one, into=into, actor=world.office, seen=0, reason="同一盏灯")
    into = appeal_at_answer(world, into)
    first, second = into.voices.values_list("pk", flat=True)
    return into, first, second


def appeal_at_answer(world: World, appeal: Appeal) -> Appeal:
    return step(fresh(appeal), "answer", world.liaison, world)


def test_of_several_people_any_is_called(world: World) -> None:
    appeal, first, second = of_two(world)
    assert chosen_voice(world, appeal) == first
    text = page(world, world.organisation, appeal)
    assert f'href="?voice={second}#call"' in text
    assert f'href="?voice={first}#call"' not in text
    assert chosen_voice(world, appeal, f"?voice={second}") == second
    assert chosen_voice(world, appeal, "?voice=none") == first
    assert "回访这一位" not in page(world, world.liaison, appeal)
    assert said(world, world.organisation, appeal, voice=second) == 302
    assert chosen_voice(world, fresh(appeal), f"?voice={second}") == first


def test_who_was_tried_in_vain_holds_up_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    appeal, first, second = of_two(world)
    vain = {"voice": first, "result": "unreachable", "solved": ""}
    assert said(world, world.organisation, appeal, **vain) == 302
    assert chosen_voice(world, appeal) == second  # the first may be tried another day
    assert chosen_voice(world, appeal, f"?voice={first}") == first
    for _ in range(TRIES - 1):
        a_working_day_later(monkeypatch)
        assert said(world, world.organisation, fresh(appeal), **vain) == 302
    assert chosen_voice(world, appeal, f"?voice={first}") == second
    assert said(world, world.organisation, fresh(appeal), voice=second) == 302
    assert fresh(appeal).state == AppealState.CLOSED


def test_words_of_somebody_who_was_asked_already_are_not_put_to_another(world: World) -> None:
    appeal, first, second = of_two(world)
    assert said(world, world.organisation, appeal, voice=first) == 302
    sent = {"seen": 99, "voice": first, "result": "satisfied", "way": "phone", "said": "谢谢"}
    answer = world.client(world.organisation).post(
        f"{BOARD}{appeal.pk}/calls/", sent | {"solved": "yes"}
    )
    assert (answer.status_code, answer.context["unsent"]) == (422, "谢谢")
    assert answer.context["call_form"]["voice"].value() == second
