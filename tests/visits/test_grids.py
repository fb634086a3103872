"""Entries in grids: by a file, by hand and by a move; counted, shown and found with the village."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import openpyxl
import pytest
from django.conf import settings
from pytest_django import DjangoAssertNumQueries

from campaign.services import Refused
from core.columns import Rejected
from core.jobs import open_file
from core.models import Job
from core.uploads import UploadState
from organisation.choices import AreaLevel, Role
from organisation.models import Area, User
from tests.core.workbooks import filled, workbook
from tests.personas import World, make_area
from tests.searching import sealed
from tests.visits.conftest import County, Upload, person, run_apply
from tests.visits.test_coverage_page import seen_by, visit
from tests.visits.test_joining import ENTERPRISE, HOUSEHOLD, join, post
from tests.visits.test_register_changes import by, froze, keeper
from tests.visits.test_visit_service import call_on
from visits import services
from visits.choices import ChangeKind, Fault, Locality, Outcome, TargetKind
from visits.coverage import Coverage
from visits.exports.paper import write_paper_template
from visits.exports.register import write_register_template
from visits.models import RegisterChange, RegisterUpload, Target
from visits.queries import left, registered_entries, villages_given, villages_left
from visits.queries import picture as pictures
from visits.queries.denominator import counts_of
from visits.queries.left import Left
from visits.register import places
from visits.register.codes import credit_check_digit
from visits.register.columns import layout_of
from visits.register.fields import FIELDS, GRID
from visits.register.places import Gazetteer, Grid, Village
from visits.tasks import apply_register, export_coverage, export_left

__all__ = ["keeper"]

### Which grid is meant

GRIDS = [
    Grid(11, "371502001001001", "第一网格", 1),
    Grid(12, "371502001001002", "利民社区第二网格", 1),
    Grid(13, "371502001001003", "双名网格", 1),
    Grid(14, "371502001001004", "双名网格", 1),
    Grid(15, "371502001001005", "3", 1),
    Grid(16, "371502001001006", "东片（北）", 1),
    Grid(21, "371502001002001", "第一网格", 2),
    Grid(99, "371502001000001", "街道网格", 77),  # of no village
]
VILLAGES = [
    Village(1, "371502001001", "利民社区居委会", "柳园街道", True),
    Village(2, "371502001002", "向阳村", "柳园街道", True),
    Village(3, "371502001003", "前进村", "柳园街道", True),
]


def gazetteer() -> Gazetteer:
    return Gazetteer(VILLAGES, grids=lambda: GRIDS)


@pytest.mark.parametrize(
    ("text", "village", "pk"),
    [
        ("371502001001001", 0, 11),
        ("第一网格", 0, 11),
        ("利民社区第一网格", 0, 11),
        ("利民社区居委会第一网格", 0, 11),
        ("第 一 网格", 0, 11),
        ("第二网格", 0, 12),
        ("利民社区第二网格", 0, 12),
        ("3", 0, 15),
        ("东片(北)", 0, 16),
        ("第一网格", 1, 21),
    ],
)
def test_a_grid_is_meant_by_code_or_by_name_in_its_village(
    text: str, village: int, pk: int
) -> None:
    assert gazetteer().grid_in(VILLAGES[village], text).pk == pk


@pytest.mark.parametrize(
    ("text", "village", "said"),
    [
        (
            "371502001001999",
            0,
            "区划表里没有代码为「371502001001999」的网格，请核对；不分网格的留空",
        ),
        (
            "371502001002001",
            0,
            "「371502001002001」是「向阳村」的网格，不属于「利民社区居委会」，请改正其中一栏",
        ),
        ("37150200100101", 0, "「37150200100101」有 14 位，网格代码应为 15 位"),
        (
            "双名网格",
            0,
            "「利民社区居委会」有 2 个「双名网格」，请改填代码：371502001001003、371502001001004",
        ),
        (
            "第二网格",
            1,
            "「向阳村」没有网格「第二网格」，有第一网格。请改成其中一个，或填 15 位代码",
        ),
        ("第一网格", 2, "区划表里「前进村」没有网格，请把「第一网格」这一格留空"),
        (
            "371502001000001",
            0,
            "区划表里没有代码为「371502001000001」的网格，请核对；不分网格的留空",
        ),
    ],
)
def test_what_is_no_grid_of_the_village_is_told_with_what_to_do(
    text: str, village: int, said: str
) -> None:
    with pytest.raises(Rejected) as why:
        gazetteer().grid_in(VILLAGES[village], text)
    assert (why.value.kind, why.value.text) == (Fault.PLACE, said)


def test_of_many_grids_some_are_told() -> None:
    many = [Grid(n, f"3715020010010{n:02d}", f"{n}号网格", 1) for n in range(20)]
    with pytest.raises(Rejected) as why:
        Gazetteer(VILLAGES, grids=lambda: many).grid_in(VILLAGES[0], "无名")
    assert why.value.text.count("号网格") == places.TOLD_GRIDS
    assert "等。" in why.value.text


def test_nobody_reads_the_grids_before_they_are_asked_for() -> None:
    def never() -> list[Grid]:
        raise AssertionError

    found = Gazetteer(VILLAGES, grids=never)
    assert found.find("371502001001", "").pk == 1
    assert found.find("利民社区", "柳园街道").pk == 1
    place = found.place_of(2)
    assert place
    assert (place.village.pk, place.grid) == (2, None)


### By a file


@dataclass
class Gridded:
    county: County
    one: Area
    two: Area
    other: Area  # of another village
    far: Area  # of a village of others


@pytest.fixture
def gridded(county: County) -> Gridded:
    here = county.villages
    grid = AreaLevel.GRID
    return Gridded(
        county,
        make_area("371502001001001", "第一网格", grid, here["371502001001"]),
        make_area("371502001001002", "第二网格", grid, here["371502001001"]),
        make_area("371502001002001", "第一网格", grid, here["371502001002"]),
        make_area("371521001001001", "第一网格", grid, here["371521001001"]),
    )


HEADINGS = ["户编号", "户主姓名", "村（社区）", "网格", "常住人口"]


def households(*rows: Sequence[object], headings: Sequence[str] = HEADINGS) -> bytes:
    return workbook([list(headings), *map(list, rows)])


def row(
    number: int, grid: object, village: object = "371502001001", name: str = ""
) -> list[object]:
    return [f"H-{number}", name or f"户主{number}", village, grid, 3]


def applied(made: RegisterUpload, reason: str = "") -> RegisterUpload:
    assert made.state == UploadState.CHECKED, made.report
    job = services.request_apply(upload=made, actor=made.uploaded_by, reason=reason)
    return run_apply(made, job.pk)


def errors_of(made: RegisterUpload) -> list[tuple[int, str, str]]:
    return [(at, column, text) for at, column, _, text, *_ in made.report["errors"]]


def areas() -> dict[str, str]:
    return dict(Target.objects.order_by("code").values_list("code", "area__code"))


FIRST = "371502001001001"


@pytest.mark.parametrize(
    "grid",
    [
        FIRST,
        int(FIRST),
        float(FIRST),
        f" {FIRST} ",
        f"{FIRST}\u3000",
        "３７１５０２００１００１００１",
        f"\u200b{FIRST}",
        "第一网格",
        " 第一 网格\t",
        "利民社区第一网格",
    ],
)
def test_a_grid_is_read_however_it_is_written(
    gridded: Gridded, upload: Upload, grid: object
) -> None:
    applied(upload(households(row(1, grid))))
    assert areas() == {"H-1": FIRST}


@pytest.mark.parametrize(
    "code", [FIRST, int(FIRST), float(FIRST), "３７１５０２００１００１００１"]
)
def test_the_column_of_the_village_takes_a_grids_code(
    gridded: Gridded, upload: Upload, code: object
) -> None:
    rows = [row(1, None, code), row(2, FIRST, code), row(3, "第一网格", code)]
    applied(upload(households(*rows)))
    assert set(areas().values()) == {FIRST}


def test_without_a_grid_it_is_the_village(gridded: Gridded, upload: Upload) -> None:
    applied(upload(households(row(1, None), row(2, "  "), row(3, "第二网格"))))
    assert areas() == {"H-1": "371502001001", "H-2": "371502001001", "H-3": gridded.two.code}


@pytest.mark.parametrize(
    ("grid", "village", "told"),
    [
        ("第九网格", "371502001001", ("网格", "没有网格「第九网格」，有第一网格、第二网格")),
        ("371502001002001", "371502001001", ("网格", "不属于「利民社区居委会」，请改正其中一栏")),
        ("371521001001001", "371502001001", ("网格", "是「景阳社区居委会」的网格，不属于")),
        ("371502001001999", "371502001001", ("网格", "没有代码为「371502001001999」的网格")),
        ("第一网格", "371502002002", ("网格", "没有网格，请把「第一网格」这一格留空")),
        ("3.71502E+14", "371502001001", ("网格", "科学计数法")),
        (3715020010010010, "371502001001", ("网格", "长数字，Excel 已丢掉末尾几位")),
        ("x" * 81, "371502001001", ("网格", "有 81 个字")),
        ("第二网格", FIRST, ("网格", f"与「村（社区）」一栏的网格代码「{FIRST}」不一致")),
        (None, "371502001001999", ("村（社区）", "没有代码为「371502001001999」的网格")),
        (None, "371521001001001", ("村（社区）", "不在您的管辖范围")),
        ("第一网格", "371502001999", ("村（社区）", "没有代码为「371502001999」的村")),
    ],
)
def test_a_wrong_grid_is_told_at_its_row_and_column(
    gridded: Gridded, upload: Upload, grid: object, village: str, told: tuple[str, str]
) -> None:
    column, words = told
    made = upload(households(row(1, None), row(2, grid, village)))
    assert made.state == UploadState.REFUSED
    ((at, named, text),) = errors_of(made)
    assert (at, named, words in text) == (3, column, True), text
    assert not Target.objects.exists()


def test_two_grids_of_one_name_are_told_by_their_codes(gridded: Gridded, upload: Upload) -> None:
    make_area("371502001001003", "第一网格", AreaLevel.GRID, gridded.one.parent)
    ((_, column, text),) = errors_of(upload(households(row(1, "第一网格"))))
    assert column == "网格"
    assert "有 2 个「第一网格」，请改填代码：371502001001001、371502001001003" in text


def test_a_formula_in_the_column_is_refused(gridded: Gridded, upload: Upload) -> None:
    def formula(sheet: openpyxl.worksheet.worksheet.Worksheet) -> None:
        sheet["D2"] = "=A1"

    made = upload(workbook([HEADINGS, row(1, "x")], formula))
    assert [(at, column) for at, column, _ in errors_of(made)] == [(2, "网格")]


def test_the_same_file_again_changes_nothing(gridded: Gridded, upload: Upload) -> None:
    file = households(row(1, FIRST), row(2, "第二网格"), row(3, None))
    applied(upload(file))
    before = areas()
    again = upload(file)
    assert (again.report["new"], again.report["known"], again.report["wrong"]) == (0, 3, 0)
    assert areas() == before
    assert services.check_coverage(gridded.county.campaign) == []


def test_a_file_without_the_column_differs_nowhere(gridded: Gridded, upload: Upload) -> None:
    """An empty grid says nothing: an older file, or one who does not know it."""
    applied(upload(households(row(1, FIRST))))
    old = households([*row(1, None)[:3], 3], headings=[*HEADINGS[:3], "常住人口"])
    for file in (old, households(row(1, None))):
        again = upload(file)
        assert (again.report["known"], again.report["wrong"]) == (1, 0)


@pytest.mark.parametrize("is_frozen", [False, True])
def test_another_grid_is_told_as_a_difference_and_moves_nobody(
    gridded: Gridded, upload: Upload, is_frozen: bool
) -> None:
    applied(upload(households(row(1, FIRST), row(2, None))))
    if is_frozen:
        campaign = gridded.county.campaign
        services.freeze_register(
            campaign=campaign, actor=_city_office(gridded), seen=counts_of(campaign)
        )
    made = upload(households(row(1, "第二网格"), row(2, FIRST)))
    advice = (
        "导入只新增、不改动，请核对后改成一致，或删除这一行；确实换了网格的，请在登记册里办理迁移"
    )
    one, two = "第一网格（371502001001001）", "第二网格（371502001001002）"
    assert errors_of(made) == [
        (2, "网格", f"登记册里是「{one}」，文件里是「{two}」。{advice}"),
        (3, "网格", f"登记册里是「空」，文件里是「{one}」。{advice}"),
    ]
    assert areas() == {"H-1": FIRST, "H-2": "371502001001"}
    assert not RegisterChange.objects.exists()


def _city_office(gridded: Gridded) -> User:
    return person("city", Role.OFFICE, gridded.county.city)


def test_another_village_is_told_beside_the_grid(gridded: Gridded, upload: Upload) -> None:
    applied(upload(households(row(1, FIRST))))
    made = upload(households(row(1, None, "371502001002")))
    assert [column for _, column, _ in errors_of(made)] == ["村（社区）"]


def test_what_others_registered_in_a_grid_stays_untold(gridded: Gridded, upload: Upload) -> None:
    far = households(row(1, None, gridded.far.code))
    applied(upload(far, actor=gridded.county.neighbour))
    ((_, column, text),) = errors_of(upload(households(row(1, FIRST))))
    assert (column, "景阳" in text) == ("户编号", False)
    assert "管辖范围以外" in text


def test_after_the_freeze_a_new_one_joins_its_grid(gridded: Gridded, upload: Upload) -> None:
    applied(upload(households(row(1, FIRST))))
    campaign = gridded.county.campaign
    services.freeze_register(
        campaign=campaign, actor=_city_office(gridded), seen=counts_of(campaign)
    )
    applied(upload(households(row(1, FIRST), row(2, "第二网格"))), reason="新建小区")
    (change,) = RegisterChange.objects.all()
    assert (change.kind, change.area_to) == (ChangeKind.JOIN, gridded.two)
    assert services.check_coverage(campaign) == []


def test_a_grid_is_urban_or_rural_as_its_village(gridded: Gridded, upload: Upload) -> None:
    Area.objects.filter(pk=gridded.one.parent_id).update(settlement="220")
    Area.objects.filter(pk=gridded.two.pk).update(settlement="111")
    applied(upload(households(row(1, FIRST), row(2, "第二网格"))))
    found = dict(Target.objects.values_list("code", "locality"))
    assert found == {"H-1": Locality.RURAL, "H-2": Locality.URBAN}


def test_the_same_name_in_two_grids_of_a_village_is_told(gridded: Gridded, upload: Upload) -> None:
    made = upload(households(row(1, FIRST, name="张三"), row(2, "第二网格", name="张三")))
    assert made.report["likenesses"] == {"same_name": 1}
    applied(made)
    for grid, village in ((None, "371502001001"), ("第二网格", "371502001001")):
        made = upload(households(row(9, grid, village, name="张三")))
        assert made.report["likenesses"] == {"known_name": 2}
    made = upload(households(row(9, gridded.other.code, "371502001002", name="张三")))
    assert "likenesses" not in made.report


def test_without_the_grids_of_the_village_it_would_not(
    gridded: Gridded, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    applied(upload(households(row(1, FIRST, name="张三"))))
    monkeypatch.setattr(Gazetteer, "areas_of", lambda self, village: [village])
    assert "likenesses" not in upload(households(row(9, None, name="张三"))).report


def test_enterprises_have_the_column_and_villages_do_not(gridded: Gridded, upload: Upload) -> None:
    headings = ["统一社会信用代码", "企业名称", "村（社区）", "所属网格", "规上", "工业"]
    firm = ["91350100M000100Y43", "甲公司", "371502001001", "第一网格", "是", "否"]
    applied(upload(workbook([headings, firm]), kind=TargetKind.ENTERPRISE))
    assert list(areas().values()) == [FIRST]
    assert GRID not in {field.heading for field in FIELDS[TargetKind.VILLAGE]}
    made = upload(workbook([["村（社区）", "地址"], [FIRST, ""]]), kind=TargetKind.VILLAGE)
    assert errors_of(made) == [(2, "村（社区）", f"「{FIRST}」是网格代码，登记村居请填 12 位代码")]


@pytest.mark.parametrize(
    "heading",
    ["网格", "网格名称", "网格代码", "网格编码", "网格编号", "所在网格", "所属网格", "网 格*"],
)
def test_the_column_is_known_by_many_names(gridded: Gridded, upload: Upload, heading: str) -> None:
    headings = [heading if each == "网格" else each for each in HEADINGS]
    applied(upload(households(row(1, FIRST), headings=headings)))
    assert areas() == {"H-1": FIRST}


def test_the_keeper_of_a_grid_is_no_grid() -> None:
    assert "网格员" not in layout_of(TargetKind.HOUSEHOLD).wanted()


def test_our_template_has_the_column(gridded: Gridded, upload: Upload) -> None:
    target = io.BytesIO()
    write_register_template(TargetKind.HOUSEHOLD, target)
    line = ["H-1", "张三", "柳园街道", "利民社区", "第一网格", "", "", "4"]
    applied(upload(filled(target.getvalue(), [line])))
    assert areas() == {"H-1": FIRST}


def test_a_file_costs_the_same_queries_however_many_grids(
    gridded: Gridded, upload: Upload, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    applied(upload(households(row(0, FIRST), row(1, "第二网格"))))  # makes the counters
    numbers = []
    for start, number in ((100, 2), (200, 80)):
        rows = [row(start + n, (FIRST, "第二网格")[n % 2]) for n in range(number)]
        made = upload(households(*rows))
        job = services.request_apply(upload=made, actor=made.uploaded_by)
        with django_assert_num_queries(35) as queries:
            apply_register(job_id=str(job.pk))
        numbers.append(sum("'grid'" in each["sql"] for each in queries))
    assert numbers == [1, 1]


### By hand, and by a move


@pytest.fixture
def grids(keeper: World) -> tuple[Area, Area]:
    """Two grids of 前关村."""
    return (
        make_area("371524100201001", "第一网格", AreaLevel.GRID, keeper.village),
        make_area("371524100201002", "第二网格", AreaLevel.GRID, keeper.village),
    )


def test_one_is_registered_in_a_grid_by_hand(keeper: World, grids: tuple[Area, Area]) -> None:
    keeper.households(1)
    froze(keeper)
    first, _ = join(keeper, {"网格": "第一网格"}, reason="新迁入")
    other = {"户编号": "H-901", "户主姓名": "李四", "联系电话": "", "村（社区）": grids[1].code}
    second, _ = join(keeper, other, reason="新迁入")
    assert (first.area, second.area) == grids
    assert {change.area_to for change in RegisterChange.objects.all()} == set(grids)
    again, is_new = join(keeper, {"网格": grids[0].code}, reason="新迁入")
    assert (again.pk, is_new) == (first.pk, False)
    with pytest.raises(Refused, match="内容不一样"):
        join(keeper, {"网格": "第二网格"}, reason="新迁入")
    assert services.check_coverage(keeper.campaign) == []


def test_a_wrong_grid_by_hand_is_told_at_its_field(keeper: World, grids: tuple[Area, Area]) -> None:
    answer = post(keeper, HOUSEHOLD | {"网格": "第九网格"})
    assert answer.status_code == 422
    assert "没有网格「第九网格」，有第一网格、第二网格" in answer.text
    assert post(keeper, HOUSEHOLD | {"网格": "第二网格"}).status_code == 302
    assert Target.objects.get().area == grids[1]


def test_look_alikes_are_found_in_all_grids_of_the_village(
    keeper: World, grids: tuple[Area, Area]
) -> None:
    join(keeper, {"网格": "第一网格"})
    for grid in ("", "第二网格"):
        with pytest.raises(services.Alike):
            join(keeper, {"户编号": "H-901", "联系电话": "", "网格": grid})


def test_a_household_moves_to_a_grid_by_its_code(keeper: World, grids: tuple[Area, Area]) -> None:
    (home,) = keeper.households(1)
    froze(keeper)
    client = keeper.client(keeper.office)
    page = f"/visits/register/entries/{home.pk}/"
    given = {"reason": "划分网格", "seen": "0"}
    refused = client.post(f"{page}move/", given | {"area": keeper.township.code})
    assert (refused.status_code, "请填村（社区）或网格的代码" in refused.text) == (422, True)
    assert client.post(f"{page}move/", given | {"area": grids[0].code}).status_code == 302
    home.refresh_from_db()
    assert home.area == grids[0]
    assert "前关村 → 前关村第一网格" in client.get(page).text
    services.move_target(**by(keeper, home), to=grids[1])
    assert "前关村第一网格 → 前关村第二网格" in client.get(page).text
    assert services.check_coverage(keeper.campaign) == []
    services.move_target(**by(keeper, home), to=keeper.village)
    assert services.check_coverage(keeper.campaign) == []


### Counted


@pytest.fixture
def counted(keeper: World, grids: tuple[Area, Area]) -> World:
    """In 前关村 9 and 7 households in the grids and 6 beside them; 8 in 后关村."""
    for area, number in ((grids[0], 9), (grids[1], 7), (keeper.village, 6), (keeper.village2, 8)):
        homes = keeper.households(number, area)
        visit(keeper, homes[0])
        visit(keeper, homes[1], Outcome.ABSENT)
    return keeper


def test_every_level_is_the_sum_of_its_parts(counted: World, grids: tuple[Area, Area]) -> None:
    office = counted.city_office
    for area in (counted.city, counted.county, counted.township, counted.village):
        found = seen_by(counted, office, area)
        for key, whole in found.whole.cells.items():
            parts = [line.cells[key] or Coverage() for line in found.lines]
            assert sum(parts, Coverage()) == whole
        total = found.whole.total
        assert total
        assert total.registered == sum(total.numbers)
        assert total.registered == Target.objects.filter(area__path__under=area.path).count()
    village = seen_by(counted, office, counted.village)
    assert [(line.name, line.total.registered) for line in village.lines] == [  # type: ignore[union-attr]
        ("第一网格", 9),
        ("第二网格", 7),
        ("前关村本级", 6),
    ]
    assert village.whole.total == Coverage(pending=16, absent=3, visited=3)
    assert seen_by(counted, office, grids[0]).lines == ()
    assert services.check_coverage(counted.campaign) == []


def test_the_page_leads_from_the_village_into_its_grids(
    counted: World, grids: tuple[Area, Area]
) -> None:
    client = counted.client(counted.office)
    page = "/visits/coverage/"
    way = [counted.county, counted.township, counted.village, grids[0]]
    for above, below in pairwise(way):
        shown = client.get(page, {"area": above.code}).text
        assert f'href="{page}?area={below.code}">{below}' in shown
    village = client.get(page, {"area": counted.village.code}).text
    assert "前关村本级" in village
    last = client.get(page, {"area": grids[0].code})
    assert last.status_code == 200
    assert "<small>1/9</small>" in last.text
    assert f'href="{page}?area={counted.village.code}">前关村' in last.text
    assert (
        counted.client(counted.stranger_office).get(page, {"area": grids[0].code}).status_code
        == 404
    )


def _book(world: World, job: Job, build: object) -> openpyxl.Workbook:
    build(job_id=str(job.pk))  # type: ignore[operator]
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    with open_file(job) as file:
        return openpyxl.load_workbook(file)


def test_the_file_has_a_line_for_each_grid(counted: World) -> None:
    job = services.request_coverage_export(
        campaign=counted.campaign, area=counted.township, actor=counted.office
    )
    book = _book(counted, job, export_coverage)
    lines = [line[:3] for line in book["各级区域明细"].iter_rows(values_only=True)]
    assert ("371524100201001", "第一网格", "前关村") in lines
    assert ("371524100201002", "第二网格", "前关村") in lines
    job = services.request_coverage_export(
        campaign=counted.campaign, area=counted.village, actor=counted.office
    )
    book = _book(counted, job, export_coverage)
    names = [line[0] for line in book["下级区域覆盖情况"].iter_rows(values_only=True)]
    assert [name for name in names if name and name.endswith(("网格", "本级"))] == [
        "第一网格",
        "第二网格",
        "前关村本级",
    ]


def test_a_small_grid_is_withheld_from_outsiders_with_its_complements(
    keeper: World, grids: tuple[Area, Area]
) -> None:
    """3 of 18 in one grid: nor what the other grid and the village itself count."""
    for area, number in ((grids[0], 3), (grids[1], 7), (keeper.village, 8)):
        keeper.households(number, area)
    found = seen_by(keeper, keeper.discipline, keeper.village)
    small, large, own = (line.cells["household"] for line in found.lines)
    assert small is None
    assert None in (large, own)
    assert found.whole.cells["household"].registered == 18  # type: ignore[union-attr]
    assert seen_by(keeper, keeper.discipline, grids[0]).whole.total is None
    page = keeper.client(keeper.discipline).get("/visits/coverage/", {"area": grids[0].code})
    assert "数量太少，不显示" in page.text
    assert "/3<" not in page.text
    assert seen_by(keeper, keeper.office, keeper.village).lines[0].total == Coverage(pending=3)


def test_a_few_beside_the_grids_are_withheld_too(keeper: World, grids: tuple[Area, Area]) -> None:
    for area, number in ((grids[0], 9), (grids[1], 7), (keeper.village, 2)):
        keeper.households(number, area)
    found = seen_by(keeper, keeper.discipline, keeper.village)
    assert found.lines[-1].name == "前关村本级"
    assert found.lines[-1].cells["household"] is None
    assert sum(line.cells["household"] is None for line in found.lines) == 2


def test_without_the_question_a_small_grid_would_be_seen(
    keeper: World, grids: tuple[Area, Area], monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.households(3, grids[0])
    keeper.households(9, grids[1])
    monkeypatch.setattr(pictures, "sees_small_cells", lambda user, area: True)
    assert seen_by(keeper, keeper.discipline, grids[0]).whole.total == Coverage(pending=3)


def test_the_check_finds_a_grids_counter_that_is_wrong(
    counted: World, grids: tuple[Area, Area]
) -> None:
    Target.objects.filter(pk=Target.objects.filter(area=grids[0])[0].pk).update(area=grids[1])
    assert {fault.area_id for fault in services.check_coverage(counted.campaign)} == {
        grids[0].pk,
        grids[1].pk,
    }


### Shown and found


def test_a_grid_is_named_with_its_village(counted: World, grids: tuple[Area, Area]) -> None:
    assert (grids[0].in_full, counted.village.in_full) == ("前关村第一网格", "前关村")
    assert grids[0].in_parts == ("刘集镇", "前关村", "第一网格")
    assert counted.village.in_parts == ("刘集镇", "前关村", "")
    assert counted.city.in_parts == ("", "聊城市", "")
    named = Area(name="前关村第三网格", level=AreaLevel.GRID, parent=counted.village)
    assert named.in_full == "前关村第三网格"
    page = counted.client(counted.cadre).get(f"/visits/?area={grids[0].code}")
    assert page.text.count("· 前关村第一网格") == 8
    assert "只看前关村第一网格" in page.text
    assert "前关村第一网格" in counted.client(counted.cadre).get("/visits/log/").text


def test_the_list_of_what_is_left_has_the_village_and_the_grid(
    counted: World, grids: tuple[Area, Area]
) -> None:
    job = services.request_left_export(
        left=Left(counted.campaign, counted.village), actor=counted.office
    )
    rows = [*_book(counted, job, export_left).worksheets[0].iter_rows(values_only=True)]
    assert sum(line[:3] == ("刘集镇", "前关村", "第一网格") for line in rows) == 7
    assert sum(line[:2] == ("刘集镇", "前关村") and not line[2] for line in rows) == 4


@pytest.mark.parametrize("keys", [900, 1])
def test_what_is_left_in_grids_is_not_looked_for_among_all_others(
    counted: World,
    grids: tuple[Area, Area],
    monkeypatch: pytest.MonkeyPatch,
    keys: int,
) -> None:
    """Nobody turns empty pages: what lies between a village and its grids is not looked at."""
    counted.households(50, counted.village2)
    monkeypatch.setattr(settings, "PAGE_SIZE", 20)
    monkeypatch.setattr(settings, "PAGE_SPAN", 25)
    monkeypatch.setattr(left, "KEYS_AT_ONCE", keys)
    client = counted.client(counted.office)
    page = client.get(f"/visits/coverage/left/?area={counted.village.code}").context["page"]
    assert [row.entry.area.name for row in page] == ["前关村"] * 4 + ["第一网格"] * 7 + [
        "第二网格"
    ] * 5
    assert not page.following
    county = Left(counted.campaign, counted.county)
    assert county.rows().count() == 4 + 7 + 5 + 6 + 50


def test_the_paper_names_the_grid_with_its_village(
    counted: World, grids: tuple[Area, Area]
) -> None:
    target = io.BytesIO()
    write_paper_template(
        target, reader=counted.cadre, author=counted.cadre, campaign=counted.campaign
    )
    sheet = openpyxl.load_workbook(io.BytesIO(target.getvalue())).worksheets[0]
    places = {line[3] for line in sheet.iter_rows(values_only=True)}
    assert {"前关村", "前关村第一网格", "前关村第二网格", "后关村"} <= places


@pytest.mark.parametrize(
    ("who", "page"),
    [("cadre", "/visits/"), ("office", "/visits/register/entries/"), ("cadre", "/visits/log/")],
)
def test_a_search_for_the_village_finds_what_is_in_its_grids(
    counted: World, grids: tuple[Area, Area], who: str, page: str
) -> None:
    client = counted.client(getattr(counted, who))
    assert "前关村第一网格" in client.get(sealed(f"{page}?words=前关村")).text


def test_work_in_grids_is_left_in_the_village(counted: World, grids: tuple[Area, Area]) -> None:
    found = {each.name: each.left for each in villages_left(counted.cadre, counted.campaign)}
    assert found == {"前关村": 19, "后关村": 7}
    last = Target.objects.filter(area=grids[1]).last()
    call_on(counted, last)
    (nearest, _) = villages_left(counted.cadre, counted.campaign)
    assert (nearest.name, nearest.is_last) == ("前关村", True)


def test_a_team_of_one_grid_has_it_as_its_place(counted: World, grids: tuple[Area, Area]) -> None:
    counted.team.areas.set([grids[0]])
    (only,) = villages_left(counted.cadre, counted.campaign)
    assert (only.name, only.left) == ("第一网格", 8)
    counted.team.areas.set([grids[0], counted.village])
    (only,) = villages_left(counted.cadre, counted.campaign)
    assert (only.name, only.left) == ("前关村", 19)


def test_what_somebody_was_given_in_grids_counts_with_the_village(
    counted: World, grids: tuple[Area, Area]
) -> None:
    Target.objects.filter(area__in=[*grids, counted.village]).update(assignee=counted.cadre)
    (only,) = villages_given(counted.cadre, counted.campaign)
    assert (only.name, only.left, only.code) == ("前关村", 19, counted.village.code)


def test_what_is_registered_is_read_with_its_grid(counted: World, grids: tuple[Area, Area]) -> None:
    code = Target.objects.filter(area=grids[0])[0].code
    found = registered_entries(counted.campaign, TargetKind.HOUSEHOLD, [code])
    assert found[code].area_id == grids[0].pk


### A code of an authority nobody has heard of


def strange_firm() -> dict[str, str]:
    body = "B1350100M000100Y4"
    return ENTERPRISE | {"统一社会信用代码": body + credit_check_digit(body)}


def test_a_strange_code_by_hand_is_asked_about(keeper: World) -> None:
    firm = strange_firm()
    with pytest.raises(services.Doubtful) as doubt:
        join(keeper, firm, TargetKind.ENTERPRISE)
    assert "第 1 位「B」少见" in str(doubt.value)
    asked = post(keeper, firm, "enterprise")
    assert (asked.status_code, Target.objects.count()) == (422, 0)
    assert "第 1 位「B」少见" in asked.text
    assert 'name="sure"' in asked.text
    assert post(keeper, firm, "enterprise", sure="on").status_code == 302
    assert Target.objects.get().code == firm["统一社会信用代码"]


def test_who_is_sure_is_still_asked_about_look_alikes(keeper: World) -> None:
    first, _ = join(keeper, kind=TargetKind.ENTERPRISE)
    asked = post(keeper, strange_firm(), "enterprise", sure="on")
    assert asked.status_code == 422
    assert 'name="sure"' in asked.text
    assert 'name="distinct"' in asked.text
    given = {"sure": "on", "distinct": "on", "seen": str(first.pk)}
    assert post(keeper, strange_firm(), "enterprise", **given).status_code == 302


def test_without_the_question_a_strange_code_would_be_registered(
    keeper: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visits.services.joining.strange_code", lambda kind, entry: [])
    assert join(keeper, strange_firm(), TargetKind.ENTERPRISE)[1]
