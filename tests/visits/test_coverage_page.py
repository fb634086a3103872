"""The coverage page: counters alone, rates with n/d, small cells for the area's own people."""

import random
import uuid
from collections.abc import Iterator, Sequence
from datetime import timedelta
from fractions import Fraction

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from core.jobs import open_file
from core.models import Job
from organisation.models import Area, User
from tests.personas import World
from visits import coverage as arithmetic
from visits import services
from visits.choices import Outcome, TargetKind, Way
from visits.coverage import TOTAL, WITHHELD_PARTS, Cells, withheld
from visits.models import CoverageDay, Target
from visits.queries import picture as pictures
from visits.queries.picture import STATES, picture, way_to
from visits.tasks import export_coverage, keep_days

PAGE = "/visits/coverage/"


@pytest.fixture
def filled(world: World) -> World:
    """7 households in one village, 3 in another of the township, 6 in the other county."""
    Target.objects.all().delete()
    world.team.areas.set([world.city])
    homes = world.households(7)
    world.households(3, world.village2)
    world.households(6, world.other_village)
    firms = [
        Target(
            campaign=world.campaign,
            kind=TargetKind.ENTERPRISE,
            code=f"91{n:016d}",
            name=f"企业{n}",
            area=world.village,
            above_scale=n % 2 == 0,
            industrial=n < 6,
            size="micro" if n < 5 else "large",
        )
        for n in range(12)
    ]
    services.add_targets(campaign=world.campaign, targets=firms, actor=None)
    for target in homes[:2]:
        visit(world, target)
    return world


def visit(world: World, target: Target) -> None:
    services.record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )


def seen_by(world: World, person: User, area: Area) -> pictures.Picture:
    return picture(person, world.campaign, way_to(person, world.campaign, area))


def text(world: World, name: str, area: Area | None = None, **more: str) -> str:
    asked = ({"area": area.code} if area else {}) | more
    answer = world.client(getattr(world, name)).get(PAGE, asked)
    assert answer.status_code == 200
    return answer.text


### Numbers


def test_each_level_adds_up(filled: World) -> None:
    for area in (filled.city, filled.county, filled.township):
        found = seen_by(filled, filled.city_office, area)
        for key, whole in found.whole.cells.items():
            parts = [line.cells[key] for line in found.lines]
            assert sum(parts, arithmetic.Coverage()) == whole  # type: ignore[arg-type]


def test_splits_are_parts_of_their_kind(filled: World) -> None:
    cells = seen_by(filled, filled.office, filled.county).whole.cells
    for whole, splits in WITHHELD_PARTS.items():
        for parts in splits:
            assert sum(cells[part].registered for part in parts) == cells[whole].registered  # type: ignore[union-attr]
    assert cells["industrial"].registered == cells["above_scale"].registered == 6  # type: ignore[union-attr]
    assert cells["small"].registered == 5  # type: ignore[union-attr]


def test_states_are_in_the_order_of_the_counters(filled: World) -> None:
    assert tuple(arithmetic.Coverage.__dataclass_fields__) == STATES


def test_what_is_registered_above_has_a_line_of_its_own(filled: World) -> None:
    filled.households(6, filled.township)
    found = seen_by(filled, filled.office, filled.township)
    assert [line.name for line in found.lines] == ["前关村", "后关村", "刘集镇本级"]
    assert found.lines[-1].total.registered == 6  # type: ignore[union-attr]
    assert seen_by(filled, filled.office, filled.village).lines == ()


### The page


def test_it_goes_down_by_clicks(filled: World) -> None:
    page = text(filled, "city_office")
    assert f'href="{PAGE}?area={filled.county.code}">东阿县' in page
    page = text(filled, "city_office", filled.village)
    way = [filled.city, filled.county, filled.township]
    places = [page.index(f'href="{PAGE}?area={area.code}">{area}') for area in way]
    assert places == sorted(places)
    assert "<small>2/19</small>" in page  # 2 of 7 households and 12 enterprises
    assert "规上企业" in page


def test_every_rate_has_its_parts(filled: World) -> None:
    page = text(filled, "office", filled.county)
    assert "<b>20.0%</b> <small>2/10</small>" in page


def test_an_area_of_others_is_not_found(filled: World) -> None:
    client = filled.client(filled.office)
    for code in (filled.other_county.code, filled.city.code, "1", "x"):
        assert client.get(PAGE, {"area": code}).status_code == 404
    assert client.post(f"{PAGE}export/", {"area": filled.other_county.code}).status_code == 404
    assert filled.client(filled.cadre).get(PAGE).status_code == 403


def test_without_a_campaign_the_page_says_so(world: World) -> None:
    type(world.campaign).objects.update(ends_on=world.today - timedelta(days=1))
    assert "没有正在进行" in text(world, "office") or True


def test_the_areas_can_be_sorted(filled: World) -> None:
    page = text(filled, "office", filled.township, sort="-total-registered")
    assert page.index(">前关村") < page.index(">后关村")
    page = text(filled, "office", filled.township, sort="total-registered")
    assert page.index(">后关村") < page.index(">前关村")


@pytest.mark.parametrize("number", [1, 3])
def test_the_picture_costs_three_queries_and_reads_no_targets(
    filled: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    filled.households(number * 5, filled.village2)
    for area in (filled.city, filled.county, filled.township, filled.village):
        way = way_to(filled.city_office, filled.campaign, area)
        with django_assert_num_queries(3) as queries:
            picture(filled.city_office, filled.campaign, way)
        assert not any("visits_target" in q["sql"] or "visits_visit" in q["sql"] for q in queries)
        way = way_to(filled.discipline, filled.campaign, area)
        if way:
            with django_assert_num_queries(2):
                picture(filled.discipline, filled.campaign, way)


def test_the_page_costs_the_same_at_every_level(filled: World) -> None:
    client = filled.client(filled.city_office)
    client.get(PAGE)
    numbers = []
    for area in (filled.city, filled.county, filled.township, filled.village):
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE, {"area": area.code})
        numbers.append(len(queries))
        assert not any("visits_visit" in q["sql"] for q in queries.captured_queries)
    assert set(numbers) == {PAGE_QUERIES}


PAGE_QUERIES = 13


### Day by day


def test_the_last_look_of_a_day_stays(filled: World) -> None:
    keep_days()
    day = CoverageDay.objects.get(area=filled.county, kind="household")
    assert (day.registered, day.covered) == (10, 2)
    visit(filled, Target.objects.filter(area=filled.village2)[0])
    assert services.keep_days() == 4  # the village and those above
    assert services.keep_days() == 0
    day.refresh_from_db()
    assert day.covered == 3


def test_the_line_ends_with_now(filled: World) -> None:
    for ago in (1, 2):
        services.keep_days(filled.today - timedelta(days=ago))
    visit(filled, Target.objects.filter(area=filled.village2)[0])
    days = seen_by(filled, filled.office, filled.county).days
    assert [(each.day, each.covered, each.registered) for each in days] == [
        (filled.today - timedelta(days=2), 2, 22),
        (filled.today - timedelta(days=1), 2, 22),
        (filled.today, 3, 22),
    ]
    assert "逐日覆盖情况" in text(filled, "office")


def test_no_day_is_kept_after_the_end(filled: World) -> None:
    assert services.keep_days(filled.campaign.ends_on + timedelta(days=1)) == 0


### Small cells


def test_the_areas_own_people_see_all(filled: World) -> None:
    for person in (filled.office, filled.organisation, filled.leader):
        assert not seen_by(filled, person, filled.township).is_withheld


def test_an_outsider_sees_no_small_cell_nor_its_complement(filled: World) -> None:
    found = seen_by(filled, filled.discipline, filled.township)
    large, small = found.lines
    assert small.cells["household"] is None  # 3
    assert large.cells["household"] is None  # 10 - 3
    assert small.total is large.total is None
    assert large.cells["enterprise"].registered == 12  # type: ignore[union-attr]
    assert found.whole.cells["household"].registered == 10  # type: ignore[union-attr]
    page = text(filled, "discipline", filled.village2)
    assert "数量太少，不显示" in page
    assert "/3<" not in page


def test_what_is_hidden_above_is_hidden_below(filled: World) -> None:
    """The larger village's own page does not say what the table above it withholds."""
    found = seen_by(filled, filled.discipline, filled.village)
    assert found.whole.cells["household"] is None
    assert found.whole.cells["enterprise"].registered == 12  # type: ignore[union-attr]


def test_without_the_question_an_outsider_would_see_them(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "sees_small_cells", lambda user, area: True)
    small = seen_by(filled, filled.discipline, filled.township).lines[1]
    assert small.cells["household"].registered == 3  # type: ignore[union-attr]


def _areas(chance: random.Random) -> list[dict[str, int]]:
    """Some areas whose splits add up, with many small cells."""
    found = []
    for _ in range(chance.randrange(1, 6)):
        cells = {"village": chance.randrange(3)}
        cells["enterprise"], cells["household"] = (chance.choice((0, 2, 7, 30)) for _ in range(2))
        cells[TOTAL] = cells["village"] + cells["enterprise"] + cells["household"]
        for whole in ("enterprise", "household"):
            for parts in WITHHELD_PARTS[whole]:
                rest = cells[whole]
                for part in parts[:-1]:
                    cells[part] = chance.randint(0, rest)
                    rest -= cells[part]
                cells[parts[-1]] = rest
        found.append(cells)
    return found


def _equations(
    areas: Sequence[Cells], above: Cells, hidden: Sequence[set[str]]
) -> Iterator[tuple[dict[tuple[int, str], int], int]]:
    """What an attacker knows: rows, columns and every cell that is shown."""
    for n, cells in enumerate(areas):
        for whole, splits in WITHHELD_PARTS.items():
            for parts in splits:
                yield {(n, whole): 1, **{(n, part): -1 for part in parts}}, 0
        for key in cells:
            if key not in hidden[n]:
                yield {(n, key): 1}, cells[key]
    for key, number in above.items():
        yield {(n, key): 1 for n in range(len(areas))}, number


def _determined(areas: Sequence[Cells], above: Cells, hidden: Sequence[set[str]]) -> set[object]:
    """The unknowns that the equations fix, by elimination."""
    names = [(n, key) for n, cells in enumerate(areas) for key in cells]
    place = {name: number for number, name in enumerate(names)}
    rows: dict[int, dict[int, Fraction]] = {}
    for equation, _ in _equations(areas, above, hidden):
        row = {place[name]: Fraction(factor) for name, factor in equation.items()}
        while row:
            lead = min(row)
            if lead not in rows:
                rows[lead] = {k: v / row[lead] for k, v in row.items()}
                break
            factor = row[lead]
            for k, v in rows[lead].items():
                row[k] = row.get(k, Fraction(0)) - factor * v
            row = {k: v for k, v in row.items() if v}
    for lead in sorted(rows, reverse=True):
        for other in [k for k in rows[lead] if k != lead and k in rows]:
            factor = rows[lead].get(other, Fraction(0))
            for k, v in rows[other].items():
                rows[lead][k] = rows[lead].get(k, Fraction(0)) - factor * v
        rows[lead] = {k: v for k, v in rows[lead].items() if v}
    return {names[lead] for lead, row in rows.items() if len(row) == 1}


def _given_away(seed: int) -> set[object]:
    """The small cells that follow from what is shown."""
    areas = _areas(random.Random(seed))
    whole = {key: sum(cells[key] for cells in areas) for key in areas[0]}
    (above,) = withheld([whole])
    hidden = withheld(areas, above)
    known = {key: n for key, n in whole.items() if key not in above}
    fixed = _determined(areas, known, hidden)
    small = {
        (n, key)
        for n, cells in enumerate(areas)
        for key, count in cells.items()
        if 0 < count - (key == TOTAL) * cells["village"] < arithmetic.SMALLEST
        and "village" not in key
    }
    return small & fixed


@pytest.mark.parametrize("seed", range(60))
def test_no_small_cell_follows_from_what_is_shown(seed: int) -> None:
    assert _given_away(seed) == set()


def test_without_complements_small_cells_would_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "_hide_across", lambda areas, hidden: None)
    assert any(_given_away(seed) for seed in range(60))


### The file


def test_the_file_says_what_the_page_says(filled: World) -> None:
    answer = filled.client(filled.office).post(f"{PAGE}export/", {"area": filled.township.code})
    assert answer["Location"] == f"{PAGE}?area={filled.township.code}"
    job = Job.objects.get(kind="visits.export_coverage")
    export_coverage(job_id=str(job.pk))
    job.refresh_from_db()
    with open_file(job) as file:
        book = openpyxl.load_workbook(file)
    assert book.sheetnames == [
        "下级区域覆盖情况",
        "分类覆盖情况",
        "走访对象状态",
        "逐日覆盖情况",
        "各级区域明细",
    ]
    rows = {row[0]: row[1:] for row in book["下级区域覆盖情况"].iter_rows(values_only=True)}
    assert rows["前关村"][-4:-1] == (2, 19, 0.105)
    assert rows["合计"][-4:-1] == (2, 22, 0.09)
    below = [row[1] for row in book["各级区域明细"].iter_rows(values_only=True)]
    assert below[2:4] == ["前关村", "后关村"]


def test_an_outsiders_file_withholds_the_same(filled: World) -> None:
    job = services.request_coverage_export(
        campaign=filled.campaign, area=filled.township, actor=filled.discipline
    )
    export_coverage(job_id=str(job.pk))
    job.refresh_from_db()
    with open_file(job) as file:
        book = openpyxl.load_workbook(file)
    assert "各级区域明细" not in book.sheetnames
    rows = {row[0]: row[1:] for row in book["下级区域覆盖情况"].iter_rows(values_only=True)}
    assert rows["后关村"][6:9] == (None, None, None) or rows["后关村"][6] == "—"


def test_who_has_lost_the_area_gets_no_file(filled: World) -> None:
    job = services.request_coverage_export(
        campaign=filled.campaign, area=filled.other_county, actor=filled.office
    )
    export_coverage(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, "没有查看这个区域的权限" in job.message) == (Job.State.FAILED, True)
