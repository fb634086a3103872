"""Visits from paper: the rules of the page, the member as author, all of a file or nothing."""

import io
import uuid
from collections import Counter
from datetime import date, time, timedelta

import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from core.jobs import open_file
from core.models import AuditEntry, Job
from core.uploads import UploadState
from organisation.models import User
from tests.core.workbooks import workbook
from tests.personas import World
from tests.visits.appeals import SPOT, asked_by
from visits import services
from visits.choices import AppealState, Handling, Matter, Outcome, TeamSource, Way
from visits.models import Appeal, AppealEvent, Target, Team, Visit, VisitUpload, Voice
from visits.services import paper as services_paper
from visits.sheet.fields import FIELDS
from visits.tasks import apply_paper, check_paper

HEADINGS = [field.heading for field in FIELDS]


@pytest.fixture
def team(world: World) -> World:
    """The cadre and the colleague visit the village together; the colleague has no phone."""
    Target.objects.all().delete()
    world.team.delete()
    services.create_team(
        campaign=world.campaign,
        name="前关村服务队",
        areas=[world.village],
        members={TeamSource.DEPARTMENT: [world.cadre, world.colleague]},
    )
    return world


def row(target: Target, day: object = "", **more: object) -> list[object]:
    values = {"类别": target.get_kind_display(), "编号": target.code, "走访日期": day} | more
    return [values.get(heading, "") for heading in HEADINGS]


def sent(world: World, *rows: list[object], actor: User | None = None) -> VisitUpload:
    """Uploaded and checked."""
    upload = services.upload_paper(
        campaign=world.campaign,
        author=world.colleague,
        name="走访.xlsx",
        content=workbook([HEADINGS, *rows]),
        actor=actor or world.cadre,
    )
    check_paper(job_id=str(upload.job_id))
    upload.refresh_from_db()
    return upload


def applied(world: World, upload: VisitUpload) -> VisitUpload:
    job = services.request_paper_import(upload=upload, actor=upload.uploaded_by)
    apply_paper(job_id=str(job.pk))
    upload.refresh_from_db()
    return upload


def faults(upload: VisitUpload) -> dict[str, int]:
    return upload.report["kinds"]


### What it writes


def test_a_file_becomes_visits_of_the_member(team: World) -> None:
    first, second, third = team.households(3)
    day = team.today - timedelta(days=2)
    upload = sent(
        team,
        row(first, day, 几点="9:30", 同行人="村干部", 了解到的情况="路灯坏了两盏"),
        row(second, day.isoformat(), 结果="无人在家", 方式="错时走访"),
        row(third),
    )
    assert (upload.state, Visit.objects.count()) == (UploadState.CHECKED, 0)
    assert upload.report["new"] == 2
    assert upload.report["empty"] == 1
    assert applied(team, upload).state == UploadState.APPLIED
    visit = Visit.objects.get(target=first)
    assert (visit.author, visit.entered_by) == (team.colleague, team.cadre)
    assert (visit.visited_on, visit.began, visit.way) == (day, time(9, 30), Way.HOME)
    assert (visit.companions, visit.heard) == ("村干部", "路灯坏了两盏")
    states = {each.pk: each.state for each in Target.objects.all()}
    assert states == {first.pk: "visited", second.pk: "absent", third.pk: "pending"}
    assert Target.objects.get(pk=first.pk).last_visited_on == day
    assert services.check_coverage(team.campaign) == []
    entry = AuditEntry.objects.get(act="visits.enter_visits")
    assert (entry.actor, entry.detail["number"]) == (team.cadre, 2)
    assert entry.detail["person"] == team.colleague.pk


def test_several_visits_of_one_target_count_once(team: World) -> None:
    (target,) = team.households(1)
    days = [team.today - timedelta(days=n) for n in (2, 1, 0)]
    outcomes = ("无人在家", "有效走访", "拒访")
    rows = [row(target, day, 结果=outcome) for day, outcome in zip(days, outcomes, strict=True)]
    applied(team, sent(team, *rows))
    target.refresh_from_db()
    assert (target.state, target.last_visited_on) == ("visited", team.today)
    assert Visit.objects.count() == 3
    assert services.check_coverage(team.campaign) == []


def test_appeals_come_along_as_from_the_page(team: World) -> None:
    homes = team.households(3)
    handlings = (Handling.DISPATCH, Handling.ANSWERED, Handling.OWN_UNIT)
    rows = [
        row(
            home,
            team.today,
            诉求=f"修路{n}",
            诉求类别="道路交通",
            诉求怎么处理=handling.label,
            当场怎么答复的=SPOT if handling == Handling.ANSWERED else "",
        )
        for n, (home, handling) in enumerate(zip(homes, handlings, strict=True))
    ]
    applied(team, sent(team, *rows))
    appeals = list(Appeal.objects.order_by("number"))
    assert [each.number for each in appeals] == [1, 2, 3]
    assert [each.state for each in appeals] == [
        AppealState.UNASSIGNED,
        AppealState.SETTLED,
        AppealState.HANDLING,
    ]
    assert {each.category for each in appeals} == {Matter.ROADS}
    assert [each.answer for each in appeals] == ["", SPOT, ""]
    assert AppealEvent.objects.get(step="settle").note == SPOT
    assert appeals[0].due_on
    assert appeals[2].unit == team.unit
    assert Voice.objects.count() == AppealEvent.objects.filter(step="raise").count() == 3
    by_page = services.record_visit(
        token=uuid.uuid4(),
        target=homes[0],
        author=team.colleague,
        visited_on=team.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
        heard="又去了一次",
        appeals=[services.AppealDraft("修路0", Handling.DISPATCH)],
    ).appeals.get()
    same = ("state", "due_on", "workdays", "counted_from", "unit_id", "handler_id", "handling")
    assert [getattr(by_page, name) for name in same] == [getattr(appeals[0], name) for name in same]
    assert by_page.number == 4


def test_a_repeated_import_changes_nothing(team: World) -> None:
    first, second = team.households(2)
    rows = [row(first, team.today, 诉求="修路", 诉求怎么处理="转有关部门"), row(second, team.today)]
    applied(team, sent(team, rows[0]))
    seen = (Visit.objects.count(), Appeal.objects.count())
    again = applied(team, sent(team, rows[0]))
    assert (again.report["new"], again.report["known"]) == (0, 1)
    assert (Visit.objects.count(), Appeal.objects.count()) == seen
    more = applied(team, sent(team, *rows, actor=team.colleague))
    assert (more.report["new"], more.report["known"]) == (1, 1)
    assert Visit.objects.get(target=second).entered_by is None


def test_without_the_token_a_repeated_import_would_double(
    team: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    (target,) = team.households(1)
    monkeypatch.setattr(services_paper, "token_of", lambda *args: uuid.uuid4())
    for _ in range(2):
        applied(team, sent(team, row(target, team.today)))
    assert Visit.objects.count() == 2


def test_a_correction_by_who_entered_it(team: World) -> None:
    (target,) = team.households(1)
    applied(team, sent(team, row(target, team.today)))
    visit = Visit.objects.get()
    page = team.client(team.cadre).get(f"/visits/log/{visit.pk}/")
    assert f"由{team.cadre.name}按纸质记录代录" in page.text
    services.correct_visit(
        visit=visit,
        actor=team.cadre,
        seen_version=1,
        reason="抄错了",
        visited_on=team.today,
        way=Way.HOME,
        outcome=Outcome.REFUSED,
    )
    target.refresh_from_db()
    assert target.state == "refused"
    assert applied(team, sent(team, row(target, team.today))).report["known"] == 1


def correction(world: World, visit: Visit) -> dict[str, str]:
    """As the page of it sends it."""
    return {
        "visited_on": f"{world.today:%Y-%m-%d}",
        "way": Way.HOME,
        "outcome": Outcome.REFUSED,
        "heard": "抄漏了一句",
        "reason": "抄错了",
        "seen_version": str(visit.version),
    }


def test_the_liaison_finds_and_corrects_what_was_brought_in(team: World) -> None:
    """Who has no part in the village; only what the person brought in, and nobody else."""
    mine, other = team.households(2)
    applied(team, sent(team, row(mine, team.today), actor=team.liaison))
    applied(team, sent(team, row(other, team.today)))
    visit, foreign = Visit.objects.get(target=mine), Visit.objects.get(target=other)
    client = team.client(team.liaison)
    assert [each.pk for each, _ in client.get("/visits/log/").context["page"]] == [visit.pk]
    page = client.get(f"/visits/log/{visit.pk}/")
    assert page.status_code == 200
    assert mine.name not in page.text
    answer = client.post(f"/visits/log/{visit.pk}/correct/", correction(team, visit))
    assert answer.status_code == 302
    visit.refresh_from_db()
    assert (visit.version, visit.outcome) == (2, Outcome.REFUSED)
    for hidden in (f"/visits/log/{foreign.pk}/", f"/visits/targets/{mine.pk}/"):
        assert client.get(hidden).status_code == 404
    assert team.client(team.deputy).get(f"/visits/log/{visit.pk}/").status_code == 404


def test_who_left_the_team_still_corrects_what_was_brought_in(team: World) -> None:
    (target,) = team.households(1)
    applied(team, sent(team, row(target, team.today)))
    Team.objects.get().memberships.filter(user=team.cadre).delete()
    visit, client = Visit.objects.get(), team.client(team.cadre)
    answer = client.post(f"/visits/log/{visit.pk}/correct/", correction(team, visit))
    assert answer.status_code == 302


### What it refuses


def test_days_that_cannot_be_are_refused_all_or_nothing(team: World) -> None:
    homes = team.households(6)
    start = team.campaign.starts_on
    upload = sent(
        team,
        row(homes[0], team.today),
        row(homes[1], "2026-11-31"),
        row(homes[2], team.today + timedelta(days=1)),
        row(homes[3], start - timedelta(days=1), 补录原因="忘了"),
        row(homes[4], team.today - timedelta(days=4)),
        row(homes[5], "昨天"),
    )
    assert upload.state == UploadState.REFUSED
    assert faults(upload) == {"format": 2, "day": 2, "late": 1}
    assert (upload.report["wrong"], upload.report["good"]) == (5, 1)
    assert "没有错误的行" in team.client(team.cadre).get(f"/visits/paper/{upload.pk}/").text
    assert Visit.objects.count() == 0
    with pytest.raises(PermissionDenied, match="还没有通过检查"):
        services.request_paper_import(upload=upload, actor=team.cadre)


def test_a_late_one_with_a_reason_shows_both_times(team: World) -> None:
    (target,) = team.households(1)
    day = team.today - timedelta(days=20)
    applied(team, sent(team, row(target, day, 补录原因="山里没有信号")))
    visit = Visit.objects.get()
    page = team.client(team.cadre).get(f"/visits/log/{visit.pk}/").text
    assert f"{day:%Y年}{day.month}月{day.day}日" in page
    assert "补录：山里没有信号" in page


def test_faults_by_row_and_kind_in_a_marked_copy(team: World) -> None:
    home, other = team.households(2)
    (elsewhere,) = team.households(1, team.other_village)
    upload = sent(
        team,
        row(home, team.today, 方式="坐飞机"),
        row(home, team.today, 结果="失联或注销"),
        row(elsewhere, team.today),
        row(other, team.today, 诉求="修路"),
        row(other, team.today, 诉求怎么处理="现场答复"),
        row(other, team.today, 几点="25:70"),
        row(home, team.today, 同行人="甲" * 61),
        row(home, ""),
        row(home, "", 了解到的情况="去过了"),
        row(home, team.today, 同行人="乙"),
        row(home, team.today, 同行人="乙"),
        row(other, team.today, 诉求="修路", 诉求怎么处理="转有关部门", 当场怎么答复的="当场说了"),
    )
    assert Counter(faults(upload)) == {
        "format": 4,
        "outcome": 1,
        "target": 1,
        "missing": 4,
        "repeated": 1,
    }
    with open_file(upload.job) as file:
        (sheet,) = openpyxl.load_workbook(file).worksheets
    told = {cells[0].row: cells[-1].value for cells in sheet.iter_rows(min_row=2)}
    assert "没有包联编号" in told[4]
    assert "与第 11 行完全相同" in told[12]
    assert not told[9]


def test_the_control_for_days_in_a_file(team: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (target,) = team.households(1)
    monkeypatch.setattr("visits.sheet.reading.fault_of_day", lambda day, **of: "")
    upload = sent(team, row(target, team.today + timedelta(days=1)))
    assert upload.state == UploadState.CHECKED


def test_an_empty_table_is_told(team: World) -> None:
    (target,) = team.households(1)
    assert "没有填走访日期的行" in sent(team, row(target)).report["problem"]


def test_who_enters_for_whom(team: World) -> None:
    (target,) = team.households(1)
    for person in (team.cadre, team.colleague, team.liaison):
        assert sent(team, row(target, team.today), actor=person).state == UploadState.CHECKED
    for person in (team.head, team.deputy, team.office, team.leader, team.system_admin):
        with pytest.raises(PermissionDenied, match="只能补录同一支服务队"):
            sent(team, row(target, team.today), actor=person)


def test_who_left_the_team_imports_nothing_more(team: World) -> None:
    (target,) = team.households(1)
    upload = sent(team, row(target, team.today))
    job = services.request_paper_import(upload=upload, actor=team.cadre)
    team.cadre.memberships.all().delete()
    apply_paper(job_id=str(job.pk))
    job.refresh_from_db()
    assert (job.state, "没有导入" in job.message) == (Job.State.FAILED, True)
    assert Visit.objects.count() == 0


def test_a_target_struck_off_meanwhile_stops_the_whole(team: World) -> None:
    first, second = team.households(2)
    upload = sent(team, row(first, team.today), row(second, team.today))
    services.strike_target(target=second, reason="迁走", actor=team.office, seen=0)
    assert applied(team, upload).state == UploadState.REFUSED
    assert Visit.objects.count() == 0


def test_a_stopped_import_writes_nothing(team: World) -> None:
    (target,) = team.households(1)
    upload = sent(team, row(target, team.today))
    job = services.request_paper_import(upload=upload, actor=team.cadre)
    upload.refresh_from_db()
    assert services.cancel_paper(upload=upload, actor=team.cadre)
    apply_paper(job_id=str(job.pk))
    assert Visit.objects.count() == 0


### Size


def test_two_thousand_visits_take_few_statements(team: World) -> None:
    homes = team.households(400)
    rows = [
        row(home, team.today, 诉求="修路", 诉求怎么处理="转有关部门", 了解到的情况=f"第{n}家")
        for n, home in enumerate(homes)
    ]
    upload = sent(team, *rows)
    job = services.request_paper_import(upload=upload, actor=team.cadre)
    with CaptureQueriesContext(connection) as queries:
        apply_paper(job_id=str(job.pk))
    assert Visit.objects.count() == Appeal.objects.count() == 400
    assert len(queries) < 150
    assert services.check_coverage(team.campaign) == []


def test_too_many_rows_are_refused(team: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services_paper.PaperFlow, "max_rows", 2)
    homes = team.households(3)
    upload = sent(team, *[row(home, team.today) for home in homes])
    assert upload.state == UploadState.REFUSED
    assert upload.report["problem"]


### Pages


def test_the_template_is_begun_with_what_is_left(team: World) -> None:
    home, done = team.households(2)
    Target.objects.filter(pk=done.pk).update(state="visited")
    answer = team.client(team.cadre).get(f"/visits/paper/template/{team.colleague.pk}/")
    (sheet,) = openpyxl.load_workbook(io.BytesIO(b"".join(answer))).worksheets
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert rows[0][:4] == ("群众", home.code, home.name, "前关村")
    assert all(cell is None for cell in rows[0][4:])
    liaison = team.client(team.liaison).get(f"/visits/paper/template/{team.colleague.pk}/")
    (sheet,) = openpyxl.load_workbook(io.BytesIO(b"".join(liaison))).worksheets
    assert sheet["C4"].value == home.masked_name != home.name


def test_a_filled_template_comes_back(team: World) -> None:
    (home,) = team.households(1)
    answer = team.client(team.cadre).get(f"/visits/paper/template/{team.colleague.pk}/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer)))
    book.worksheets[0].cell(4, HEADINGS.index("走访日期") + 1, team.today.isoformat())
    content = io.BytesIO()
    book.save(content)
    content.name, _ = "走访.xlsx", content.seek(0)
    client = team.client(team.cadre)
    answer = client.post("/visits/paper/", {"author": team.colleague.pk, "file": content})
    upload = VisitUpload.objects.get()
    assert answer["Location"] == f"/visits/paper/{upload.pk}/"
    check_paper(job_id=str(upload.job_id))
    assert "确认补录 1 次" in client.get(f"/visits/paper/{upload.pk}/").text
    client.post(f"/visits/paper/{upload.pk}/apply/")
    upload.refresh_from_db()
    apply_paper(job_id=str(upload.job_id))
    assert Visit.objects.get().target == home
    assert "已补录 1 次走访" in client.get(f"/visits/paper/{upload.pk}/").text
    assert "已补录</span>" in client.get("/visits/paper/").text
    assert team.client(team.colleague).get(f"/visits/paper/{upload.pk}/").status_code == 404


def test_others_find_no_template(team: World) -> None:
    for person in (team.office, team.leader):
        client = team.client(person)
        assert client.get(f"/visits/paper/template/{team.colleague.pk}/").status_code == 404
        assert "没有可以代录的队员" in client.get("/visits/paper/").text


@pytest.mark.parametrize("number", [1, 3])
def test_queries_of_the_page_do_not_grow(
    team: World, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    for home in team.households(number):
        sent(team, row(home, team.today))
    client = team.client(team.cadre)
    client.get("/visits/paper/")
    with django_assert_num_queries(10):
        client.get("/visits/paper/")


### The hour


def test_an_hour_may_be_told_and_is_corrected(team: World) -> None:
    (home,) = team.households(1)
    client = team.client(team.cadre)
    data = {
        "visited_on": str(team.today),
        "began": "14:05",
        "way": "home",
        "outcome": "effective",
        "token": str(uuid.uuid4()),
    }
    more = {f"more-{n}-{name}": "" for n in range(2, 6) for name in ("appeal", "handling")}
    assert client.post(f"/visits/targets/{home.pk}/visit/", data | more).status_code == 302
    visit = Visit.objects.get()
    assert visit.began == time(14, 5)
    assert "14:05" in client.get(f"/visits/log/{visit.pk}/").text
    services.correct_visit(
        visit=visit,
        actor=team.cadre,
        seen_version=1,
        reason="记错了",
        visited_on=team.today,
        way=Way.HOME,
        outcome=Outcome.EFFECTIVE,
    )
    visit.refresh_from_db()
    assert visit.began is None
    assert "几点 14:05" in client.get(f"/visits/log/{visit.pk}/").text


def test_no_time_is_no_november_31st(team: World) -> None:
    (home,) = team.households(1)
    client = team.client(team.cadre)
    data = {"way": "home", "outcome": "effective", "token": str(uuid.uuid4())}
    days = ("2026-11-31", str(team.today + timedelta(days=1)), str(date(2020, 1, 1)), "x")
    for day in days:
        answer = client.post(f"/visits/targets/{home.pk}/visit/", data | {"visited_on": day})
        assert answer.status_code == 200
        assert answer.context["form"].errors["visited_on"]
    late = str(team.today - timedelta(days=4))
    answer = client.post(f"/visits/targets/{home.pk}/visit/", data | {"visited_on": late})
    assert set(answer.context["form"].errors) == {"late_reason"}
    assert len(asked_by(answer.context["form"])) <= 8
    assert Visit.objects.count() == 0
