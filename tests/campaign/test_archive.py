"""Archiving: numbers stay, persons go; once, by the office, after the end; whole or not at all."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaign import archiving
from campaign.archive import summed
from campaign.models import Campaign, DroppedFile, Stage, TaskDone, Total
from campaign.queries import overview_of, totals_visible_to
from campaign.services import Refused, delete_dropped_files
from campaign.services import archive as archive_services
from core.models import AuditEntry, Job
from evaluations.models import Code, Tally
from evaluations.queries import results, turnout
from issues.models import Autosave, Evidence, Issue, LikenessKeys, ListEntry, LongTerm
from reports.queries.progress import progress
from tests.architecture.objects import Objects
from tests.campaign.archiving import (
    asked,
    bring_to_its_end,
    lived_through,
    move_clock,
    second_office,
    worked_off,
)
from tests.kept import Keep, Kept
from tests.personas import World
from visits.archive import figures, told_apart
from visits.models import (
    AnswerSeed,
    Appeal,
    AppealExtension,
    AppealPause,
    CallBackLink,
    CoverageCount,
    Target,
    TruthFlag,
    TruthLook,
    Visit,
    VisitVersion,
    Voice,
)


@pytest.fixture(scope="session")
def kept_end(keep: Keep, kept_world: Kept[World]) -> Kept[World]:
    def build(world: World) -> World:
        Objects(world).build()
        lived_through(world)
        return world

    return keep(build, upon=kept_world)


@pytest.fixture
def ended(world: World, kept_end: Kept[World], monkeypatch: pytest.MonkeyPatch) -> World:
    """The campaign with something of everything, the day after its end."""
    kept_end(world)
    bring_to_its_end(world)
    move_clock(monkeypatch, world.campaign)
    return world


@pytest.fixture
def archived(ended: World, django_capture_on_commit_callbacks) -> World:
    with django_capture_on_commit_callbacks(execute=True):
        job = worked_off(asked(ended))
    assert (job.state, job.message) == (Job.State.DONE, "")
    return ended


def totals(**wanted: object) -> QuerySet[Total]:
    """Of the campaign that is archived here; another one has been for long."""
    return Total.objects.exclude(campaign__name__startswith="去年的行动").filter(**wanted)


def total(measure: str, part: str = "", unit: object = None) -> tuple[int, int | None] | None:
    rows = totals(measure=measure, part=part, unit=unit)
    return rows.values_list("n", "d").first()


def stored_files() -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def untouched(world: World) -> bool:
    world.campaign.refresh_from_db()
    return (
        world.campaign.archived_at is None
        and Issue.objects.exists()
        and Visit.objects.exists()
        and not totals().exists()
        and not DroppedFile.objects.exists()
    )


### Totals


def test_the_totals_are_what_the_pages_said(
    ended: World, django_capture_on_commit_callbacks
) -> None:
    office = ended.city_office
    before = progress(office, ended.campaign, [ended.city], timezone.now(), listed=0)
    stages = overview_of(ended.campaign, ended.city_office, timezone.localdate()).stages
    lines = [line for stage in stages for line in stage.tasks]
    worked_off(asked(ended))
    coverage = before.coverage
    assert total("visits/coverage") == (coverage.covered, coverage.registered) == (10, 12)
    homes = before.picture.whole.cells["household"]
    assert total("visits/coverage", "群众") == (homes.covered, homes.registered) == (10, 12)
    assert total("visits/appeals") == (before.appeals.done, before.appeals.whole) == (1, 6)
    assert total("visits/settled") == (0, 2)
    assert total("issues/signed_off") == (before.problems.closed, before.problems.filed) == (1, 6)
    for row in before.categories:
        kept = total("issues/categories", f"{row.list_name} {row.number}. {row.name}")
        assert kept == ((row.problems.filed, None) if row.problems.filed else None)
    assert total("campaign/tasks") == (sum(line.is_done for line in lines), len(lines))
    for line in lines:
        task = line.task
        name = f"{task.stage.get_kind_display()} {task.number}. {task.title}"
        kept = total("campaign/tasks", name)
        assert kept == ((line.done, line.expected) if line.expected else None)


def test_each_unit_keeps_its_own(archived: World) -> None:
    unit, other = archived.unit, archived.other_unit
    assert total("campaign/activities", unit=unit) == (1, None)
    assert total("campaign/heads", "专题学习", unit) == (12, None)
    assert total("campaign/institutions", unit=unit) == (1, None)
    assert total("campaign/institutions", unit=other) is None
    assert total("visits/visits", unit=unit) == total("visits/visits") == (11, None)
    assert not totals(measure="visits/visits").exclude(part="").exists()  # one nobody opened
    assert total("visits/appeals", unit=unit) == (1, 6)
    assert total("issues/states", "整改中", unit) == (4, None)
    assert total("campaign/tasks", "总结提升 2. 上传工作总结", unit) == (1, 1)
    assert total("evaluations/rounds", unit=unit) == (2, 3)
    assert total("campaign/stages") == (0, 4)


def test_a_sum_stands_before_its_parts_and_these_in_their_order(
    ended: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the limit off what came of single visits would stay too."""
    monkeypatch.setattr("visits.coverage.SMALLEST", 1)
    worked_off(asked(ended))
    rows = totals(measure="visits/visits", unit=ended.unit).order_by("id")
    parts = ["", "有效走访", "无人在家", "空挂户"]
    assert list(rows.values_list("part", flat=True)) == parts
    page = ended.client(ended.city_office).get(f"/campaign/{ended.campaign.pk}/")
    (table,) = [each for each in page.context["tables"] if each.title == "遍访 · 数量"]
    assert [row[0] for row in table.rows][:4] == ["走访", *(f"　{part}" for part in parts[1:])]


def coverage_kept(world: World) -> dict[str, tuple[int, int | None]]:
    found = figures(world.campaign)
    return {each.part: (each.n, each.d) for each in found if each.measure == "visits/coverage"}


def test_no_small_cell_of_the_register_is_kept(
    ended: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An archive is read by the discipline office too, and keeps what that may see."""
    CoverageCount.objects.create(
        campaign=ended.campaign, area=ended.city, kind="enterprise", pending=3
    )
    assert coverage_kept(ended) == {"村居": (0, 0), "群众": (10, 12)}
    monkeypatch.setattr("visits.coverage.SMALLEST", 1)
    every = {"": (10, 15), "企业": (0, 3), "村居": (0, 0), "群众": (10, 12)}
    assert coverage_kept(ended) == every


def test_of_units_either_none_or_two_keep_what_came_of_their_visits() -> None:
    """The whole without the others would be the one that is withheld."""
    made = {1: {"a": 40, "b": 2}, 2: {"a": 30, "b": 6}, 3: {"a": 50, "b": 9}}
    numbers = [(unit, part, n) for unit, row in made.items() for part, n in row.items()]
    kept = list(told_apart(list(summed("visits/visits", numbers))))
    assert {each.unit for each in kept if each.part} == {None, 3}
    assert {each.unit: each.n for each in kept if not each.part} == {None: 137, 1: 42, 2: 36, 3: 59}


def test_drafts_are_not_counted(archived: World) -> None:
    """A draft is its author's alone, and so is that there is one."""
    assert not totals(part__in=["草稿", "已撤回"]).exists()
    assert total("issues/states") == (8, None)


def test_a_small_unit_keeps_no_categories(archived: World) -> None:
    """Two of a unit have written: a category would say which of the two did what."""
    parts = totals(measure__in=["issues/categories", "issues/sources"])
    assert parts.filter(unit=None).count() == 2
    assert not parts.exclude(unit=None).exists()


def test_with_the_limit_off_it_would(ended: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issues.archive.FEWEST_AUTHORS", 2)
    worked_off(asked(ended))
    assert totals(measure="issues/categories", unit=ended.unit).exists()


def test_ratings_show_no_more_than_before(ended: World) -> None:
    rounds = {each.title: each for each in ended.campaign.rounds.filter(unit=ended.other_unit)}
    shown = results(rounds["年度评议"])
    about = [(row.used_about, row.printed) for row in turnout(rounds["样本不足"])]
    worked_off(asked(ended))
    unit = ended.other_unit
    rate = shown.satisfied
    assert total("evaluations/satisfied", "年度评议", unit) == (rate.part, rate.whole)
    assert total("evaluations/satisfied", "样本不足", unit) is None
    assert about == [(5, 5), (0, 3), (5, 6)]
    assert total("evaluations/turnout", "样本不足", unit) == (10, 14)
    assert not totals(measure="evaluations/satisfied", unit=None).exists()
    assert results(rounds["年度评议"]) == shown  # its page says what it said


### What goes and what stays


def test_rows_of_persons_go_and_counters_stay(ended: World) -> None:
    tallies = list(Tally.objects.order_by("pk").values())
    counters = list(CoverageCount.objects.order_by("pk").values())
    worked_off(asked(ended))
    for model in (Issue, Visit, Target, Code):
        assert not model.objects.exists()
    assert not TaskDone.objects.exclude(person=None).exists()
    assert list(Tally.objects.order_by("pk").values()) == tallies
    assert list(CoverageCount.objects.order_by("pk").values()) == counters
    (activity,) = ended.campaign.activities.all()
    assert (activity.heads, activity.recorded_by, activity.summary) == (12, None, "")
    assert set(Stage.objects.values_list("ended_by", "end_reason")) == {(None, "")}


def test_another_campaign_is_left_alone(ended: World) -> None:
    """Everything of the one, nothing of the other."""
    Campaign.objects.filter(pk=ended.campaign.pk).update(name="别的行动")
    other = ended._campaign()
    kept = [model.objects.count() for model in (Issue, Visit, Target, Code, Evidence)]
    bring_to_its_end(ended, other)
    worked_off(asked(ended, campaign=other))
    other.refresh_from_db()
    assert other.archived_at
    assert [model.objects.count() for model in (Issue, Visit, Target, Code, Evidence)] == kept
    assert Stage.objects.exclude(ended_by=None).count() == 4


def test_files_go_once_it_holds(ended: World, django_capture_on_commit_callbacks) -> None:
    before = stored_files()
    evidence = Evidence.objects.first()
    with django_capture_on_commit_callbacks() as callbacks:
        worked_off(asked(ended))
        assert stored_files() == before
        assert DroppedFile.objects.filter(name=evidence.file.name).exists()
    for callback in callbacks:
        callback()
    kept = [path.name for path in stored_files()]
    assert len(kept) == 3  # the slips and the uploads of the roster and of the units
    assert not DroppedFile.objects.exists()


def test_files_that_a_dead_worker_left_are_swept(ended: World) -> None:
    worked_off(asked(ended))  # dies before the files
    left = DroppedFile.objects.count()
    assert delete_dropped_files() == left == 13
    assert delete_dropped_files() == 0


def test_the_page_counts_what_goes(ended: World) -> None:
    page = ended.client(ended.city_office).get(f"/campaign/{ended.campaign.pk}/archive/")
    losses = [*page.context["gone"], *page.context["cleared"]]
    numbers = {loss.label: loss.number for loss in losses}
    assert numbers["走访记录"] == Visit.objects.count() == 11
    assert numbers["佐证文件"] == 4
    rows = 2 + 3 + 1  # a member and an area of the team; three checks of files; a newer file
    rows += LikenessKeys.objects.count() + ListEntry.objects.count() + LongTerm.objects.count()
    rows += Voice.objects.count() + AppealPause.objects.count() + AppealExtension.objects.count()
    rows += Appeal.assisting.through.objects.count() + VisitVersion.objects.count()
    rows += CallBackLink.objects.count() + TruthFlag.visits.through.objects.count()
    rows += AnswerSeed.objects.count() + TruthLook.objects.count()
    rows += Autosave.objects.count() + Evidence.objects.exclude(thumb="").count()
    job = worked_off(asked(ended))
    labelled = sum(numbers.values())
    unlabelled = job.outcome["dropped"] - labelled
    assert unlabelled == rows


### Who, when, once


def test_nobody_archives_before_the_end(
    world: World, kept_end: Kept[World], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_end(world)
    with pytest.raises(Refused, match="过了这一天再归档"):
        asked(world)
    move_clock(monkeypatch, world.campaign, days=0)
    with pytest.raises(Refused, match="过了这一天再归档"):
        asked(world)
    move_clock(monkeypatch, world.campaign)
    with pytest.raises(Refused, match="动员部署、自查自纠、监督检查、总结提升还没有结束") as told:
        asked(world)
    assert "还有 1 轮评议正在进行" in str(told.value)
    assert untouched(world)


@pytest.mark.parametrize(
    "name", ["cadre", "head", "office", "stranger_office", "leader", "city_leader", "system_admin"]
)
def test_only_the_office_that_keeps_it_archives(ended: World, name: str) -> None:
    with pytest.raises(PermissionDenied):
        asked(ended, actor=getattr(ended, name))
    answer = ended.client(getattr(ended, name)).post(
        f"/campaign/{ended.campaign.pk}/archive/", {"name": ended.campaign.name}
    )
    assert answer.status_code == 403
    assert not Job.objects.filter(kind="campaign.archive").exists()


def test_a_right_lost_meanwhile_archives_nothing(ended: World) -> None:
    job = asked(ended)
    ended.city_office.grants.update(revoked_at=timezone.now())
    assert worked_off(job).message == f"没有归档：{archive_services.NOT_YOURS}"
    assert untouched(ended)


def test_a_stage_taken_up_again_meanwhile_stops_it(ended: World) -> None:
    job = asked(ended)
    Stage.objects.filter(kind="summary").update(ended_at=None, ended_by=None, end_reason="")
    assert "总结提升还没有结束" in worked_off(job).message
    assert untouched(ended)


def test_two_who_press_at_once_share_one_job(ended: World) -> None:
    other = second_office(ended)
    assert asked(ended, actor=other).pk == asked(ended).pk
    page = ended.client(ended.city_office).get(f"/campaign/{ended.campaign.pk}/archive/")
    assert "别人已经开始归档" in page.text


def test_it_is_archived_once(ended: World) -> None:
    first = asked(ended)
    second = Job.objects.create(
        kind=first.kind, title="", owner=ended.city_office, arguments=first.arguments
    )
    assert worked_off(first).state == Job.State.DONE
    kept = totals().count()
    assert "已经归档" in worked_off(second).message
    assert totals().count() == kept
    assert AuditEntry.objects.filter(act="campaign.archive").count() == 1
    with pytest.raises(PermissionDenied, match="已经归档"):
        asked(ended)


def test_of_two_workers_one_wins(ended: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past all questions, the conditional write alone: the loser's totals go with it."""
    campaign = Campaign.objects.get(pk=ended.campaign.pk)
    Campaign.objects.filter(pk=campaign.pk).update(archived_at=timezone.now())
    with pytest.raises(PermissionDenied, match="已经归档"):
        archive_services._claim(campaign)


@pytest.mark.parametrize("where", ["_drop", "_claim", "audit.record"])
def test_a_worker_that_fails_on_the_way_leaves_everything(
    ended: World, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError

    job = asked(ended)
    with monkeypatch.context() as patch:
        patch.setattr(f"campaign.services.archive.{where}", broken)
        assert worked_off(job).state == Job.State.FAILED
    assert untouched(ended)
    assert Evidence.objects.exists()


def test_a_worker_that_lost_its_job_leaves_everything(
    ended: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = asked(ended)

    def lose(*args: object) -> None:
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000009")

    monkeypatch.setattr(archive_services, "_claim", lose)
    assert worked_off(job).state == Job.State.RUNNING  # the other's
    assert untouched(ended)


def test_it_is_audited_with_its_numbers(archived: World) -> None:
    entry = AuditEntry.objects.get(act="campaign.archive")
    assert entry.actor == archived.city_office
    assert entry.subject == f"campaign.Campaign:{archived.campaign.pk}"
    assert entry.detail["totals"] == totals().count() > 50


def test_the_statements_do_not_grow_with_the_rows(ended: World) -> None:
    """What goes goes in one statement for each table."""
    drops = list(archiving.drops_of(ended.campaign))
    with CaptureQueriesContext(connection) as queries:
        for drop in drops:
            archive_services._drop(drop)
    with_files = sum(bool(drop.files) for drop in drops)
    assert len(queries) <= len(drops) + 4 * with_files


### The page


ADDRESS = "/campaign/{}/archive/"


def office(world: World) -> tuple[Client, str]:
    return world.client(world.city_office), ADDRESS.format(world.campaign.pk)


def test_it_is_asked_for_by_typing_the_name(ended: World) -> None:
    client, address = office(ended)
    for wrong in ("", "干部作风", "干部作风整顿 2"):
        assert client.post(address, {"name": wrong}).status_code == 422
    assert not Job.objects.filter(kind="campaign.archive").exists()
    assert client.post(address, {"name": ended.campaign.name})["Location"] == address
    job = Job.objects.get(kind="campaign.archive")
    assert "正在归档" in client.get(address).text
    worked_off(job)
    assert client.get(address)["Location"] == f"/campaign/{ended.campaign.pk}/"


def test_proof_is_asked_for(ended: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, address = office(ended)
    monkeypatch.setattr("organisation.requests._is_proved", lambda request: False)
    answer = client.post(address, {"name": ended.campaign.name})
    assert answer.templates[0].name == "organisation/proof.html"
    assert not Job.objects.filter(kind="campaign.archive").exists()


def test_before_the_end_the_page_says_what_is_missing(world: World) -> None:
    client, address = office(world)
    page = client.get(address).text
    assert "现在还不能归档" in page
    assert "归档，不能恢复" not in page
    client.post(address, {"name": world.campaign.name})
    assert not Job.objects.filter(kind="campaign.archive").exists()


def test_afterwards_the_page_shows_the_totals(archived: World) -> None:
    client, _ = office(archived)
    page = client.get(f"/campaign/{archived.campaign.pk}/")
    assert page.templates[0].name == "campaign/totals.html"
    assert [table.title for table in page.context["tables"]] == [
        "专项行动 · 完成情况",
        "专项行动 · 数量",
        "遍访 · 完成情况",
        "遍访 · 数量",
        "问题整改 · 完成情况",
        "问题整改 · 数量",
        "三评议 · 完成情况",
    ]
    assert archived.unit.name in page.text
    assert "甲cadre" not in page.text
    for gone in ("units/", "stages/summary/"):
        answer = client.get(f"/campaign/{archived.campaign.pk}/{gone}")
        assert answer["Location"] == f"/campaign/{archived.campaign.pk}/"
    unit = client.get(f"/campaign/{archived.campaign.pk}/units/{archived.unit.pk}/").text
    assert "首问负责制" in unit
    assert "专题学习" in unit


def measures_of(world: World, name: str, unit: object = None) -> set[str]:
    rows = totals_visible_to(getattr(world, name), world.campaign).filter(unit=unit)
    return {measure.partition("/")[0] for measure in rows.values_list("measure", flat=True)}


def test_everybody_reads_what_they_read_before(archived: World) -> None:
    every = {"campaign", "visits", "issues", "evaluations"}
    unit = archived.unit
    assert measures_of(archived, "city_office") == every
    assert measures_of(archived, "office") == {"campaign"}  # its county is not the whole
    assert measures_of(archived, "office", unit) == every
    assert measures_of(archived, "organisation", unit) == every - {"evaluations"}
    assert measures_of(archived, "head", unit) == {"campaign", "issues"}
    assert measures_of(archived, "cadre", unit) == measures_of(archived, "cadre") == {"campaign"}
    assert measures_of(archived, "cadre", archived.other_unit) == set()
    assert measures_of(archived, "stranger_office", unit) == set()
    far = archived.client(archived.stranger_office)
    assert far.get(f"/campaign/{archived.campaign.pk}/units/{unit.pk}/").status_code == 404


def test_the_totals_are_fetched_as_a_workbook(archived: World) -> None:
    client, _ = office(archived)
    answer = client.get(f"/campaign/{archived.campaign.pk}/totals/")
    assert b"".join(answer.streaming_content).startswith(b"PK")
    assert AuditEntry.objects.filter(act="campaign.fetch_totals").count() == 1


def test_an_open_campaign_has_no_totals_to_fetch(world: World) -> None:
    client, _ = office(world)
    assert client.get(f"/campaign/{world.campaign.pk}/totals/").status_code == 404


def test_the_list_of_units_costs_the_same_for_one_and_for_ten(
    archived: World, django_assert_num_queries
) -> None:
    client, _ = office(archived)
    address = f"/campaign/{archived.campaign.pk}/"
    client.get(address)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(address)
    for number in range(8):
        unit = archived._unit(f"增{number}", archived.county)
        Total.objects.create(
            campaign=archived.campaign, unit=unit, measure="campaign/tasks", n=1, d=2
        )
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(address)


PAGE_QUERIES = 10
