"""The menu: each person finds what they have to do with, and nothing else."""

import pytest

from tests.personas import World

ALL = ["首页", "专项行动", "走访", "问题清单", "三评议", "进展", "组织"]


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("cadre", ["首页", "专项行动", "走访", "问题清单"]),
        ("liaison", ["首页", "专项行动", "走访", "问题清单", "组织"]),
        ("head", ["首页", "专项行动", "走访", "问题清单", "组织"]),
        ("office", ALL),
        ("organisation", ["首页", "专项行动", "走访", "问题清单", "进展", "组织"]),
        ("discipline", ["首页", "专项行动", "问题清单", "三评议", "进展"]),
        ("leader", ["首页", "专项行动", "问题清单", "三评议", "进展"]),
        ("system_admin", ["首页", "组织", "运行状态"]),
        ("security_admin", ["首页", "组织", "安全策略"]),
        ("audit_admin", ["首页", "审计记录"]),
    ],
)
def test_the_menu_follows_the_grants(world: World, name: str, titles: list[str]) -> None:
    answer = world.client(getattr(world, name)).get("/")
    assert [entry.title for entry in answer.context["menu"]] == titles


def test_where_one_is_is_marked(world: World) -> None:
    answer = world.client(world.cadre).get("/issues/")
    assert [entry.title for entry in answer.context["menu"] if entry.active] == ["问题清单"]
