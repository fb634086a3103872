"""An appeal becomes a draft in the list of its unit; both pages lead to each other."""

import uuid
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from core.models import AuditEntry
from issues.choices import Level, Nature, Source, State
from issues.models import AppealOrigin, Issue
from issues.queries.appeals import appeals_to_take, text_of_appeals
from issues.rules import capacities, makes_items_of
from issues.services import write_item_of_appeals
from issues.workflow import Capacity, Refused
from organisation.models import User
from tests.personas import World
from tests.visits.appeals import ANSWER, appeal_at, raised, step
from visits.models import Appeal


def fresh(appeal: Appeal) -> Appeal:
    return Appeal.objects.select_related("unit__area", "area__parent", "campaign", "visit").get(
        pk=appeal.pk
    )


def with_unit(world: World, until: str = "sign") -> Appeal:
    return fresh(appeal_at(world, until))


def made(world: World, *appeals: Appeal, author: User | None = None, **more: Any) -> Issue:
    text = world.text(title="路灯总不修", leader=world.head, responsible=world.colleague)
    return write_item_of_appeals(
        appeals=appeals, author=author or world.liaison, category=world.category, text=text, **more
    )


@pytest.mark.parametrize("who", ["liaison", "head", "deputy", "office", "city_office"])
def test_office_and_unit_make_a_draft_of_the_unit(world: World, who: str) -> None:
    appeal = with_unit(world)
    item = made(world, appeal, author=getattr(world, who))
    assert (item.level, item.state, item.unit) == (Level.UNIT, State.DRAFT, world.unit)
    origin = AppealOrigin.objects.get()
    assert (origin.unit_item, origin.appeal) == (item, appeal)
    assert origin.taken_by == getattr(world, who)
    assert AuditEntry.objects.filter(act="issues.take_in_appeal").count() == 1


@pytest.mark.parametrize(
    "who", ["cadre", "other_head", "organisation", "discipline", "leader", "stranger_office"]
)
def test_nobody_else_does(world: World, who: str) -> None:
    appeal = with_unit(world)
    with pytest.raises(PermissionDenied):
        made(world, appeal, author=getattr(world, who))
    assert not Issue.objects.exists()


def test_without_the_rule_anybody_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issues.services.appeals.makes_items_of", lambda user, appeal: True)
    assert made(world, with_unit(world), author=world.other_head)


def test_not_of_an_appeal_that_no_unit_has(world: World) -> None:
    appeal = fresh(raised(world))
    assert not makes_items_of(world.office, appeal)
    with pytest.raises(PermissionDenied):
        made(world, appeal, author=world.office)


def test_appeals_of_two_units_make_no_one_item(world: World) -> None:
    one, two = with_unit(world), with_unit(world)
    two = fresh(step(two, "reassign", world.office, world))
    with pytest.raises(Refused):
        made(world, one, two, author=world.office)


def test_whoever_wrote_it_reviews_nothing_of_it(world: World) -> None:
    item = made(world, with_unit(world), author=world.office)
    assert Capacity.OFFICE not in capacities(world.office, item)
    assert Capacity.OFFICE in capacities(world.city_office, item)


def test_sent_twice_it_is_one(world: World) -> None:
    appeal, token = with_unit(world), uuid.uuid4()
    first, second = (made(world, appeal, token=token) for _ in range(2))
    assert first == second
    assert AppealOrigin.objects.count() == Issue.objects.count() == 1


def test_the_form_begins_with_what_was_asked(world: World) -> None:
    appeal = with_unit(world, "answer")
    text = text_of_appeals([appeal])
    assert (text["source"], text["nature"]) == (Source.VISITS, Nature.INDIVIDUAL)
    assert (text["title"], text["happened_on"]) == ("路灯不亮", world.today)
    assert "路灯不亮" in str(text["event"])
    assert ANSWER in str(text["event"])
    assert appeal.visit.target.name not in str(text)


def test_several_are_a_common_problem(world: World) -> None:
    one, two = with_unit(world), with_unit(world)
    found = list(appeals_to_take(world.office, one))
    assert found == [one, two]
    assert text_of_appeals(found)["nature"] == Nature.COMMON


### Pages


def address(appeal: Appeal) -> str:
    return f"/issues/of-appeal/{appeal.pk}/"


def sent(world: World, *appeals: Appeal) -> dict[str, Any]:
    text = world.text(leader=world.head.pk, responsible=world.colleague.pk)
    return text | {
        "category": world.category.pk,
        "appeals": [each.pk for each in appeals],
        "token": str(uuid.uuid4()),
    }


def test_from_the_appeal_to_the_item_and_back(world: World) -> None:
    appeal = with_unit(world)
    client = world.client(world.liaison)
    page = f"/visits/appeals/{appeal.pk}/"
    assert address(appeal) in client.get(page).text
    form = client.get(address(appeal))
    assert "路灯不亮" in form.text
    assert not Issue.objects.exists()
    done = client.post(address(appeal), sent(world, appeal))
    item = Issue.objects.get()
    assert done.url == f"/issues/{item.pk}/"
    assert page in client.get(done.url).text
    again = client.get(page).text
    assert item.number in again
    assert address(appeal) not in again


def test_a_draft_shows_to_nobody_outside_the_unit(world: World) -> None:
    appeal = with_unit(world)
    item = made(world, appeal)
    page = f"/visits/appeals/{appeal.pk}/"
    assert item.number in world.client(world.head).get(page).text
    assert item.number not in world.client(world.discipline).get(page).text


def test_only_appeals_of_the_same_unit_are_taken_along(world: World) -> None:
    one, two, foreign = with_unit(world), with_unit(world), with_unit(world)
    step(foreign, "reassign", world.office, world)
    client = world.client(world.office)
    found = client.get(address(one), {"also": [two.pk, foreign.pk, "x"]})
    assert list(found.context["appeals"]) == [one, two]
    refused = client.post(address(one), sent(world, one, foreign))
    assert refused.status_code == 422
    assert client.post(address(one), sent(world, one, two)).status_code == 302
    assert AppealOrigin.objects.count() == 2


def test_what_is_not_one_s_own_is_not_there(world: World) -> None:
    appeal = with_unit(world)
    assert world.client(world.stranger_office).get(address(appeal)).status_code == 404
    assert world.client(world.cadre).get(address(appeal)).status_code == 403
