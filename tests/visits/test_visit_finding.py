"""Finding a target on the work list."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from campaign.models import Campaign
from tests.personas import World
from tests.searching import sealed
from tests.visits.test_visit_views import shown, visited
from visits.choices import TargetKind
from visits.models import Target
from visits.services import add_targets


@pytest.fixture
def register(world: World) -> list[Target]:
    """A household, a village and an enterprise with an address."""
    more = [
        Target(
            campaign=world.campaign,
            kind=TargetKind.ENTERPRISE,
            code="91350100M000100Y43",
            name="东阿阿胶厂",
            area=world.village,
            address="工业路 8 号",
        ),
        Target(
            campaign=world.campaign,
            kind=TargetKind.VILLAGE,
            code=world.village.code,
            name="前关村委会",
            area=world.village,
        ),
    ]
    world.households(1)
    add_targets(campaign=world.campaign, targets=more, actor=None)
    return list(Target.objects.order_by("pk"))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?words=阿胶", {"东阿阿胶厂"}),
        ("?words=91350100m", {"东阿阿胶厂"}),
        ("?words=工业路", set()),  # the address is encrypted
        ("?words=前关村", {"户主0", "东阿阿胶厂", "前关村委会"}),
        ("?kind=household", {"户主0"}),
        ("?kind=village", {"前关村委会"}),
        ("?kind=enterprise&words=户主", set()),
        ("?kind=nonsense", {"户主0", "东阿阿胶厂", "前关村委会"}),
        ("?words=%", set()),
    ],
)
def test_search_and_kind(
    world: World, register: list[Target], query: str, expected: set[str]
) -> None:
    assert shown(world.client(world.cadre), query) == expected


def test_the_list_goes_on_over_pages_and_keeps_the_filter(
    world: World, settings: LazySettings
) -> None:
    settings.PAGE_SIZE = 2
    targets = world.households(5)
    browser, query, seen = world.client(world.cadre), sealed("?words=户主"), []
    while query:
        page = browser.get(f"/visits/{query}").context["page"]
        seen += [target.entry for target in page]
        query = page.following
        assert not query or "words=" in query
    assert seen == targets[::-1]


def test_words_find_what_is_covered_with_its_state(world: World, register: list[Target]) -> None:
    household = register[0]
    visited(world, household)
    browser = world.client(world.cadre)
    assert shown(browser) == {"东阿阿胶厂", "前关村委会"}
    assert shown(browser, "?words=+&kind=household") == set()
    assert shown(browser, "?words=户主") == {"户主0"}
    assert shown(browser, "?words=户主&kind=nonsense") == {"户主0"}
    page = browser.get(sealed("/visits/?words=户主")).content.decode()
    assert '<span class="state state-done">已走访</span>' in page
    assert f'href="/visits/targets/{household.pk}/visit/"' in page
    assert shown(world.client(world.colleague), "?words=户主") == set()


def test_an_area_narrows_the_list_to_all_that_lies_under_it(world: World) -> None:
    world.team.areas.set([world.township])
    world.households(1)
    there = world.households(2, world.village2)
    world.households(1, world.other_village)
    browser = world.client(world.cadre)

    def found(area: str) -> set[int]:
        return {row.entry.pk for row in browser.get(f"/visits/?area={area}").context["page"]}

    assert found(world.village2.code) == {target.pk for target in there}
    assert len(found(world.township.code)) == len(found(world.county.code)) == 3
    assert found(world.other_village.code) == set()
    assert found("371599999999") == set()


def test_the_area_is_named_kept_in_the_search_and_taken_away(world: World) -> None:
    world.households(1)
    browser = world.client(world.cadre)
    page = browser.get(f"/visits/?area={world.village.code}").content.decode()
    assert "只看前关村" in page
    assert f'<input type="hidden" name="area" value="{world.village.code}"' in page
    assert '<a class="btn btn-link" href="/visits/">清除</a>' in page
    for query in ("", "?area=nowhere"):
        assert "只看" not in browser.get(f"/visits/{query}").content.decode()


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("户主1", {"户主1"}),
        ("前关", {"户主0", "户主1"}),
        ("甲cadre", {"户主0", "户主1"}),
        ("后关", set()),
        ("", {"户主0", "户主1"}),
    ],
)
def test_the_log_is_searched_by_name_village_and_author(
    world: World, words: str, names: set[str]
) -> None:
    for target in world.households(2):
        visited(world, target)
    answer = world.client(world.cadre).get(sealed(f"/visits/log/?words={words}"))
    assert {visit.target.name for visit, _ in answer.context["page"]} == names
    assert ("没有找到" in answer.content.decode()) is not bool(names)


def test_the_log_of_others_is_not_searched(world: World) -> None:
    visited(world, world.households(1)[0])
    answer = world.client(world.stranger_office).get(sealed("/visits/log/?words=户主"))
    assert list(answer.context["page"]) == []


def test_nothing_found_nothing_left_no_team_no_campaign(world: World) -> None:
    browser = world.client(world.cadre)
    target = world.households(1)[0]
    assert "没有找到" in browser.get(sealed("/visits/?words=无此人")).content.decode()
    visited(world, target)
    assert "都走访到了" in browser.get("/visits/").content.decode()
    assert "您还没有编入服务队" in world.client(world.colleague).get("/visits/").content.decode()
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    assert "现在没有正在进行的专项行动" in browser.get("/visits/").content.decode()
