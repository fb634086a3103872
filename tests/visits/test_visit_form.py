"""The visit form: short, and clear about what is wrong."""

import uuid
from datetime import date, timedelta

import pytest

from campaign.models import Campaign
from tests.personas import World
from tests.visits.appeals import SPOT, asked_by, draft
from visits.choices import AT_ONCE, Handling, Outcome, Way
from visits.forms.visit import VisitForm
from visits.models import Target
from visits.services import AppealDraft
from visits.services.appeals import NO_ANSWER


@pytest.fixture
def target(world: World) -> Target:
    return world.households(1)[0]


def sent(world: World, **changes: object) -> dict[str, object]:
    """What a browser sends for the shortest visit."""
    values = {
        "visited_on": world.today,
        "way": Way.HOME,
        "outcome": Outcome.EFFECTIVE,
        "companions": "",
        "heard": "",
        "appeal": "",
        "handling": "",
        "late_reason": "",
        "token": uuid.uuid4(),
    }
    return values | changes


def errors(world: World, target: Target, **changes: object) -> dict[str, list[str]]:
    return dict(VisitForm(sent(world, **changes), target=target).errors)


def test_a_visit_asks_for_eight_fields_at_most(target: Target) -> None:
    form = VisitForm(target=target)
    assert len(asked_by(form)) <= 8
    asked = [field.name for field in form.visible_fields() if field.field.required]
    assert asked == ["visited_on", "way", "outcome"]
    late = VisitForm(initial={"visited_on": date(2020, 1, 1)}, target=target)
    assert len(asked_by(late)) <= 8
    assert "late_reason" in asked_by(late)


def test_the_usual_visit_needs_no_typing(world: World, target: Target) -> None:
    """What an untouched form sends is a whole visit: today, at home, effective."""
    form = VisitForm(target=target)
    untouched = {field.name: field.value() or "" for field in form}
    again = VisitForm(untouched, target=target)
    assert again.is_valid()
    assert again.visit() == {
        "token": uuid.UUID(form["token"].value()),
        "visited_on": world.today,
        "way": Way.HOME,
        "outcome": Outcome.EFFECTIVE,
        "began": None,
        "companions": "",
        "heard": "",
        "late_reason": "",
        "appeals": [],
    }


def test_every_opened_form_has_its_own_token(target: Target) -> None:
    assert VisitForm(target=target)["token"].value() != VisitForm(target=target)["token"].value()


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (1, {"visited_on": ["走访日期不能晚于今天。"]}),
        (0, {}),
        (-3, {}),
        (-4, {"late_reason": ["已过 3 天，请写一句补录原因。"]}),
        (-40, {"late_reason": ["已过 3 天，请写一句补录原因。"]}),
        (-41, {"visited_on": ["专项行动从 {start} 开始，请检查日期。"]}),
    ],
)
def test_days_at_their_edges(
    world: World, target: Target, days: int, expected: dict[str, list[str]]
) -> None:
    """The campaign of the tests began 40 days ago."""
    start = f"{world.campaign.starts_on:%Y-%m-%d}"
    found = errors(world, target, visited_on=world.today + timedelta(days=days))
    assert found == {name: [t.format(start=start) for t in e] for name, e in expected.items()}


def test_a_late_entry_with_a_reason_is_taken(world: World, target: Target) -> None:
    day = world.today - timedelta(days=20)
    assert errors(world, target, visited_on=day, late_reason="山里没有信号") == {}


def test_after_the_campaign_nothing_more_is_counted(world: World, target: Target) -> None:
    last = world.today - timedelta(days=1)
    Campaign.objects.update(ends_on=last)
    target = Target.objects.select_related("campaign").get(pk=target.pk)
    assert errors(world, target) == {
        "visited_on": [f"专项行动到 {last:%Y-%m-%d} 结束，请检查日期。"]
    }
    assert errors(world, target, visited_on=last) == {}


def test_an_appeal_needs_its_handling_and_the_other_way_round(world: World, target: Target) -> None:
    assert errors(world, target, appeal="路灯不亮") == {"handling": ["请选择这条诉求怎么处理。"]}
    assert errors(world, target, handling=Handling.DISPATCH) == {
        "appeal": ["请写明诉求内容，或把处理方式改回空白。"]
    }
    form = VisitForm(sent(world, appeal="路灯不亮", handling=Handling.DISPATCH), target=target)
    assert form.is_valid()
    assert form.visit()["appeals"] == [AppealDraft("路灯不亮", Handling.DISPATCH)]


@pytest.mark.parametrize("handling", sorted(AT_ONCE))
def test_an_answer_on_the_spot_is_kept_in_its_words(
    world: World, target: Target, handling: str
) -> None:
    said = {"appeal": "路灯不亮", "handling": handling}
    assert errors(world, target, **said) == {"answer": [NO_ANSWER]}
    form = VisitForm(sent(world, **said, answer=SPOT), target=target)
    assert form.is_valid()
    assert form.visit()["appeals"] == [draft("路灯不亮", Handling(handling))]


def test_words_of_an_answer_that_was_not_given_are_left_out(world: World, target: Target) -> None:
    """Written before the choice was changed, when the field went out of sight."""
    said = {"appeal": "路灯不亮", "handling": Handling.DISPATCH, "answer": SPOT}
    form = VisitForm(sent(world, **said), target=target)
    assert form.is_valid()
    assert [each.answer for each in form.visit()["appeals"]] == [""]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("visited_on", "昨天"),
        ("way", "flight"),
        ("outcome", "great"),
        ("handling", "later"),
        ("token", "1"),
        ("token", ""),
    ],
)
def test_nonsense_is_named_where_it_stands(
    world: World, target: Target, name: str, value: str
) -> None:
    assert name in errors(world, target, **{name: value})


def test_an_error_keeps_what_was_typed_and_the_token(world: World, target: Target) -> None:
    data = sent(world, visited_on=date(2020, 1, 1), heard="说了很多", appeal="修路")
    form = VisitForm(data, target=target)
    page = form.as_p()
    assert not form.is_valid()
    assert all(text in page for text in ("说了很多", "修路", str(data["token"])))


def test_line_breaks_count_once_as_in_the_browser(world: World, target: Target) -> None:
    assert errors(world, target, heard="字\r\n" * 500) == {}
    assert set(errors(world, target, heard="字" * 1001)) == {"heard"}
