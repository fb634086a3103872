"""What a campaign can be made from, in the words of the seeds (domain §1)."""

import pytest

from campaign import watchers
from campaign.blueprints import PLANS
from campaign.choices import BY_HAND, Audience, Blueprint, ListKind, StageKind, Watch
from campaign.forms.tasks import WATCHED
from campaign.models import Campaign, Category, StageTask, Taxonomy
from campaign.schedule import ORDER, windows_from
from campaign.services import begin_campaign, plan_of
from tests.personas import World

TASKS = [(kind, task) for kind in Blueprint for stage in PLANS[kind].stages for task in stage.tasks]


def names(plan: str, kind: ListKind) -> list[str]:
    return [row.name for each in PLANS[plan].lists if each.kind == kind for row in each.entries]


def test_the_lists_have_the_exact_words() -> None:
    assert names("three_visits", ListKind.VISIT) == ["遍访企业", "遍访村居", "遍访群众"]
    assert names("three_visits", ListKind.RATING) == ["上级领导评", "同级部门评", "服务对象评"]
    assert len(names("three_visits", ListKind.PROBLEM)) == 10
    assert [len(names("three_visits", k)) for k in (ListKind.SOURCE, ListKind.EXPOSURE)] == [5, 5]
    assert names("yamen", ListKind.PROBLEM)[1:] == [
        "工作“慵懒散”问题", "办事“推拖绕”问题", "态度“横冷硬”问题", "落实“假大空”问题",
    ]  # fmt: skip
    assert len(names("yamen", ListKind.TIER)) == 3
    assert len(names("yamen", ListKind.METHOD)) == 5
    assert len(names("yamen", ListKind.FOCUS)) == 3


def test_the_ten_prohibitions_are_examples() -> None:
    (ten,) = [each for each in PLANS["yamen"].lists if each.kind == ListKind.CHECKLIST]
    assert [row.is_example for row in ten.entries] == [True] * 10
    assert all(row.gloss.startswith("示例") for row in ten.entries)


@pytest.mark.parametrize("kind", Blueprint)
def test_a_plan_fits_its_columns(kind: Blueprint) -> None:
    assert [stage.kind for stage in PLANS[kind].stages] == list(StageKind)
    for each in PLANS[kind].lists:
        assert len(each.name) <= Taxonomy._meta.get_field("name").max_length
        for row in each.entries:
            assert len(row.name) <= Category._meta.get_field("name").max_length
            assert len(row.gloss) <= Category._meta.get_field("gloss").max_length
    for task in (task for stage in PLANS[kind].stages for task in stage.tasks):
        assert len(task.title) <= StageTask._meta.get_field("title").max_length
        assert len(task.deliverable) <= StageTask._meta.get_field("deliverable").max_length


def test_what_is_watched_can_be_seen_of_whom_it_is_asked() -> None:
    assert [task.title for _, task in TASKS if task.audience not in WATCHED[task.watch]] == []
    assert set(Watch) - BY_HAND == watchers.watched()
    assert set(WATCHED) == set(Watch)


@pytest.mark.parametrize("kind", Blueprint)
def test_a_copy_has_everything_that_was_changed(world: World, kind: Blueprint) -> None:
    plan = PLANS[kind]

    def begun(name: str, plan: object, older: Campaign | None = None) -> Campaign:
        return begin_campaign(
            plan=plan,
            name=name,
            area=world.county,
            organiser="作风办",
            windows=windows_from(world.today, plan.days),
            units=[world.unit],
            blueprint=kind,
            copied_from=older,
            actor=world.office,
        )

    first = begun("今年", plan)
    Category.objects.filter(taxonomy__campaign=first, number=1).update(name="改了的")
    StageTask.objects.filter(stage__campaign=first).update(title="改了的任务")
    copied = plan_of(first)
    second = begun("明年", copied, first)
    assert second.copied_from == first
    assert plan_of(second).lists == copied.lists
    assert plan_of(second).stages == copied.stages
    assert {row.name for each in copied.lists for row in each.entries if row} >= {"改了的"}
    assert [stage.kind for stage in copied.stages] == list(ORDER)
    titles = set(StageTask.objects.filter(stage__campaign=second).values_list("title", flat=True))
    assert titles <= {"改了的任务"}


def test_a_plan_asks_little() -> None:
    """Promise P1: most of what units owe is seen by the software, nothing is asked twice."""
    for kind in (Blueprint.THREE_VISITS, Blueprint.YAMEN):
        asked = [task for each, task in TASKS if each == kind and task.audience == Audience.UNITS]
        assert sum(task.watch in BY_HAND for task in asked) <= 1
