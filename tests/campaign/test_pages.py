"""The pages of a campaign: made, looked at, moved, ended; everybody sees what is theirs."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from campaign.choices import GROUPS, Blueprint, StageKind
from campaign.forms.campaign import written
from campaign.models import Campaign, Stage, StageTask, TaskDone
from campaign.queries import crew_of, own_lines
from campaign.schedule import windows_from
from campaign.services import end_due_stages, see_tasks, windows_of
from organisation.choices import Role
from organisation.models import User
from organisation.services import create_unit
from tests.personas import World

DETAIL_QUERIES = 18


def client_of(world: World, name: str) -> Client:
    return world.client(getattr(world, name))


def data_of(world: World, start: date, **changes: str) -> dict[str, str]:
    windows = windows_from(start, dict.fromkeys(StageKind, 20))
    data = {"name": "新的行动", "area": str(world.county.pk), "organiser": "作风办"}
    for kind, window in windows.items():
        data |= {f"{kind}_from": str(window.start), f"{kind}_to": str(window.end)}
    return data | changes


### Made


@pytest.mark.parametrize("blueprint", Blueprint)
def test_a_campaign_is_made_from_the_page(world: World, blueprint: Blueprint) -> None:
    client = client_of(world, "office")
    assert blueprint.label in client.get("/campaign/new/").text
    page = client.get(f"/campaign/new/{blueprint}/")
    assert page.status_code == 200
    answer = client.post(f"/campaign/new/{blueprint}/", data_of(world, world.today))
    made = Campaign.objects.get(name="新的行动")
    assert answer["Location"] == f"/campaign/{made.pk}/"
    assert (made.blueprint, made.area) == (blueprint, world.county)
    joined = set(made.participants.values_list("unit__name", flat=True))
    assert joined == {world.unit.name, world.other_unit.name}  # those with a head
    assert client.get(f"/campaign/{made.pk}/").status_code == 200


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": "干部作风整顿"}, "已经有同名的专项行动"),
        ({"name": ""}, "这个字段是必填项"),
        ({"supervision_from": "2030-01-01"}, "监督检查的结束日期早于开始日期"),
        ({"mobilisation_to": "2026-02-30"}, "输入一个有效的日期"),
        ({"area": "0"}, "选择一个有效的选项"),
    ],
)
def test_faults_come_back_with_what_was_typed(
    world: World, changes: dict[str, str], words: str
) -> None:
    client = client_of(world, "office")
    answer = client.post("/campaign/new/yamen/", data_of(world, world.today, **changes))
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="作风办"' in answer.text
    assert Campaign.objects.count() == 1


def test_a_county_makes_none_for_its_neighbour(world: World) -> None:
    data = data_of(world, world.today, area=str(world.other_county.pk))
    assert client_of(world, "office").post("/campaign/new/yamen/", data).status_code == 422


def test_last_years_is_copied_from_the_page(world: World) -> None:
    client = client_of(world, "city_office")
    address = f"/campaign/{world.campaign.pk}/copy/"
    assert "领导小组办公室" in client.get(address).text
    data = data_of(world, world.today + timedelta(days=365), area=str(world.city.pk))
    assert client.post(address, data).status_code == 302
    copied = Campaign.objects.get(name="新的行动")
    assert copied.copied_from == world.campaign
    assert StageTask.objects.filter(stage__campaign=copied).count() == 13


### Looked at


def test_a_cadre_sees_the_stages_and_the_own_task_alone(world: World) -> None:
    page = client_of(world, "cadre").get("/campaign/").text
    assert "写下自己的问题" in page
    for foreign in ("召开动员大会", "逾期的任务", "逾期最多的单位", world.other_unit.name):
        assert foreign not in page


def test_a_leader_sees_what_is_late_unit_by_unit(world: World) -> None:
    page = client_of(world, "leader").get("/campaign/")
    both = sorted([world.unit, world.other_unit], key=lambda unit: unit.path)
    late = [line.unit for line in page.context["late_units"]]
    assert late == both  # the far unit lies in another county
    assert "逾期最多的单位" in page.text
    listed = client_of(world, "leader").get(f"/campaign/{world.campaign.pk}/units/")
    assert {line.unit for line in listed.context["page"]} == {world.unit, world.other_unit}


def test_an_overview_costs_the_same_for_two_units_and_for_ten(
    world: World, django_assert_num_queries
) -> None:
    client = client_of(world, "leader")
    client.get("/campaign/")
    with django_assert_num_queries(DETAIL_QUERIES):
        client.get("/campaign/")
    for number in range(8):
        unit = world._unit(f"增{number}", world.county)
        world.campaign.participants.create(unit=unit, joined_on=world.today)
    with django_assert_num_queries(DETAIL_QUERIES):
        page = client.get("/campaign/")
    assert len(page.context["found"].units) == 10


def test_the_units_stand_on_pages_of_their_own(world: World, settings: Settings) -> None:
    settings.PAGE_SIZE = 4
    for number in range(8):
        unit = world._unit(f"增{number}", world.county)
        world.campaign.participants.create(unit=unit, joined_on=world.today)
    client, address = client_of(world, "leader"), f"/campaign/{world.campaign.pk}/units/"
    seen, query = [], ""
    while query is not None:
        page = client.get(address + query)
        assert "全部 10" in page.text
        seen.append([line.unit.pk for line in page.context["page"]])
        query = page.context["page"].following or None
    assert [len(part) for part in seen] == [4, 4, 2]
    assert len({unit for part in seen for unit in part}) == 10


def test_a_units_page_counts_its_own_people_and_nobody_elses(world: World) -> None:
    """As the whole campaign counts them, of which it reads only a part."""
    below = create_unit(
        name="下属科室", kind="department", area=world.county, parent=world.unit, actor=None
    )
    world.person("deep", below, Role.CADRE, unit=below)
    apart = create_unit(
        name="下属单位", kind="department", area=world.county, parent=world.unit, actor=None
    )
    world.person("apart", apart, Role.CADRE, unit=apart)
    world.campaign.participants.create(unit=apart, joined_on=world.today)
    whole = crew_of(world.campaign)
    task = StageTask.objects.filter(stage__campaign=world.campaign, audience="cadres").first()
    for person in User.objects.filter(username__in=["cadre", "deep", "apart", "other_head"]):
        TaskDone.objects.create(task=task, person=person, done_on=world.today)
    counted = {}
    for unit in (world.unit, apart, world.other_unit):
        stages = own_lines(world.campaign, world.today, unit=unit)
        line = next(each for stage in stages for each in stage.tasks if each.task == task)
        assert line.expected == whole.expected("cadres", unit.pk)
        counted[unit.name] = line.done
    assert list(counted.values()) == [2, 1, 1]


def test_without_a_campaign_the_page_says_what_to_do(world: World) -> None:
    Campaign.objects.update(archived_at="2026-01-01T00:00+08:00")
    assert "从模板新建" in client_of(world, "office").get("/campaign/").text
    assert "作风办新建专项行动后" in client_of(world, "cadre").get("/campaign/").text


### Moved


def dates_of(world: World) -> dict[str, str]:
    windows = windows_of(world.campaign)
    data = {"seen": written(windows)}
    for kind, window in windows.items():
        data |= {f"{kind}_from": str(window.start), f"{kind}_to": str(window.end)}
    return data


def test_the_dates_of_an_ended_stage_are_only_to_read(world: World) -> None:
    client, address = client_of(world, "city_office"), f"/campaign/{world.campaign.pk}/dates/"
    assert client.get(address).text.count(" disabled") == 0
    Stage.objects.filter(kind=StageKind.MOBILISATION).update(ended_at=timezone.now())
    page = client.get(address).text
    assert re.findall(r'name="(\w+)"[^>]* disabled', page) == [
        "mobilisation_from",
        "mobilisation_to",
    ]
    assert "动员部署（已结束）" in page
    answer = client.post(address, dates_of(world) | {"mobilisation_from": "2020-01-01"})
    assert "日期没有变化。" in answer.text


def test_dates_that_are_the_same_are_not_to_be_confirmed(world: World) -> None:
    address = f"/campaign/{world.campaign.pk}/dates/"
    answer = client_of(world, "city_office").post(address, dates_of(world))
    assert answer.status_code == 200
    assert "日期没有变化。" in answer.text
    for absent in ("确认保存", "还没有保存"):
        assert absent not in answer.text


def test_dates_are_previewed_before_they_are_saved(world: World) -> None:
    client = client_of(world, "city_office")
    windows, data = windows_of(world.campaign), dates_of(world)
    first = windows[StageKind.MOBILISATION]
    data["mobilisation_to"] = str(first.end + timedelta(days=7))
    data["self_examination_from"] = str(first.end + timedelta(days=8))
    address = f"/campaign/{world.campaign.pk}/dates/"
    preview = client.post(address, data)
    assert "还没有保存。按新的日期，5 项任务的期限会变" in preview.text
    assert windows_of(world.campaign) == windows
    shown = re.search(r'name="confirm" value="([^"]+)"', preview.text)
    assert shown
    other = data | {"mobilisation_to": str(first.end + timedelta(days=3))}
    other["self_examination_from"] = str(first.end + timedelta(days=4))
    unseen = client.post(address, other | {"confirm": shown[1]})
    assert "还没有保存" in unseen.text, "other dates than those shown are shown first"
    assert windows_of(world.campaign) == windows
    assert client.post(address, data | {"confirm": shown[1]}).status_code == 302
    assert windows_of(world.campaign) != windows
    again = client.post(address, data | {"confirm": shown[1]})
    assert again.status_code == 422
    assert "别人刚刚改过阶段" in again.text


def test_a_stage_with_gaps_is_ended_by_name_with_a_reason(world: World) -> None:
    client = client_of(world, "city_office")
    address = f"/campaign/{world.campaign.pk}/stages/mobilisation/"
    assert "确要结束，请写明原因" in client.post(f"{address}end/", {"reason": ""}).text
    assert client.post(f"{address}end/", {"reason": "洪水"}).status_code == 302
    page = client_of(world, "cadre").get(address).text
    assert "洪水" in page
    assert world.city_office.name in page
    assert "带缺口" in client_of(world, "cadre").get("/campaign/").text
    for of in (address, f"/campaign/{world.campaign.pk}/units/{world.unit.pk}/"):
        tasks = client_of(world, "head").get(of).text
        assert '<span class="state">未完成</span>' in tasks
    leader = client_of(world, "leader").get("/campaign/").text
    assert "项随阶段结束而未完成" in leader
    assert "都在期限内" not in leader


def test_what_runs_beside_the_campaign_is_one_click_away(world: World) -> None:
    client = client_of(world, "office")
    client.post("/campaign/new/empty/", data_of(world, world.today))
    assert f"改为办理：{world.campaign.name}" in client.get("/campaign/").text


def test_whoever_keeps_an_ended_campaign_finds_its_archiving_in_the_list(world: World) -> None:
    link = f'href="/campaign/{world.campaign.pk}/archive/">归档…</a>'
    keeper, other = client_of(world, "city_office"), client_of(world, "office")
    assert link not in keeper.get("/campaign/all/").text
    Campaign.objects.update(ends_on=world.today - timedelta(days=1))
    assert link in keeper.get("/campaign/all/").text
    assert link not in other.get("/campaign/all/").text  # the city's campaign is not the county's
    Campaign.objects.update(archived_at=timezone.now())
    assert link not in keeper.get("/campaign/all/").text


### From the first day to the last


def test_a_campaign_runs_through_its_four_stages(world: World) -> None:
    """Stages end by themselves when their gate holds; one that does not waits for a person."""
    client = client_of(world, "office")
    client.post("/campaign/new/empty/", data_of(world, world.today))
    made = Campaign.objects.get(name="新的行动")
    task = {
        "title": "检查结果", "audience": "office", "deliverable": "一句话",
        "watch": "told", "threshold": "100", "due_from": "stage_end", "due_days": "0",
    }  # fmt: skip
    client.post(f"/campaign/{made.pk}/stages/supervision/tasks/new/", task)
    for stage in made.stages.all():
        day = stage.ends_on + timedelta(days=1)
        see_tasks(day)
        if stage.kind == StageKind.SUPERVISION:
            assert end_due_stages(day) == 0
            told = f"/campaign/tasks/{stage.tasks.get().pk}/done/"
            assert client.post(told, {"note": "查了三个单位"}).status_code == 302
        assert end_due_stages(day) == 1
    assert set(made.stages.values_list("ended_by", "end_reason")) == {(None, "")}


def test_a_cadre_sees_only_what_is_hers(world: World) -> None:
    """Her own tasks of the stage, without the sums of others; no page of the unit."""
    address = f"/campaign/{world.campaign.pk}/stages/self_examination/"
    hers, theirs = client_of(world, "cadre").get(address), client_of(world, "head").get(address)
    assert "我的任务" in hers.text
    assert {line.task.audience for line in hers.context["line"].tasks} <= GROUPS
    assert {line.expected for line in hers.context["line"].tasks} == {1}
    assert 'class="share"' not in hers.text
    assert 'class="share"' in theirs.text
    unit = f"/campaign/{world.campaign.pk}/units/{world.unit.pk}/"
    assert client_of(world, "cadre").get(unit).status_code == 404
    assert " · 任务 " not in client_of(world, "cadre").get("/campaign/").text


@pytest.mark.parametrize(
    ("heads", "status"), [("0", 422), ("-3", 422), ("10000", 422), ("三十", 422), ("9999", 302)]
)
def test_a_meeting_has_from_one_to_9999_people(world: World, heads: str, status: int) -> None:
    answer = client_of(world, "head").post(
        f"/campaign/{world.campaign.pk}/units/{world.unit.pk}/activities/new/",
        {"kind": "study", "held_on": str(world.today), "heads": heads, "summary": "学习"},
    )
    said = status == 422 and "参加人数请填 1 至 9,999 之间的整数。" in answer.text
    assert (answer.status_code, said) == (status, status == 422)
