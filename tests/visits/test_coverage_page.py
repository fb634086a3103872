"""The coverage page: counters alone, rates with n/d, small cells for the area's own people."""

import random
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core.exports.table import Table
from core.jobs import open_file
from core.models import Job
from organisation.models import Area, User
from reports.choices import FileFormat
from reports.services import request_progress_export
from reports.tasks import export_progress
from tests.personas import World
from tests.solving import Equation, determined
from visits import coverage as arithmetic
from visits import services
from visits.choices import COVERED, LEFT, Outcome, TargetKind, TargetState, Way
from visits.coverage import TOTAL, WITHHELD_PARTS, Cells, withheld
from visits.models import CoverageDay, Target
from visits.queries import picture as pictures
from visits.queries.denominator import counts_of
from visits.queries.picture import KINDS, STATES, days_of, picture, way_to
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


def visit(world: World, target: Target, outcome: Outcome = Outcome.EFFECTIVE) -> None:
    services.record_visit(
        token=uuid.uuid4(),
        target=target,
        author=world.cadre,
        visited_on=world.today,
        way=Way.HOME,
        outcome=outcome,
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
def test_the_picture_costs_one_query_and_reads_no_targets(
    filled: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    filled.households(number * 5, filled.village2)
    for area in (filled.city, filled.county, filled.township, filled.village):
        way = way_to(filled.city_office, filled.campaign, area)
        with django_assert_num_queries(1) as queries:
            picture(filled.city_office, filled.campaign, way)
        assert not any("visits_target" in q["sql"] or "visits_visit" in q["sql"] for q in queries)
        way = way_to(filled.discipline, filled.campaign, area)
        if way:
            with django_assert_num_queries(1):
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


def test_the_page_says_what_the_denominator_is(filled: World) -> None:
    client = filled.client(filled.city_office)
    assert "分母还没有核定" in client.get(PAGE).text
    campaign = filled.campaign
    frozen = services.freeze_register(
        campaign=campaign, actor=filled.city_office, seen=counts_of(campaign)
    )
    day = timezone.localtime(frozen.at)
    told = f"分母已于 {day.year}年{day.month}月{day.day}日 核定（第 1 次"
    text = client.get(PAGE).text
    assert f"{told}，全册 {frozen.registered} 个对象）" in text
    assert f"{told}）" in client.get(PAGE, {"area": filled.village.code}).text


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
    days = days_of(seen_by(filled, filled.office, filled.county))
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
) -> Iterator[Equation]:
    """What an attacker knows: rows, columns and every cell that is shown."""
    for n, cells in enumerate(areas):
        for whole, splits in WITHHELD_PARTS.items():
            for parts in splits:
                yield {(n, whole): 1, **{(n, part): -1 for part in parts}}
        for key in cells:
            if key not in hidden[n]:
                yield {(n, key): 1}
    for key in above:
        yield {(n, key): 1 for n in range(len(areas))}


def _given_away(seed: int) -> set[object]:
    """The small cells that follow from what is shown."""
    areas = _areas(random.Random(seed))
    whole = {key: sum(cells[key] for cells in areas) for key in areas[0]}
    (above,) = withheld([whole])
    hidden = withheld(areas, above)
    known = {key: n for key, n in whole.items() if key not in above}
    fixed = determined(_equations(areas, known, hidden))
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


States = dict[str, arithmetic.Coverage]  # by kind, and the total
PERSONS = ("enterprise", "household")
NEVER = {"enterprise": "empty", "household": "gone"}  # no visit to one ends so


def _broken_down(chance: random.Random) -> States:
    """What is registered in an area by kind and state, with many small numbers."""
    found = {}
    for kind in KINDS:
        possible = [state for state in STATES if state != NEVER.get(kind)]
        numbers = {state: chance.choice((0, 0, 2, 4, 6, 30)) for state in possible}
        untouched = arithmetic.Coverage(pending=chance.choice((0, 3, 8, 60)))
        found[kind] = chance.choice((arithmetic.Coverage(**numbers), untouched))
    return found | {TOTAL: sum(found.values(), arithmetic.Coverage())}


def _state_equations(areas: Sequence[States], shown: Sequence[States]) -> Iterator[Equation]:
    """What is known of the states; the first of the areas is the sum of the others."""
    for n, states in enumerate(areas):
        for state in STATES:
            yield {(n, TOTAL, state): 1} | {(n, kind, state): -1 for kind in KINDS}
        for key, cell in states.items():
            yield from _known_of(n, key, cell, key in shown[n])
    for key in areas[0]:
        for state in STATES:
            column = {(n, key, state): 1 for n in range(1, len(areas))}
            yield column | {(0, key, state): -1}
            if key in shown[0] and not getattr(areas[0][key], state):
                yield from ({each: 1} for each in column)


def _known_of(n: int, key: str, cell: arithmetic.Coverage, is_shown: bool) -> Iterator[Equation]:
    """n/d, what is shown, what cannot be, and what counts nothing because its sum does not."""
    for group in (COVERED, LEFT):
        yield {(n, key, state): 1 for state in group}
        if not _sum(cell, group):
            yield from ({(n, key, state): 1} for state in group)
    known = STATES if is_shown else [NEVER[key]] if key in NEVER else []
    yield from ({(n, key, state): 1} for state in known)


def _sum(cell: arithmetic.Coverage, states: Iterable[str]) -> int:
    return sum(getattr(cell, state) for state in states)


def _secrets(states: States) -> set[tuple[str, str]]:
    """The small states of persons, of one kind or together, that are not all there is to n/d."""
    found = set()
    for state in STATES:
        group = COVERED if state in COVERED else LEFT
        numbers = {kind: getattr(states[kind], state) for kind in PERSONS}
        apart = {kind for kind, n in numbers.items() if 0 < n < _sum(states[kind], group)}
        found |= {(kind, state) for kind in apart if numbers[kind] < arithmetic.SMALLEST}
        if apart and sum(numbers.values()) < arithmetic.SMALLEST:
            found.add((TOTAL, state))
    return found


def _states_given_away(areas: Sequence[States], shown: Sequence[States]) -> set[object]:
    """The small states that follow from what is shown."""
    secret = {(n, *each) for n, states in enumerate(areas) for each in _secrets(states)}
    return secret & determined(_state_equations(areas, shown))


def _counted(states: States) -> dict[str, int]:
    found = {key: cell.registered for key, cell in states.items()}
    for key, cell in states.items():
        found |= arithmetic.fewest_of_states(key, cell)
    return found


def _shown_states(states: States, hidden: set[str]) -> States:
    return {
        key: cell
        for key, cell in states.items()
        if not hidden.intersection(arithmetic.states_of(key))
    }


def _states_of_a_city(seed: int) -> tuple[list[States], list[States]]:
    """A city and its areas by state, and what an outsider is shown of each."""
    chance = random.Random(seed)
    areas = [_broken_down(chance) for _ in range(chance.randrange(1, 6))]
    whole = {key: sum((each[key] for each in areas), arithmetic.Coverage()) for key in areas[0]}
    (above,) = withheld([_counted(whole)])
    hidden = [above, *withheld([_counted(each) for each in areas], above)]
    every = [whole, *areas]
    return every, [_shown_states(*each) for each in zip(every, hidden, strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_no_small_state_follows_from_what_is_shown(seed: int) -> None:
    assert _states_given_away(*_states_of_a_city(seed)) == set()


def test_without_complements_small_states_would_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "_hide_across", lambda areas, hidden: None)
    assert any(_states_given_away(*_states_of_a_city(seed)) for seed in range(60))


def test_large_states_are_shown_to_all() -> None:
    shown = [states for seed in range(60) for states in _states_of_a_city(seed)[1]]
    assert any(kind in states for states in shown for kind in PERSONS)


### What pages and files show of a city


def _told(table: Table) -> States:
    """The states as a table of an area tells them, by its first column."""
    names = {TargetKind(kind).label: kind for kind in KINDS} | {"合计": TOTAL}
    columns = {column.title: n for n, column in enumerate(table.columns)}
    return {
        names[str(row[0])]: arithmetic.Coverage(
            **{state.value: row[columns[state.label]] for state in TargetState}  # type: ignore[arg-type]
        )
        for row in (*table.rows, table.total)
        if row[2] is not None
    }


def _table_of_file(book: openpyxl.Workbook, like: Table) -> Table:
    """The sheet read back as the table that it was written from."""
    rows = [row for row in book[like.title].iter_rows(values_only=True) if row[0] in LABELS]
    blank = [[None if cell == "—" else cell for cell in row] for row in rows]
    return Table(like.title, like.columns, blank[:-1], total=blank[-1])


LABELS = {TargetKind(kind).label for kind in KINDS} | {"合计"}


@pytest.fixture
def county_in_states(filled: World) -> World:
    """Three villages of the county's townships, their households in many states."""
    for village, numbers in (
        (filled.village, {"effective": 6, "empty": 7, "absent": 2}),
        (filled.village2, {"effective": 9, "empty": 5}),
    ):
        homes = iter(filled.households(40, village))
        for outcome, number in numbers.items():
            for _ in range(number):
                visit(filled, next(homes), Outcome(outcome))
    return filled


def _where(world: World) -> list[Area]:
    return [world.county, world.township, world.village, world.village2]


def _tables_of_page(world: World, area: Area) -> Table:
    return world.client(world.discipline).get(PAGE, {"area": area.code}).context["states"]


def _tables_of_report(world: World, area: Area) -> Table:
    return world.client(world.discipline).get("/progress/", {"area": area.code}).context["states"]


def _tables_of_file(world: World, area: Area) -> Table:
    book = _file(world, services.request_coverage_export, export_coverage, area)
    return _table_of_file(book, _tables_of_page(world, area))


def _tables_of_report_file(world: World, area: Area) -> Table:
    ask = partial(request_progress_export, file_format=FileFormat.XLSX)
    book = _file(world, ask, export_progress, area)
    return _table_of_file(book, _tables_of_report(world, area))


def _file(world: World, ask: object, build: object, area: Area) -> openpyxl.Workbook:
    job = ask(campaign=world.campaign, area=area, actor=world.discipline)  # type: ignore[operator]
    build(job_id=str(job.pk))  # type: ignore[operator]
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    with open_file(job) as file:
        return openpyxl.load_workbook(file)


WAYS = (_tables_of_page, _tables_of_report, _tables_of_file, _tables_of_report_file)


def _leaks(world: World, way: Callable[[World, Area], Table]) -> set[object]:
    """What follows for the villages of the township from its tables and theirs."""
    _, above, *below = [_told(way(world, area)) for area in _where(world)]
    office = world.city_office
    true = [
        {key: line.cells[key] for key in (*KINDS, TOTAL)}
        for line in (seen_by(world, office, area).whole for area in _where(world)[1:])
    ]
    return _states_given_away(true, [above, *below])  # type: ignore[arg-type]


@pytest.mark.parametrize("way", WAYS)
def test_no_page_and_no_file_gives_a_small_state_away(
    county_in_states: World, way: Callable[[World, Area], Table]
) -> None:
    assert _leaks(county_in_states, way) == set()
    large = way(county_in_states, county_in_states.county)
    assert [row[1] for row in large.rows if row[0] == "群众"] == [90]  # n/d stays


@pytest.mark.parametrize("way", WAYS)
def test_without_the_question_each_would(
    county_in_states: World,
    monkeypatch: pytest.MonkeyPatch,
    way: Callable[[World, Area], Table],
) -> None:
    monkeypatch.setattr(pictures, "sees_small_cells", lambda user, area: True)
    assert _leaks(county_in_states, way)


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
