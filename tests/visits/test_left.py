"""What is left of an area, entry by entry: from the coverage page, for readers of entries."""

import uuid

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from pytest_django import DjangoAssertNumQueries

from core.jobs import open_file
from core.models import Job
from organisation.models import Area
from tests.personas import World
from visits import rules, services
from visits.choices import LEFT, Outcome, Way
from visits.models import APPEAL_READERS, Target, Visit, register
from visits.queries.left import Left
from visits.tasks import export_left

PAGE = "/visits/coverage/left/"
COVERAGE = "/visits/coverage/"


@pytest.fixture
def filled(world: World) -> World:
    """Households in three villages of two counties; one absent, one refused, one visited."""
    Target.objects.all().delete()
    homes = world.households(5)
    world.households(2, world.village2)
    world.households(3, world.other_village)
    for home, outcome in zip(
        homes, (Outcome.ABSENT, Outcome.REFUSED, Outcome.EFFECTIVE), strict=False
    ):
        services.record_visit(
            token=uuid.uuid4(),
            target=home,
            author=world.cadre,
            visited_on=world.today,
            way=Way.HOME,
            outcome=outcome,
        )
    return world


def page(world: World, name: str, area: Area, state: str = "pending", **more: str) -> str:
    asked = {"area": area.code, "state": state} | more
    answer = world.client(getattr(world, name)).get(PAGE, asked)
    assert answer.status_code == 200
    return answer.text


def codes(text: str, world: World) -> list[str]:
    found = Target.objects.values_list("code", flat=True)
    return sorted((code for code in found if code in text), key=text.index)


def test_each_state_of_each_area_is_listed_whole_in_the_order_of_the_villages(
    filled: World,
) -> None:
    for area in (filled.city, filled.county, filled.village):
        for state in LEFT:
            expected = Target.objects.registered().filter(state=state, area__path__under=area.path)
            ordered = expected.order_by("area_id", "pk").values_list("code", flat=True)
            assert codes(page(filled, "city_office", area, state), filled) == list(ordered)


def test_the_coverage_page_leads_there_with_the_same_numbers(filled: World) -> None:
    answer = filled.client(filled.office).get(COVERAGE, {"area": filled.village.code})
    links = {each["label"]: (each["number"], each["link"]) for each in answer.context["left"]}
    assert {label: number for label, (number, _) in links.items()} == {
        "待走访": 2,
        "无人待补访": 1,
        "拒访待再访": 1,
    }
    for number, link in links.values():
        assert f'href="{link.replace("&", "&amp;")}"' in answer.text
        listed = filled.client(filled.office).get(link)
        assert len(listed.context["page"].rows) == number
        assert f'href="{COVERAGE}?area={filled.village.code}"' in listed.text


@pytest.mark.parametrize("name", ["leader", "discipline"])
def test_who_oversees_reads_totals_alone(filled: World, name: str) -> None:
    person = getattr(filled, name)
    answer = filled.client(person).get(COVERAGE, {"area": filled.village.code})
    assert (answer.context["left"], "名单" in answer.text) == ([], False)
    asked = {"area": filled.village.code, "state": "pending"}
    client = filled.client(person)
    assert client.get(PAGE, asked).status_code == 403
    assert client.post(f"{PAGE}export/", asked).status_code == 403
    with pytest.raises(PermissionDenied, match="领导、纪委监委看各级区划的数字"):
        services.request_left_export(left=Left(filled.campaign, filled.village), actor=person)


@pytest.mark.parametrize("name", ["leader", "discipline"])
def test_without_the_rule_they_would_read_names(
    filled: World, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(rules, "READERS", rules.COVERAGE_READERS)
    answer = filled.client(getattr(filled, name)).get(COVERAGE, {"area": filled.village.code})
    assert answer.context["left"]


def test_the_discipline_office_reads_no_entry_and_no_visit(filled: World) -> None:
    """It reads appeals, for its slips; registers and the log are not its trade."""
    client, visit = filled.client(filled.discipline), Visit.objects.first()
    assert visit
    for address in (f"/visits/targets/{visit.target_id}/", f"/visits/log/{visit.pk}/"):
        assert client.get(address).status_code == 404
        assert filled.client(filled.organisation).get(address).status_code == 200
    assert list(client.get("/visits/log/").context["page"].rows) == []
    assert not Target.objects.visible_to(filled.discipline).exists()


def test_with_the_rows_open_it_would(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "READERS", APPEAL_READERS)
    assert Target.objects.visible_to(filled.discipline).exists()
    assert Visit.objects.visible_to(filled.discipline).exists()


def test_areas_of_others_and_other_states_are_not_found(filled: World) -> None:
    client = filled.client(filled.office)
    for area, state in (
        (filled.other_village.code, "pending"),
        (filled.city.code, "pending"),
        (filled.village.code, "visited"),
        (filled.village.code, "x"),
        ("", "pending"),
    ):
        asked = {"area": area, "state": state}
        assert client.get(PAGE, asked).status_code == 404
        assert client.post(f"{PAGE}export/", asked).status_code == 404


def test_names_of_households_are_masked(filled: World) -> None:
    text = page(filled, "office", filled.village)
    assert "户主" not in text
    assert "户*" in text


def test_it_is_narrowed_by_words_and_kind(filled: World) -> None:
    client = filled.client(filled.office)
    asked = {"area": filled.county.code, "state": "pending", "words": "后关"}
    answer = client.post(f"{PAGE}search/", asked)
    assert "后关" not in answer["Location"]
    shown = client.get(answer["Location"])
    assert {row.entry.area for row in shown.context["page"].rows} == {filled.village2}
    assert page(filled, "office", filled.county, kind="enterprise").count("row-link") == 0


def test_a_page_goes_on_where_the_last_ended(filled: World, settings: object) -> None:
    settings.PAGE_SIZE = 2  # type: ignore[attr-defined]
    client, seen = filled.client(filled.city_office), []
    link = f"?area={filled.city.code}&state=pending"
    while link:
        shown = client.get(f"{PAGE}{link}").context["page"]
        seen += [row.entry.pk for row in shown.rows]
        link = shown.following
    waiting = Target.objects.filter(state="pending").order_by("area_id", "pk")
    assert seen == list(waiting.values_list("pk", flat=True))


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(
    filled: World, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    filled.households(number)
    client = filled.client(filled.office)
    client.get(PAGE, {"area": filled.county.code})
    with django_assert_num_queries(14):
        client.get(PAGE, {"area": filled.county.code})


def test_the_file_holds_what_the_page_shows(filled: World) -> None:
    asked = {"area": filled.county.code, "state": "pending", "kind": ""}
    answer = filled.client(filled.office).post(f"{PAGE}export/", asked)
    assert answer["Location"] == f"{PAGE}?area={filled.county.code}&state=pending"
    job = Job.objects.get(kind="visits.export_left")
    export_left(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    with open_file(job) as file:
        (sheet,) = openpyxl.load_workbook(file).worksheets
    rows = [row for row in sheet.iter_rows(values_only=True) if row[3] == "群众"]
    assert [row[4] for row in rows] == codes(page(filled, "office", filled.county), filled)
    assert {row[5] for row in rows} == {"户*"}


def test_who_has_lost_the_area_gets_no_file(filled: World) -> None:
    job = services.request_left_export(
        left=Left(filled.campaign, filled.county), actor=filled.office
    )
    filled.office.grants.all().delete()
    export_left(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "没有查看这个区域的权限" in job.message


def test_a_list_too_long_is_refused_and_not_cut(filled: World, settings: object) -> None:
    settings.EXPORT_MAX_ROWS = 2  # type: ignore[attr-defined]
    job = services.request_left_export(
        left=Left(filled.campaign, filled.county), actor=filled.office
    )
    export_left(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, "超过 2 个" in job.message) == (Job.State.FAILED, True)
