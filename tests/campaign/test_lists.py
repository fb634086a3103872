"""The lists of a campaign and the units that take part are the office's to change."""

import re
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from campaign.models import Category, Taxonomy
from campaign.queries import crew_of, decisions_on_units
from campaign.services import Refused, change_list, join, leave
from campaign.services.lists import Row
from core.models import AuditEntry
from issues.models import Issue
from tests.personas import World


def ills(world: World) -> Taxonomy:
    return world.campaign.taxonomies.get(name="作风十弊")


def rows_of(taxonomy: Taxonomy) -> list[Row]:
    return [Row(row.pk, row.name, row.gloss) for row in taxonomy.categories.all()]


def names(taxonomy: Taxonomy) -> list[str]:
    return list(taxonomy.categories.values_list("name", flat=True))


def test_rows_are_renamed_added_moved_and_removed(world: World) -> None:
    found = ills(world)
    first, second, *rest = rows_of(found)
    wanted = [second._replace(name="改名"), first, *rest[:-1], Row(None, "第十一弊", "")]
    change_list(taxonomy=found, rows=wanted, actor=world.city_office)
    assert names(found) == [row.name for row in wanted]
    numbers = found.categories.values_list("number", flat=True)
    assert list(numbers) == list(range(1, 11))
    assert AuditEntry.objects.get(act="campaign.change_list").actor == world.city_office


def test_a_row_that_problems_use_stays(world: World) -> None:
    world.issue()
    found = ills(world)
    rows = [row for row in rows_of(found) if row.pk != world.category.pk]
    with pytest.raises(Refused, match="不能删除，可以改名"):
        change_list(taxonomy=found, rows=rows, actor=world.city_office)
    assert len(names(found)) == 10
    assert Issue.objects.get().category == world.category


def test_what_somebody_else_removed_does_not_come_back(world: World) -> None:
    found = ills(world)
    rows = rows_of(found)
    change_list(taxonomy=found, rows=rows[:-1], actor=world.city_office)
    with pytest.raises(Refused, match="别人刚刚改过"):
        change_list(taxonomy=found, rows=rows, actor=world.city_office)
    with pytest.raises(Refused, match="至少要有一行"):
        change_list(taxonomy=found, rows=[], actor=world.city_office)


def test_an_example_that_is_changed_is_none_any_more(world: World) -> None:
    found = ills(world)
    Category.objects.filter(taxonomy=found).update(is_example=True)
    first, *rest = rows_of(found)
    rows = [first._replace(gloss="正式条文"), *rest]
    change_list(taxonomy=found, rows=rows, actor=world.city_office)
    assert list(found.categories.values_list("is_example", flat=True)) == [False, *[True] * 9]


def test_the_form_keeps_what_was_typed_and_names_the_place(world: World) -> None:
    client = world.client(world.city_office)
    found = ills(world)
    address = f"/campaign/{world.campaign.pk}/lists/{found.pk}/"
    data = {f"name_{row.pk}": row.name for row in rows_of(found)} | {"gloss_new2": "只有说明"}
    answer = client.post(address, data)
    assert answer.status_code == 422
    assert "有说明没有名称" in answer.text
    assert 'value="只有说明"' in answer.text
    assert client.post(address, data | {"name_new2": "新的一弊"}).status_code == 302
    assert names(found)[-1] == "新的一弊"


def test_a_row_goes_when_both_its_fields_are_emptied_and_the_help_says_so(world: World) -> None:
    found = ills(world)
    client = world.client(world.city_office)
    address = f"/campaign/{world.campaign.pk}/lists/{found.pk}/"
    assert "把它的名称和说明都清空再保存；只清空名称的不会删。" in client.get(address).text
    last, *rest = reversed(rows_of(found))
    data = {f"name_{row.pk}": row.name for row in rest} | {f"gloss_{last.pk}": "说明"}
    assert client.post(address, data).status_code == 422
    assert client.post(address, data | {f"gloss_{last.pk}": ""}).status_code == 302
    assert names(found) == [row.name for row in reversed(rest)]


### Who takes part


def test_a_unit_joins_leaves_and_joins_again(world: World) -> None:
    args = {"today": world.today, "actor": world.city_office}
    with pytest.raises(Refused, match="请写明加入的原因"):
        join(campaign=world.campaign, unit=world.office_unit, reason=" ", **args)
    row = join(campaign=world.campaign, unit=world.office_unit, reason="新设", **args)
    assert world.office_unit.pk in crew_of(world.campaign).units
    with pytest.raises(Refused, match="已经是参与单位"):
        join(campaign=world.campaign, unit=world.office_unit, reason="又加", **args)
    with pytest.raises(Refused, match="请写明退出的原因"):
        leave(participant=row, reason=" ", **args)
    leave(participant=row, reason="机构合并", **args)
    assert world.office_unit.pk not in crew_of(world.campaign).units
    with pytest.raises(Refused, match="已经退出"):
        leave(participant=row, reason="再退", **args)
    again = join(campaign=world.campaign, unit=world.office_unit, reason="恢复", **args)
    assert (again.pk, again.left_on, again.reason) == (row.pk, None, "")
    kept = decisions_on_units(world.campaign).values_list("kind", "reason", "made_by")
    office = world.city_office.pk
    assert list(kept) == [
        ("joined", "恢复", office), ("left", "机构合并", office), ("joined", "新设", office)
    ]  # fmt: skip


def test_before_the_beginning_a_unit_joins_without_a_reason(world: World) -> None:
    type(world.campaign).objects.update(starts_on=world.today + timedelta(days=1))
    world.campaign.refresh_from_db()
    address = f"/campaign/{world.campaign.pk}/participants/"
    answer = world.client(world.city_office).post(address, {"unit": world.office_unit.name})
    assert answer.status_code == 302
    assert world.office_unit.pk in crew_of(world.campaign).units


def test_a_closed_or_foreign_unit_does_not_join(world: World) -> None:
    type(world.campaign).objects.update(area=world.county)
    world.campaign.refresh_from_db()
    with pytest.raises(Refused, match="不在东阿县的范围内"):
        join(
            campaign=world.campaign,
            unit=world.far_unit,
            reason="新设",
            today=world.today,
            actor=world.city_office,
        )
    type(world.unit).objects.filter(pk=world.office_unit.pk).update(
        closed_on=world.today - timedelta(days=1)
    )
    world.office_unit.refresh_from_db()
    with pytest.raises(Refused, match="或者已经撤销"):
        join(
            campaign=world.campaign,
            unit=world.office_unit,
            reason="新设",
            today=world.today,
            actor=world.city_office,
        )


def test_the_page_adds_and_takes_away(world: World) -> None:
    client = world.client(world.city_office)
    address = f"/campaign/{world.campaign.pk}/participants/"
    assert client.post(address, {"unit": world.office_unit.name}).status_code == 422
    data = {"unit": world.office_unit.name, "reason": "新设机构"}
    assert client.post(address, data).status_code == 302
    assert client.post(address, data | {"unit": "没有这个单位"}).status_code == 422
    client.post(f"{address}{world.office_unit.pk}/leave/", {"reason": ""})
    assert world.office_unit.pk in crew_of(world.campaign).units
    client.post(f"{address}{world.office_unit.pk}/leave/", {"reason": "机构合并"})
    page = client.get(address)
    assert "机构合并" in page.text
    assert "新设机构" in page.text


def test_a_part_of_the_name_is_enough_where_only_one_unit_has_it(world: World) -> None:
    client = world.client(world.city_office)
    address = f"/campaign/{world.campaign.pk}/participants/"
    why = {"reason": "新设机构"}
    answer = client.post(address, why | {"unit": "东阿县"})
    assert answer.status_code == 422
    (said,) = answer.context["form"].errors["unit"]
    found = re.fullmatch(
        r"名称里有「东阿县」的不止一个单位：(.+)。请写全名称，或从列表里选。", said
    )
    assert found
    free = (world.office_unit, world.discipline_unit)  # the others have joined
    assert set(found[1].split("、")) == {unit.name for unit in free}
    assert "已经是参与单位" in client.post(address, why | {"unit": "民政"}).text
    assert client.post(address, why | {"unit": "作风"}).status_code == 302
    assert world.office_unit.pk in crew_of(world.campaign).units


def test_a_name_that_is_part_of_another_is_still_a_name(world: World) -> None:
    short = world._unit("阿县", world.county)
    world.client(world.city_office).post(
        f"/campaign/{world.campaign.pk}/participants/", {"unit": short.name, "reason": "漏了"}
    )
    assert short.pk in crew_of(world.campaign).units


def test_many_units_stand_on_pages_and_are_counted_whole(world: World, settings: Settings) -> None:
    settings.PAGE_SIZE = 2
    client = world.client(world.city_office)
    first = client.get(f"/campaign/{world.campaign.pk}/participants/")
    assert "共 3 个" in first.text
    rest = client.get(f"/campaign/{world.campaign.pk}/participants/?after=2")
    shown = [[row.unit for row in page.context["page"]] for page in (first, rest)]
    units = sorted([world.unit, world.other_unit, world.far_unit], key=lambda unit: unit.path)
    assert shown == [units[:2], units[2:]]
