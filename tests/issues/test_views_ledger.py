"""issues.views.ledger: chips, saved views, the file."""

import io
import json

import pytest
from django.db import IntegrityError, connection, transaction
from openpyxl import load_workbook

from core.models import AuditEntry, Job
from issues.exports.ledger import COLUMNS
from issues.models import MOST_VIEWS, SavedView
from issues.queries import Criteria
from issues.services import criteria_of, drop_view, keep_view, request_ledger
from issues.tasks import export_ledger
from issues.workflow import Refused
from organisation.models import User
from tests.issues.conftest import brought_to
from tests.personas import World
from tests.searching import sealed

NAMED = Criteria(words="张建国", light="red")


def kept(world: World, owner: User, name: str, criteria: Criteria) -> SavedView:
    return keep_view(campaign=world.campaign, owner=owner, name=name, criteria=criteria)


def test_each_condition_is_a_chip_that_takes_it_away(world: World) -> None:
    issue = brought_to(world, "submit")
    browser = world.client(world.head)
    answer = browser.get(sealed("/issues/?words=没有的词&state=submitted&sort=due"))
    chips = {chip.text: chip.without for chip in answer.context["chips"]}
    assert set(chips) == {"搜索：没有的词", "状态：待单位审核"}
    assert not answer.context["page"].rows
    without = browser.get(f"/issues/{chips['搜索：没有的词']}")
    assert without.context["page"].rows == [issue]
    assert "没有的词" not in chips["状态：待单位审核"]  # sealed


def test_the_words_travel_sealed(world: World) -> None:
    answer = world.client(world.head).post("/issues/search/", {"words": "张建国", "unit": "住建"})
    assert answer.status_code == 302
    assert "words=" in answer.url
    assert "unit=" in answer.url
    assert "%E5%BC%A0" not in answer.url
    assert "%E4%BD%8F" not in answer.url


def test_the_campaign_chosen_at_the_top_is_the_one_shown(world: World) -> None:
    brought_to(world, "submit")
    page = world.client(world.head).get("/issues/")
    assert page.context["filter"].criteria.campaign == str(world.campaign.pk)
    assert "campaign" not in page.context["filter"].fields  # there is no other


def test_a_view_is_kept_opened_renamed_and_deleted(world: World) -> None:
    browser = world.client(world.cadre)
    browser.post("/issues/views/keep/", {"name": "我的逾期", "light": "red", "words": "张建国"})
    view = SavedView.objects.get(owner=world.cadre)
    opened = browser.get(f"/issues/views/{view.pk}/")
    assert opened.status_code == 302
    assert "light=red" in opened.url
    asked = browser.get(opened.url).context["filter"].asked
    assert asked == NAMED
    browser.post(f"/issues/views/{view.pk}/rename/", {"name": "逾期的"})
    assert SavedView.objects.get(pk=view.pk).name == "逾期的"
    browser.post(f"/issues/views/{view.pk}/drop/")
    assert not SavedView.objects.exists()
    acts = AuditEntry.objects.filter(act__endswith="_view").order_by("id")
    assert list(acts.values_list("act", flat=True)) == [
        "issues.keep_view",
        "issues.rename_view",
        "issues.drop_view",
    ]


def test_kept_twice_it_is_one(world: World) -> None:
    first = kept(world, world.cadre, "逾期", NAMED)
    assert kept(world, world.cadre, "逾期", NAMED) == first
    with pytest.raises(Refused, match="换个名字"):
        keep_view(
            campaign=world.campaign, owner=world.cadre, name="逾期", criteria=Criteria(light="red")
        )
    with pytest.raises(Refused, match="先筛选"):
        kept(world, world.cadre, "空的", Criteria())
    assert kept(world, world.head, "逾期", NAMED).owner == world.head


def test_nobody_keeps_more_than_twenty(world: World) -> None:
    views = [kept(world, world.cadre, f"第{n}个", NAMED) for n in range(MOST_VIEWS)]
    with pytest.raises(Refused, match="最多"):
        kept(world, world.cadre, "再一个", NAMED)
    for place in (1, MOST_VIEWS + 1):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.create(
                campaign=world.campaign, owner=world.cadre, place=place, name="硬塞", asked="{}"
            )
    drop_view(view=views[3], actor=world.cadre)
    assert kept(world, world.cadre, "再一个", NAMED).place == 4


def test_a_view_is_its_owners_alone(world: World) -> None:
    view = kept(world, world.cadre, "逾期", NAMED)
    for method, rest in (("get", ""), ("post", "rename/"), ("post", "drop/")):
        browser = world.client(world.head)
        answer = getattr(browser, method)(f"/issues/views/{view.pk}/{rest}", {"name": "拿走"})
        assert answer.status_code == 404
    drop_view(view=view, actor=world.head)
    assert SavedView.objects.get().name == "逾期"


def test_what_is_asked_stands_nowhere_in_plain(world: World) -> None:
    view = kept(world, world.cadre, "逾期", NAMED)
    job = request_ledger(actor=world.cadre, criteria=NAMED)
    with connection.cursor() as cursor:
        cursor.execute("SELECT asked FROM issues_savedview")
        stored = cursor.fetchone()[0]
        cursor.execute("SELECT arguments FROM core_job")
        arguments = str(cursor.fetchone()[0])
    for text in (stored, arguments, json.dumps(arguments)):
        assert "张建国" not in text
        assert r"\u5f20" not in text
    assert "张建国" in view.asked.open()
    assert criteria_of(Job.objects.get(pk=job.pk)) == NAMED


def exported(world: World, job: Job) -> list[tuple[object, ...]]:
    export_ledger(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.message
    book = load_workbook(io.BytesIO(job.file.read()))
    return [tuple(row) for row in book.worksheets[0].iter_rows(values_only=True)]


def test_the_file_holds_what_the_page_shows(world: World) -> None:
    done = brought_to(world, "sign_off", world.issue(title="=cmd|'/c calc'!A1"))
    brought_to(world, "submit")
    hidden = world.issue(world.colleague)
    rows = exported(world, request_ledger(actor=world.head, criteria=Criteria()))
    assert list(rows[1]) == [column.title for column in COLUMNS]
    listed = {row[0]: dict(zip(rows[1], row, strict=True)) for row in rows[2:-1]}
    assert len(listed) == 2
    assert hidden.number not in listed
    row = listed[done.number]
    assert row["问题"] == "=cmd|'/c calc'!A1"  # text, not a formula
    assert row["状态"] == "已销号"
    assert row["期限灯"] == "灰灯 · 已办结"
    assert row["销号人"] == world.discipline.name
    assert row["责任人"] == world.cadre.name
    assert row["佐证数"] == 1
    assert row["申请销号日"] == row["销号日期"] is not None
    assert "导出" in str(rows[-1][0])


def test_the_file_is_narrowed_as_the_page_is(world: World) -> None:
    brought_to(world, "submit")
    wanted = brought_to(world, "confirm")
    criteria = Criteria(state="confirmed", sort="due")
    rows = exported(world, request_ledger(actor=world.office, criteria=criteria))
    assert [row[0] for row in rows[2:-1]] == [wanted.number]


def test_too_long_a_list_is_refused_and_never_cut(
    world: World, settings: pytest.FixtureRequest
) -> None:
    settings.EXPORT_MAX_ROWS = 1  # type: ignore[attr-defined]
    brought_to(world, "submit")
    brought_to(world, "submit")
    job = request_ledger(actor=world.head, criteria=Criteria())
    export_ledger(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "不能导出" in job.message
    assert not job.file


def test_the_file_is_asked_for_once_and_after_proof(world: World) -> None:
    browser = world.client(world.head)
    for _ in range(2):
        assert browser.post("/issues/export/", {"state": "closed"}).status_code == 302
    assert Job.objects.filter(kind="issues.export_ledger").count() == 1
    page = browser.get("/issues/exports/").content.decode()
    assert "问题台账" in page
    assert "还没有导出过" in world.client(world.cadre).get("/issues/exports/").content.decode()
