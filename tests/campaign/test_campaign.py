"""campaign: made whole or not at all, found by its days, its rules kept by the database."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from campaign.blueprints import TEN_ILLS, problem_list
from campaign.choices import StageKind
from campaign.models import Campaign, Category, Stage, Taxonomy
from campaign.queries import running_campaigns, stage_on, stages_of
from campaign.schedule import windows_from
from campaign.services import WrongDates, create_campaign
from core.models import AuditEntry
from organisation.services import create_user
from tests.personas import ADMINISTRATORS, World

FIVE = tuple((f"问题{number}", "") for number in range(1, 6))
FIRST = date(2025, 3, 3)
LISTS = [problem_list("作风十弊", TEN_ILLS), problem_list("五类问题", FIVE)]
DAYS = {  # of the four stages, one after the other
    StageKind.MOBILISATION: (FIRST, date(2025, 3, 16), "全员参加动员"),
    StageKind.SELF_EXAMINATION: (date(2025, 3, 17), date(2025, 4, 30), "人人有清单"),
    StageKind.SUPERVISION: (date(2025, 5, 1), date(2025, 7, 31), "查实整改"),
    StageKind.SUMMARY: (date(2025, 8, 1), date(2025, 8, 31), "巩固提升"),
}


def campaign_of(world: World, name: str = "去年的行动", **changes: object) -> Campaign:
    values = {"stages": DAYS, "lists": LISTS} | changes
    return create_campaign(
        name=name, area=world.county, organiser="作风办", actor=world.office, **values
    )


def test_a_campaign_runs_from_its_first_stage_to_its_last(world: World) -> None:
    made = campaign_of(world)
    assert (made.starts_on, made.ends_on) == (FIRST, date(2025, 8, 31))
    stages = [(stage.kind, stage.starts_on, stage.ends_on, stage.goal) for stage in stages_of(made)]
    assert stages == [(kind, *days) for kind, days in DAYS.items()]


def test_its_category_lists_are_numbered_as_given(world: World) -> None:
    made = campaign_of(world)
    assert [taxonomy.name for taxonomy in made.taxonomies.order_by("id")] == [
        "作风十弊",
        "五类问题",
    ]
    rows = Category.objects.filter(taxonomy__campaign=made, taxonomy__name="作风十弊")
    assert list(rows.values_list("number", "name", "gloss")) == [
        (number, name, gloss) for number, (name, gloss) in enumerate(TEN_ILLS, start=1)
    ]


def test_the_ten_ills_are_ten_and_fit_their_columns() -> None:
    assert len({name for name, _ in TEN_ILLS}) == 10
    assert max(len(name) for name, _ in TEN_ILLS) <= 40
    assert max(len(gloss) for _, gloss in TEN_ILLS) <= 120


def test_it_is_audited(world: World) -> None:
    made = campaign_of(world)
    entry = AuditEntry.objects.filter(act="campaign.create").last()
    assert (entry.actor, entry.subject) == (world.office, f"campaign.Campaign:{made.pk}")


@pytest.mark.parametrize(
    ("days", "words"),
    [
        ((date(2025, 4, 30), date(2025, 4, 1)), "自查自纠的结束日期早于开始日期"),
        ((date(2025, 3, 10), date(2025, 4, 30)), "请改成从 2025-03-17 开始"),
        ((date(2025, 3, 17), date(2025, 5, 2)), "请改成从 2025-05-03 开始"),
        ((date(2025, 3, 20), date(2025, 4, 30)), "中间有空档。请改成从 2025-03-17 开始"),
    ],
)
def test_a_campaign_whose_stages_do_not_follow_leaves_nothing(
    world: World, days: tuple[date, date], words: str
) -> None:
    before = [model.objects.count() for model in (Campaign, Stage, Taxonomy, AuditEntry)]
    with pytest.raises(WrongDates, match=words):
        campaign_of(world, stages=DAYS | {StageKind.SELF_EXAMINATION: (*days, "错")})
    after = [model.objects.count() for model in (Campaign, Stage, Taxonomy, AuditEntry)]
    assert after == before


def test_a_name_is_used_once(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        campaign_of(world, world.campaign.name)


def test_the_database_refuses_what_makes_no_sense(world: World) -> None:
    made = campaign_of(world)
    for rows, change, name in (
        (Campaign.objects.filter(pk=made.pk), {"ends_on": FIRST}, "campaign_ends_after_start"),
        (made.stages.all(), {"kind": "party"}, "stage_kind_known"),
        (Stage.objects.filter(pk=made.stages.first().pk), {"kind": "summary"}, None),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)


# --- which campaign, which stage ----------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "runs"),
    [(0, 1, True), (-1, 0, True), (-9, 9, True), (1, 9, False), (-9, -1, False)],
)
def test_a_campaign_runs_from_its_first_to_its_last_day(
    world: World, first: int, last: int, runs: bool
) -> None:
    Campaign.objects.update(
        starts_on=world.today + timedelta(days=first), ends_on=world.today + timedelta(days=last)
    )
    assert running_campaigns(world.cadre) == ([world.campaign] if runs else [])


@pytest.fixture
def newer(world: World) -> Campaign:
    """A campaign of the county that began after the world's and runs beside it."""
    windows = windows_from(world.today - timedelta(days=1), dict.fromkeys(StageKind, 5))
    stages = {kind: (each.start, each.end, "目标") for kind, each in windows.items()}
    made = campaign_of(world, name="机关病整治", stages=stages)
    assert made.starts_on > world.campaign.starts_on
    return made


def test_of_two_that_run_the_latest_comes_first(world: World, newer: Campaign) -> None:
    assert running_campaigns(world.cadre) == [newer, world.campaign]
    assert running_campaigns(world.stranger_office) == [world.campaign]  # of another county


PAGES = ("/", "/campaign/", "/visits/", "/issues/", "/issues/new/")


@pytest.mark.parametrize("address", PAGES)
def test_a_person_works_in_the_latest_until_choosing_another(
    world: World, newer: Campaign, address: str
) -> None:
    browser = world.client(world.cadre)
    assert _worked_in(browser, address) == newer
    answer = browser.post(f"/campaign/{world.campaign.pk}/choose/", {"next": address})
    assert answer["Location"] == address
    assert _worked_in(browser, address) == world.campaign


def test_what_is_written_belongs_to_the_chosen_campaign(world: World, newer: Campaign) -> None:
    browser = world.client(world.cadre)
    browser.post(f"/campaign/{world.campaign.pk}/choose/")
    form = browser.get("/issues/new/").context["form"]
    assert form.campaign == world.campaign


def test_the_choice_is_offered_only_when_there_is_one(world: World) -> None:
    assert "正在办理的专项行动" not in world.client(world.cadre).get("/").content.decode()


def test_a_chosen_campaign_that_ends_gives_way(world: World, newer: Campaign) -> None:
    browser = world.client(world.cadre)
    browser.post(f"/campaign/{world.campaign.pk}/choose/")
    Campaign.objects.filter(pk=world.campaign.pk).update(ends_on=world.today - timedelta(days=1))
    assert _worked_in(browser, "/") == newer


@pytest.mark.parametrize("away", ["https://example.com/", "//example.com", "javascript:alert(1)"])
def test_after_choosing_nobody_is_sent_outside(world: World, newer: Campaign, away: str) -> None:
    answer = world.client(world.cadre).post(f"/campaign/{newer.pk}/choose/", {"next": away})
    assert answer["Location"] == "/"


def test_only_what_runs_can_be_chosen(world: World) -> None:
    past = campaign_of(world)
    assert world.client(world.cadre).post(f"/campaign/{past.pk}/choose/").status_code == 404


def _worked_in(browser: Client, address: str) -> Campaign | None:
    return browser.get(address).wsgi_request.campaign  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (FIRST - timedelta(days=1), None),
        (FIRST, StageKind.MOBILISATION),
        (date(2025, 3, 16), StageKind.MOBILISATION),
        (date(2025, 3, 17), StageKind.SELF_EXAMINATION),
        (date(2025, 8, 31), StageKind.SUMMARY),
        (date(2025, 9, 1), None),
    ],
)
def test_the_stage_of_a_day(world: World, day: date, kind: StageKind | None) -> None:
    stage = stage_on(campaign_of(world), day)
    assert (stage.kind if stage else None) == kind


def test_everybody_but_administrators_may_know_the_campaign(world: World) -> None:
    seen = {
        name: Campaign.objects.visible_to(who).exists()
        for name, who in vars(world).items()
        if hasattr(who, "username")
    }
    assert {name for name, sees in seen.items() if not sees} == ADMINISTRATORS
    assert not Campaign.objects.visible_to(create_user(username="x", name="无授权")).exists()
