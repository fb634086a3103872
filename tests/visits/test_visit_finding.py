"""Finding a target on the work list."""

from datetime import timedelta

import pytest
from django.conf import LazySettings

from campaign.models import Campaign
from tests.personas import World
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
        ("?words=工业路", {"东阿阿胶厂"}),
        ("?words=前关村", {"户主0", "东阿阿胶厂", "前关村委会"}),
        ("?kind=household", {"户主0"}),
        ("?kind=village", {"前关村委会"}),
        ("?kind=enterprise&words=户主", set()),
        ("?kind=nonsense", {"户主0", "东阿阿胶厂", "前关村委会"}),
        ("?words=%25", set()),
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
    browser, query, seen = world.client(world.cadre), "?words=户主", []
    while query:
        page = browser.get(f"/visits/{query}").context["page"]
        seen += list(page)
        query = page.following
        assert not query or "words=" in query
    assert seen == targets[::-1]


def test_nothing_found_nothing_left_no_team_no_campaign(world: World) -> None:
    browser = world.client(world.cadre)
    target = world.households(1)[0]
    assert "没有找到" in browser.get("/visits/?words=无此人").content.decode()
    visited(world, target)
    assert "都走访到了" in browser.get("/visits/").content.decode()
    assert "您还没有编入服务队" in world.client(world.colleague).get("/visits/").content.decode()
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    assert "现在没有正在进行的专项行动" in browser.get("/visits/").content.decode()
