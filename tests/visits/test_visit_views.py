"""The visitor's pages: whose targets, the form, the coverage after it, what they cost."""

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from organisation.models import User
from tests.personas import ADMINISTRATORS, World
from tests.searching import sealed
from visits.choices import OUTCOMES_OF, Handling, Outcome, TargetKind, TargetState, Way
from visits.models import Appeal, Target, Visit
from visits.queries import log
from visits.services import AppealDraft, record_visit

XSS = "<script>alert(1)</script>"


def people(world: World) -> dict[str, User]:
    return {name: who for name, who in vars(world).items() if isinstance(who, User)}


def address(target: Target) -> str:
    return f"/visits/targets/{target.pk}/visit/"


def sent(world: World, **changes: object) -> dict[str, object]:
    values = {"visited_on": world.today, "way": "home", "outcome": "effective"}
    return values | {"token": uuid.uuid4()} | changes


def shown(browser: Client, query: str = "") -> set[str]:
    return {target.name for target in browser.get(sealed(f"/visits/{query}")).context["page"]}


def visited(
    world: World,
    target: Target,
    outcome: Outcome = Outcome.EFFECTIVE,
    author: User | None = None,
) -> Visit:
    return record_visit(
        token=uuid.uuid4(),
        target=target,
        author=author or world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=outcome,
    )


# --- whose targets ------------------------------------------------------------


def test_the_work_list_holds_the_own_teams_areas_only(world: World) -> None:
    world._team("民情书记服务2队", world.colleague, world.village2)
    here, there = world.households(2), world.households(2, world.village2)
    assert shown(world.client(world.cadre)) == {target.name for target in here}
    answer = world.client(world.colleague).get("/visits/")
    assert {target.entry.pk for target in answer.context["page"]} == {target.pk for target in there}


def test_the_work_list_holds_what_is_left(world: World) -> None:
    outcomes = OUTCOMES_OF[TargetKind.HOUSEHOLD]
    targets = world.households(len(outcomes))
    for target, outcome in zip(targets, outcomes, strict=True):
        visited(world, target, outcome)
    again = {t.name for t, o in zip(targets, outcomes, strict=True)
             if o in {Outcome.ABSENT, Outcome.REFUSED}}  # fmt: skip
    assert shown(world.client(world.cadre)) == again


def test_who_may_open_the_visit_form(world: World) -> None:
    """The keepers of the register see the target but do not visit; others do not see it."""
    target = world.households(1)[0]
    found = {
        name: world.client(who).get(address(target)).status_code
        for name, who in people(world).items()
    }
    keepers = {"office", "city_office", "organisation"} | ADMINISTRATORS
    assert found == {
        name: 200 if name == "cadre" else 403 if name in keepers else 404 for name in found
    }


@pytest.mark.parametrize("name", ["colleague", "office", "stranger_office", "system_admin"])
def test_the_post_of_a_wrong_person_changes_nothing(world: World, name: str) -> None:
    target = world.households(1)[0]
    answer = world.client(getattr(world, name)).post(address(target), sent(world))
    assert answer.status_code == (403 if name in {"office", "system_admin"} else 404)
    target.refresh_from_db()
    assert (target.state, Visit.objects.count()) == (TargetState.PENDING, 0)


def test_a_covered_target_of_another_team_is_not_found(world: World) -> None:
    world._team("民情书记服务2队", world.colleague, world.village2)
    target = world.households(1)[0]
    visited(world, target)
    browser = world.client(world.colleague)
    assert browser.get(address(target)).status_code == 404
    assert browser.post(address(target), sent(world)).status_code == 404


def test_a_covered_target_can_be_visited_again_by_its_team(world: World) -> None:
    target = world.households(1)[0]
    visited(world, target)
    browser = world.client(world.cadre)
    assert browser.get(address(target)).context["previous"][0].author == world.cadre
    assert browser.post(address(target), sent(world)).status_code == 302
    assert Visit.objects.count() == 2


def test_who_sees_a_visit(world: World) -> None:
    visit = visited(world, world.households(1)[0])
    found = {
        name: world.client(who).get(f"/visits/log/{visit.pk}/").status_code
        for name, who in people(world).items()
    }
    seeing = {"cadre", "office", "city_office", "organisation"}
    refused = dict.fromkeys(ADMINISTRATORS, 403)
    assert found == {name: 200 if name in seeing else 404 for name in found} | refused
    for name, who in people(world).items():
        answer = world.client(who).get("/visits/log/")
        assert answer.status_code == (403 if name in ADMINISTRATORS else 200), name
        if name not in ADMINISTRATORS:
            found = [row for row, _ in answer.context["page"]]
            assert found == ([visit] if name in seeing else []), name


@pytest.mark.parametrize("page", ["/visits/", "/visits/log/"])
def test_an_administrator_is_told_why_there_is_nothing_here(world: World, page: str) -> None:
    answer = world.client(world.system_admin).get(page)
    assert answer.status_code == 403
    assert "这个账号不参与专项行动，看不到走访数据。" in answer.content.decode()


@pytest.mark.parametrize(("name", "offered"), [("cadre", True), ("office", False)])
def test_the_visits_page_offers_another_visit_to_whom_may_make_it(
    world: World, name: str, offered: bool
) -> None:
    visit = visited(world, world.households(1)[0])
    page = world.client(getattr(world, name)).get(f"/visits/log/{visit.pk}/").content.decode()
    link = f'href="{address(visit.target)}"'
    assert ("再次走访" in page, link in page) == (offered, offered)


@pytest.mark.parametrize("page", ["/visits/", "/visits/log/", "/visits/targets/1/visit/"])
def test_who_is_not_signed_in_is_asked_to(client: Client, db: None, page: str) -> None:
    answer = client.get(page)
    assert (answer.status_code, answer["Location"]) == (302, f"/login/?next={page}")


# --- after the visit ----------------------------------------------------------


def covered(browser: Client) -> tuple[int, int]:
    (area,) = browser.get("/visits/").context["areas"]
    return area.total.covered, area.total.registered


def test_the_coverage_shown_goes_up_by_exactly_one(world: World) -> None:
    first, second, _ = world.households(3)
    browser = world.client(world.cadre)
    assert covered(browser) == (0, 3)
    answer = browser.post(address(first), sent(world), follow=True)
    assert answer.redirect_chain == [("/visits/", 302)]
    assert f"已保存对{first.masked_name}的走访。" in answer.content.decode()
    assert covered(browser) == (1, 3)
    browser.post(address(first), sent(world))
    browser.post(address(second), sent(world, outcome="absent"))
    assert covered(browser) == (1, 3)


def test_the_same_form_sent_twice_is_one_visit(world: World) -> None:
    target, browser = world.households(1)[0], world.client(world.cadre)
    form = sent(world, appeal="路灯不亮", handling=Handling.DISPATCH)
    assert [browser.post(address(target), form).status_code for _ in range(2)] == [302, 302]
    assert (Visit.objects.count(), Appeal.objects.count()) == (1, 1)


def test_fields_that_the_form_does_not_have_change_nothing(world: World) -> None:
    target, other = world.households(2)
    more = {"target": other.pk, "author": world.head.pk, "received_at": "2020-01-01",
            "state": "visited", "unit": world.far_unit.pk}  # fmt: skip
    world.client(world.cadre).post(
        address(target), sent(world, appeal="修路", handling="dispatch", **more)
    )
    visit = Visit.objects.get()
    assert (visit.target, visit.author, visit.received_at.year) == (
        target,
        world.cadre,
        world.today.year,
    )
    assert visit.appeals.get().handling == Handling.DISPATCH


def test_an_error_shows_the_form_with_what_was_typed(world: World) -> None:
    target, browser = world.households(1)[0], world.client(world.cadre)
    form = sent(world, appeal="路灯不亮了三个月")
    page = browser.post(address(target), form).content.decode()
    assert "请选择这条诉求怎么处理。" in page
    assert "路灯不亮了三个月" in page
    assert str(form["token"]) in page
    assert Visit.objects.count() == 0


def test_what_people_type_is_text_on_every_page(world: World) -> None:
    target = world.households(1)[0]
    Target.objects.filter(pk=target.pk).update(name=XSS, address=XSS)
    target.refresh_from_db()
    visit = record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome.ABSENT,
        companions=XSS,
        heard=XSS,
        late_reason=XSS,
        appeals=[AppealDraft(XSS, Handling.DISPATCH)],
    )
    browser = world.client(world.cadre)
    pages = ["/visits/", address(target), "/visits/log/", f"/visits/log/{visit.pk}/"]
    for each in pages:
        page = browser.get(each).content.decode()
        assert XSS not in page, each
        assert "&lt;script&gt;" in page, each
    answer = browser.post(address(target), sent(world), follow=True).content.decode()
    assert XSS not in answer


# --- cost ---------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 3])
def test_the_work_list_costs_the_same_for_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    world.households(number)
    if number == 3:
        world.team.areas.add(world.village2, world.other_village)
        world.households(1, world.village2)
    browser = world.client(world.cadre)
    with django_assert_num_queries(15):
        answer = browser.get("/visits/")
    assert len(answer.context["page"]) == number


@pytest.mark.parametrize("number", [1, 3])
def test_the_log_costs_the_same_for_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for target in world.households(number):
        visited(world, target)
    browser = world.client(world.cadre)
    with django_assert_num_queries(16):
        answer = browser.get("/visits/log/")
    assert len(answer.context["page"]) == number


@pytest.mark.parametrize("few", [0, log.FEW])
def test_a_large_and_a_small_area_show_the_same_log(
    world: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read newest first, or through its register: own visits, and those of the area."""
    monkeypatch.setattr(log, "FEW", few)
    world._team("民情书记服务2队", world.colleague, world.village2)
    (here,), (there,) = world.households(1), world.households(1, world.village2)
    elsewhere = visited(world, here)
    Visit.objects.filter(pk=elsewhere.pk).update(author=world.colleague)
    visited(world, here)
    visit = visited(world, there, author=world.colleague)
    Visit.objects.filter(pk=visit.pk).update(entered_by=world.liaison)
    readers = (world.cadre, world.colleague, world.office, world.organisation, world.head)
    for person in (*readers, world.liaison):
        page = world.client(person).get("/visits/log/").context["page"]
        rows = [visit.pk for visit, _ in page]
        seen = Visit.objects.visible_to(person).order_by("-pk")
        assert rows == list(seen.values_list("pk", flat=True))
    assert list(Visit.objects.visible_to(world.colleague)) == [elsewhere, visit]
    assert list(Visit.objects.visible_to(world.liaison)) == [visit]


def test_a_large_area_is_read_no_further_than_a_span(
    world: World, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "FEW", 0)
    settings.PAGE_SPAN = 2
    for target in world.households(3):
        visited(world, target)
    page = world.client(world.office).get("/visits/log/").context["page"]
    assert (len(page), page.is_partial) == (2, True)


@pytest.mark.parametrize("number", [1, 3])
def test_the_form_costs_the_same_for_one_and_three_earlier_visits(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    (target,) = world.households(1)
    for _ in range(number):
        visited(world, target)
    browser = world.client(world.cadre)
    with django_assert_num_queries(12):
        answer = browser.get(address(target))
    assert len(answer.context["previous"]) == number


def test_further_appeals_come_with_the_visit(world: World) -> None:
    """Each behind its fold; one without its handling is said there, and nothing is saved."""
    (target,) = world.households(1)
    client, address = world.client(world.cadre), f"/visits/targets/{target.pk}/visit/"
    assert client.get(address).text.count("再加一条诉求") == 4
    sent_twice = sent(world, appeal="路灯不亮", handling=Handling.DISPATCH)
    wrong = client.post(address, sent_twice | {"more-2-appeal": "修路"})
    assert "请选择这条诉求怎么处理。" in wrong.text
    assert Visit.objects.count() == 0
    more = {"more-2-appeal": "修路", "more-2-handling": Handling.OWN_UNIT}
    assert client.post(address, sent_twice | more).status_code == 302
    assert list(Appeal.objects.order_by("id").values_list("content", flat=True)) == [
        "路灯不亮", "修路",
    ]  # fmt: skip


def test_a_search_of_the_log_looks_through_a_part_and_goes_on(world: World, settings: Any) -> None:
    settings.PAGE_SPAN = 2
    homes = world.households(5)
    for home in homes:
        visited(world, home)
    client = world.client(world.office)
    first = client.post("/visits/log/search/", {"words": homes[0].name}, follow=True)
    found, page, looked = [], first.context["page"], 1
    while True:
        found += [visit.target_id for visit, _ in page.rows]
        if not page.following:
            break
        page, looked = client.get(f"/visits/log/{page.following}").context["page"], looked + 1
    assert found == [homes[0].pk]
    assert looked > 1


def test_the_word_of_thanks_has_no_full_name(world: World) -> None:
    """It goes through a cookie."""
    (home,) = world.households(1)
    browser = world.client(world.cadre)
    answer = browser.post(address(home), sent(world))
    assert home.name not in str(answer.cookies)
    assert f"已保存对{home.masked_name}的走访" in browser.get("/visits/").text
