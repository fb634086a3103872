"""The home page: what waits for each person, and nothing else."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaign.choices import StageKind
from campaign.models import Campaign, Stage, StageTask
from issues.models import Issue
from organisation.models import User
from reports.queries import home
from reports.queries.home import SHOWN, Waiting, waiting
from tests.issues.conftest import brought_to
from tests.personas import ADMINISTRATORS, World
from tests.visits.appeals import raised, step
from visits.choices import Outcome, Way
from visits.models import Appeal, Target
from visits.services import record_visit


@pytest.fixture
def world(db: None) -> World:
    """The people of all tests, instead of those of the exports next door."""
    return World().build()


def people(world: World) -> dict[str, User]:
    return {name: who for name, who in vars(world).items() if isinstance(who, User)}


def page(world: World, name: str) -> str:
    answer = world.client(getattr(world, name)).get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def found_by(world: World) -> Waiting:
    return waiting(world.cadre, world.campaign)


def call_on(world: World, target: Target) -> None:
    record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=timezone.localdate(),
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )


WAITS_AFTER = {
    "submit": {"head", "deputy"},
    "confirm": {"office", "city_office"},
    "file": {"cadre"},
    "apply": {"head", "deputy"},
    "unit_sign": {"discipline"},
    "sign_off": set(),
}


@pytest.mark.parametrize("until", WAITS_AFTER)
def test_an_item_waits_on_the_page_of_whoever_is_next(world: World, until: str) -> None:
    issue = brought_to(world, until)
    found = {name for name in people(world) if issue.title in page(world, name)}
    assert found == WAITS_AFTER[until]


def test_an_own_draft_waits_for_its_author_alone(world: World) -> None:
    issue = world.issue()
    assert {name for name in people(world) if issue.title in page(world, name)} == {"cadre"}


def test_the_team_sees_how_many_are_left_and_others_see_nothing(world: World) -> None:
    first, *_ = world.households(3)
    assert found_by(world).targets_left == 3
    call_on(world, first)
    found = found_by(world)
    (area,) = found.areas
    assert (found.targets_left, area.total.covered, area.total.registered) == (2, 1, 3)
    assert "还剩 2" in page(world, "cadre")
    others = set(people(world)) - {"cadre"}
    assert {name for name in others if waiting(people(world)[name], world.campaign).areas} == set()


def test_nothing_waiting_says_so(world: World) -> None:
    StageTask.objects.all().delete()
    for name in set(people(world)) - {"cadre", *ADMINISTRATORS}:
        assert "没有等您办的事" in page(world, name), name
    assert found_by(world).is_empty  # a team whose areas hold nothing yet


def test_when_all_is_visited_nothing_waits(world: World) -> None:
    StageTask.objects.all().delete()
    for target in world.households(2):
        call_on(world, target)
    assert found_by(world).is_empty
    assert "没有等您办的事" in page(world, "cadre")


def test_more_than_ten_items_are_counted_and_the_first_shown(world: World) -> None:
    dues = [world.today + timedelta(days=n) for n in range(SHOWN + 2)]
    for due in reversed(dues):
        world.issue(due_on=due)
    found = found_by(world)
    assert found.issue_count == SHOWN + 2
    assert [issue.due_on for issue in found.issues] == dues[:SHOWN]
    text = page(world, "cadre")
    assert f'href="/issues/?waiting=on">共 {SHOWN + 2} 个' in text
    assert len(world.client(world.cadre).get("/issues/?waiting=on").context["page"]) == SHOWN + 2


def test_exactly_ten_items_need_no_second_page(world: World) -> None:
    for _ in range(SHOWN):
        world.issue()
    found = found_by(world)
    assert (found.issue_count, len(found.issues)) == (SHOWN, SHOWN)
    assert "看全部" not in page(world, "cadre")


def test_the_stage_of_today_is_marked(world: World) -> None:
    found = {each.stage.kind: (each.is_past, each.is_now) for each in found_by(world).stages}
    assert found == {
        StageKind.MOBILISATION: (True, False),
        StageKind.SELF_EXAMINATION: (False, True),
        StageKind.SUPERVISION: (False, False),
        StageKind.SUMMARY: (False, False),
    }
    assert page(world, "cadre").count('aria-current="step"') == 1


@pytest.mark.parametrize(("days", "is_past", "is_now"), [(0, False, True), (-1, True, False)])
def test_a_stage_lasts_through_its_last_day(
    world: World, days: int, is_past: bool, is_now: bool
) -> None:
    Stage.objects.filter(kind=StageKind.SELF_EXAMINATION).update(
        ends_on=world.today + timedelta(days=days)
    )
    (stage,) = (s for s in found_by(world).stages if s.stage.kind == "self_examination")
    assert (stage.is_past, stage.is_now) == (is_past, is_now)


def test_the_days_left_are_those_to_the_end(world: World) -> None:
    assert found_by(world).days_left == (world.campaign.ends_on - world.today).days == 89
    assert "距结束还有 89 天" in page(world, "leader")


def test_each_area_leads_to_its_own_part_of_the_work_list(world: World) -> None:
    world.team.areas.add(world.village2)
    text = page(world, "cadre")
    for village in (world.village, world.village2):
        assert f'href="/visits/?area={village.code}"' in text
    assert 'class="row-link" href="/visits/"' not in text


def test_without_a_campaign_items_still_wait_and_no_new_one_is_offered(world: World) -> None:
    issue = brought_to(world, "submit")
    world.households(2)
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    found = waiting(world.head, None)
    assert (found.campaign, found.stages, found.areas, found.issues) == (None, [], [], [issue])
    assert "写一个问题" not in page(world, "head")
    assert issue.title in page(world, "head")
    assert "现在没有正在进行的专项行动" in page(world, "cadre")


def test_an_administrator_sees_no_business(world: World) -> None:
    brought_to(world, "submit")
    world.households(2)
    text = page(world, "system_admin")
    assert "管理员不参与专项行动" in text
    for word in (world.campaign.name, "写一个问题", "没有等您办的事", "自查自纠"):
        assert word not in text, word


def test_who_is_not_signed_in_is_asked_to(client: object, db: None) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/")


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_costs_the_same_for_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(number):
        world.issue()
    world.team.areas.set([world.village, world.village2, world.other_village][:number])
    for village in world.team.areas.all():
        world.households(number, village)
    browser = world.client(world.cadre)
    with django_assert_num_queries(18):
        answer = browser.get("/")
    found = answer.context["waiting"]
    assert (len(found.issues), len(found.areas)) == (number, number)
    assert Issue.objects.count() == number


def test_an_outsider_sees_no_small_register_there(world: World) -> None:
    """The discipline office of the county; its office and leader see what is theirs."""
    call_on(world, world.households(4)[0])
    found = waiting(world.discipline, world.campaign).overview
    assert found
    assert found.coverage is None
    assert "数量太少，不显示" in page(world, "discipline")
    for name in ("office", "leader"):
        assert "<small>1/4</small>" in page(world, name)
    world.households(1)
    assert "<small>1/5</small>" in page(world, "discipline")


def test_without_the_question_an_outsider_would(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call_on(world, world.households(4)[0])
    monkeypatch.setattr("visits.queries.picture.sees_small_cells", lambda user, area: True)
    assert "<small>1/4</small>" in page(world, "discipline")


@pytest.mark.parametrize("name", ["discipline", "leader"])
def test_the_overview_costs_one_query_for_the_register(world: World, name: str) -> None:
    world.households(6)
    browser = world.client(getattr(world, name))
    with CaptureQueriesContext(connection) as queries:
        browser.get("/")
    read = [each["sql"] for each in queries.captured_queries]
    assert sum("visits_coveragecount" in sql for sql in read) == 1


def _handed_and_new(world: World) -> tuple[Appeal, Appeal]:
    handed = step(raised(world), "hotline", world.office, world)
    return handed, raised(world)


def test_appeals_without_a_clock_stand_behind_those_with_one(world: World) -> None:
    handed, new = _handed_and_new(world)
    assert waiting(world.office, world.campaign).appeals == [new, handed]


def test_control_in_the_order_of_the_database_they_may_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite begins with what has no day."""
    handed, new = _handed_and_new(world)
    monkeypatch.setattr(home, "BY_DEADLINE", (F("due_on").asc(nulls_first=True), "id"))
    assert waiting(world.office, world.campaign).appeals == [handed, new]
