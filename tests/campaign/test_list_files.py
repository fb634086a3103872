"""A list comes in as a file: shown first, then whole or not at all."""

import re

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from campaign.choices import ListKind
from campaign.forms import list_files as forms
from campaign.models import Campaign, Category, Taxonomy
from campaign.services import Refused, change_list, land_list
from campaign.services.list_files import MAX_ROWS, compared, read_list
from campaign.services.lists import Row, stamp_of
from core.models import AuditEntry
from tests.organisation.imports import workbook
from tests.personas import World

HEADINGS = ["方面", "表现", "说明"]
TWO = [
    ["形式主义", "以会议落实会议", "层层转发"],
    [None, "层层加码", None],
    ["官僚主义", "高高在上", "不接地气"],
]
READ = [
    ("以会议落实会议", "层层转发", "形式主义"),
    ("层层加码", "", "形式主义"),
    ("高高在上", "不接地气", "官僚主义"),
]


def address(world: World, step: str = "upload") -> str:
    return f"/campaign/{world.campaign.pk}/lists/{step}/"


def file(rows: list[list[object]], headings: list[str] = HEADINGS) -> SimpleUploadedFile:
    return SimpleUploadedFile("清单.xlsx", workbook([headings, *rows]))


def shown(client: Client, world: World, rows: list[list[object]], **more: object) -> HttpResponse:
    return client.post(address(world), {"name": "八个方面", "file": file(rows)} | more)


def sealed(page: HttpResponse) -> dict[str, str]:
    (found,) = re.findall(r'name="checked" value="([^"]+)"', page.content.decode())
    return {"checked": found}


def words(taxonomy: Taxonomy) -> list[tuple[object, ...]]:
    return list(taxonomy.categories.values_list("number", "aspect", "name", "gloss"))


### What a file says


def faults(rows: list[list[object]], headings: list[str] = HEADINGS) -> tuple[str, ...]:
    return read_list(name="清单.xlsx", content=workbook([headings, *rows])).faults


def test_cells_that_were_joined_are_of_the_aspect_above() -> None:
    found = read_list(name="清单.xlsx", content=workbook([HEADINGS, *TWO]))
    assert (found.faults, [row[1:] for row in found.rows]) == ((), READ)


@pytest.mark.parametrize(
    ("headings", "rows"),
    [
        (["表现"], [["拖拖拉拉"], ["推诿扯皮"]]),
        (["表现", "说明"], [["拖拖拉拉", ""], ["推诿扯皮", ""]]),
        (["表现", "方面"], [["拖拖拉拉", ""], ["推诿扯皮", ""]]),
    ],
)
def test_one_column_is_enough(headings: list[str], rows: list[list[object]]) -> None:
    found = read_list(name="清单.xlsx", content=workbook([headings, *rows]))
    assert [row[1:] for row in found.rows] == [("拖拖拉拉", "", ""), ("推诿扯皮", "", "")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_csv_says_the_same(encoding: str) -> None:
    content = (
        "方面,表现,说明\n形式主义,以会议落实会议,层层转发\n,层层加码,\n官僚主义,高高在上,不接地气\n"
    )
    found = read_list(name="清单.CSV", content=content.encode(encoding))
    assert [row[1:] for row in found.rows] == READ


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([["甲", None, "说明"]], "第 2 行「表现」：必填，不能为空。"),
        ([["甲", "乙", None], ["甲", "乙 ", None]], "第 3 行「表现」：「乙」在第 2 行已经有了。"),
        ([["甲", "字" * 81, None]], "第 2 行「表现」：有 81 个字，不能超过 80 个字。"),
        ([["字" * 41, "乙", None]], "第 2 行「方面」：有 41 个字，不能超过 40 个字。"),
        ([["甲", "乙", "=1+1"]], "第 2 行「说明」：是公式。"),
        ([["甲", "+乙", None]], "第 2 行「表现」：不能以「+」开头。"),
        ([["甲", f"第{n}种", None] for n in range(MAX_ROWS + 1)], "一次最多导入 100 行。"),
        ([], "表头下面没有数据。"),
    ],
)
def test_a_fault_is_named_with_its_place(rows: list[list[object]], said: str) -> None:
    (fault,) = faults(rows)
    start, _, end = said.partition("：")
    assert start in fault
    assert end.rstrip("。") in fault


def test_a_formula_in_csv_is_none() -> None:
    content = '表现,说明\n"=HYPERLINK(""http://x"")",\n'.encode()
    assert read_list(name="a.csv", content=content).faults == (
        "第 2 行「表现」：不能以「=」开头。",
    )


def test_foreign_columns_are_named() -> None:
    (fault,) = faults([["甲", "乙", "丙"]], ["方面", "表现", "备注"])
    assert "多出「备注」（C 列）" in fault


def test_the_form_to_fill_in_and_the_list_as_it_stands_are_read_back(world: World) -> None:
    client = world.client(world.city_office)
    empty = b"".join(client.get(address(world, "template")).streaming_content)
    assert "下面没有数据" in read_list(name="a.xlsx", content=empty).faults[0]
    ills = world.category.taxonomy
    Category.objects.filter(taxonomy=ills, number__lt=4).update(aspect="一")
    Category.objects.filter(taxonomy=ills, number__gte=4).update(aspect="二")
    filled = client.get(f"{address(world, 'template')}?list={ills.pk}")
    found = read_list(name="a.xlsx", content=b"".join(filled.streaming_content))
    change = compared(ills, found.rows)
    assert (found.faults, change.added, change.removed) == ((), 0, ())
    assert [row.pk for row in change.rows] == [row.pk for row in ills.categories.all()]
    assert client.get(f"{address(world, 'template')}?list=999999").status_code == 404


### From the file to the list


def test_a_new_list_is_shown_then_stands_once(world: World) -> None:
    client = world.client(world.city_office)
    page = shown(client, world, TWO)
    assert page.status_code == 200
    assert not world.campaign.taxonomies.filter(name="八个方面").exists()
    for _ in range(2):
        answer = client.post(address(world, "land"), sealed(page))
        assert (answer.status_code, answer["Location"]) == (
            302,
            f"/campaign/{world.campaign.pk}/lists/",
        )
    added = world.campaign.taxonomies.get(name="八个方面")
    assert added.kind == ListKind.PROBLEM
    rows = [(aspect, name, gloss) for name, gloss, aspect in READ]
    assert words(added) == [(n, *row) for n, row in enumerate(rows, start=1)]
    assert AuditEntry.objects.filter(act="campaign.change_list").count() == 1


def test_a_list_that_stands_keeps_the_rows_that_the_file_names(world: World) -> None:
    world.issue()
    ills = world.category.taxonomy
    kept = world.category
    rows = [["新的方面", "新的一种", ""], ["新的方面", kept.name, "新的说明"]]
    client = world.client(world.city_office)
    page = shown(client, world, rows, name="", target=ills.pk)
    assert (page.context["change"].added, len(page.context["change"].removed)) == (1, 9)
    client.post(address(world, "land"), sealed(page))
    kept.refresh_from_db()
    assert (kept.number, kept.aspect, kept.gloss) == (2, "新的方面", "新的说明")
    assert [row[2] for row in words(ills)] == ["新的一种", kept.name]


def test_what_problems_use_cannot_be_left_out(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.issue()
    ills = world.category.taxonomy
    client = world.client(world.city_office)
    page = shown(client, world, TWO, name="", target=ills.pk)
    assert (page.status_code, len(page.context["faults"])) == (422, 1)
    assert f"文件里没有「{world.category.name}」" in page.context["faults"][0]
    monkeypatch.setattr("campaign.services.list_files.is_used", lambda row: False)
    page = shown(client, world, TWO, name="", target=ills.pk)
    answer = client.post(address(world, "land"), sealed(page))
    assert "已有问题使用，不能删除" in answer.context["faults"][0]  # the write asks again
    assert len(words(ills)) == 10


def test_one_fault_and_nothing_is_written(world: World) -> None:
    client = world.client(world.city_office)
    page = shown(client, world, [*TWO, ["官僚主义", "层层加码", ""]])
    assert page.status_code == 422
    assert page.context["faults"] == ["第 5 行「表现」：「层层加码」在第 3 行已经有了。"]
    assert "没有写入，有 1 处要改" in page.text
    assert not re.search('name="checked"', page.text)


def test_a_list_needs_a_name_or_the_list_that_it_is(world: World) -> None:
    page = shown(world.client(world.city_office), world, TWO, name=" ")
    assert page.status_code == 422
    assert page.context["form"].errors == {"name": ["请给新清单起个名称，或选要更新的清单。"]}


def test_a_list_of_another_campaign_cannot_be_meant(world: World) -> None:
    ills = world.category.taxonomy
    other = Campaign.objects.get(pk=world.campaign.pk)
    other.pk, other.name = None, "另一次专项行动"
    other.save()
    foreign = other.taxonomies.create(name="别处的清单")
    client = world.client(world.city_office)
    page = shown(client, world, TWO, name="", target=foreign.pk)
    assert set(page.context["form"].errors) == {"target"}
    assert shown(client, world, TWO, name="", target=ills.pk).status_code == 200


def test_what_was_shown_must_still_be_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ills = world.category.taxonomy
    client = world.client(world.city_office)
    page = shown(client, world, TWO, name="", target=ills.pk)
    change_list(taxonomy=ills, rows=[Row(None, "别人写的", "")], actor=world.city_office)
    answer = client.post(address(world, "land"), sealed(page))
    assert (answer.status_code, words(ills)) == (422, [(1, "", "别人写的", "")])
    monkeypatch.setattr("campaign.services.lists.stamp_of", lambda taxonomy: _seen(page, world))
    answer = client.post(address(world, "land"), sealed(page))
    assert answer.status_code == 302  # without the fingerprint the other's rows are gone
    assert len(words(ills)) == 3


def _seen(page: HttpResponse, world: World) -> str:
    return str(signing.loads(sealed(page)["checked"], salt=forms.SALT)[-1])


def test_a_name_that_is_taken_is_refused(world: World) -> None:
    with pytest.raises(Refused, match="已有同名的清单"):
        land_list(
            campaign=world.campaign,
            taxonomy=None,
            name="作风十弊",
            rows=[Row(None, "一种", "")],
            seen=stamp_of(None),
            actor=world.city_office,
        )


def test_nobody_else_confirms_what_one_was_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = forms.CheckedList(world.campaign.pk, None, "别人的", [Row(None, "一种", "")], "")
    foreign = {"checked": paper.sealed(world.office)}
    client = world.client(world.city_office)
    answer = client.post(address(world, "land"), foreign)
    assert answer.context["faults"] == ["这不是您在这里检查过的文件，请重新上传。"]
    monkeypatch.setattr(forms, "CONFIRM_WITHIN", forms.timedelta(seconds=-1))
    own = {"checked": paper.sealed(world.city_office)}
    answer = client.post(address(world, "land"), own)
    assert answer.context["faults"] == ["确认页面已过期，请重新上传文件。"]
    monkeypatch.undo()
    assert client.post(address(world, "land"), own).status_code == 302


def test_the_office_of_a_part_may_not(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(world.client(world.office), world, TWO).status_code == 403
    monkeypatch.setattr("campaign.rules.keeps_campaign", lambda user, campaign: True)
    assert shown(world.client(world.office), world, TWO).status_code == 200


### The rows one by one


def test_a_row_of_an_aspect_comes_to_stand_with_its_neighbours(world: World) -> None:
    ills = world.category.taxonomy
    rows = [Row(None, "甲一", "", "甲"), Row(None, "乙一", "", "乙"), Row(None, "甲二", "", "甲")]
    change_list(taxonomy=ills, rows=rows, actor=world.city_office)
    assert [row[1:3] for row in words(ills)] == [("甲", "甲一"), ("甲", "甲二"), ("乙", "乙一")]
    page = world.client(world.city_office).get(f"/campaign/{world.campaign.pk}/lists/{ills.pk}/")
    assert page.text.count('name="aspect_') == 6
    seen = world.client(world.cadre).get(f"/campaign/{world.campaign.pk}/lists/").text
    assert re.findall(r'<h3 class="aspect">(.)</h3>', seen) == ["甲", "乙"]


def test_lists_without_aspects_do_not_ask_for_any(world: World) -> None:
    ills = world.category.taxonomy
    page = world.client(world.city_office).get(f"/campaign/{world.campaign.pk}/lists/{ills.pk}/")
    assert 'name="aspect_' not in page.text
