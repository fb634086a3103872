"""The ledger from Excel: what its rows become, whose they are, what is refused."""

import io
import zipfile
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from core.models import AuditEntry, Job, Notice
from core.uploads import UploadState
from core.workbook import WorkbookError
from issues import rules
from issues.choices import Kind, Nature, Source, State
from issues.exports.ledger_template import write_ledger_template
from issues.models import Issue, IssueVersion, LedgerUpload
from issues.queries import Criteria, shown_hash, waiting_for
from issues.queries import sheet as reads
from issues.services import imports, make_move, request_import, request_ledger, rewrite_issue
from issues.sheet.reading import Present
from issues.tasks import apply_ledger, export_ledger
from issues.workflow import Refused
from organisation.choices import Role
from organisation.models import Grant, User
from organisation.services import grant
from tests.campaign.archiving import asked, bring_to_its_end, move_clock, worked_off
from tests.core.workbooks import filled, saved, with_part, workbook
from tests.issues.conftest import brought_to, take
from tests.issues.sheets import (
    HEADINGS,
    apply,
    brought_in,
    check,
    counts,
    faults,
    fresh,
    row,
    sheet,
)
from tests.personas import World
from tests.threads import shared_database, together

__all__ = ["shared_database"]


def test_a_row_becomes_a_draft_of_its_person_and_waits_there(world: World) -> None:
    upload = brought_in(world, row(world, 责任领导="甲head", 性质="共性问题"))
    issue = Issue.objects.get()
    assert (issue.author, issue.responsible, issue.unit) == (world.cadre, world.cadre, world.unit)
    assert (issue.state, issue.leader, issue.nature) == (State.DRAFT, world.head, Nature.COMMON)
    assert (issue.source, issue.kind, issue.category) == (
        Source.SELF, Kind.BY_DATE, world.category,
    )  # fmt: skip
    assert issue.due_on == world.today + timedelta(days=20)
    version = issue.versions.get()
    assert (version.author, version.text["leader"]) == (world.liaison, "甲head")
    assert list(waiting_for(world.cadre)) == [issue]
    assert not Issue.objects.visible_to(world.liaison).exists()
    assert (upload.state, counts(upload), upload.file.name) == (UploadState.APPLIED, (1, 0, 0), "")
    told = Notice.objects.get(event=f"issues.ledger:{upload.pk}")
    assert (told.person, told.title) == (world.cadre, "甲liaison替您录入了 1 个问题的草稿")
    trail = AuditEntry.objects.get(act="issues.bring_in")
    assert (trail.actor, trail.detail) == (world.liaison, {"person": world.cadre.pk})


def test_nothing_is_written_before_the_confirmation(world: World) -> None:
    upload = check(world, sheet(row(world)))
    assert (upload.state, counts(upload)) == (UploadState.CHECKED, (1, 0, 0))
    assert not Issue.objects.exists()


def test_the_same_file_again_makes_nothing_new(world: World) -> None:
    content = sheet(row(world), row(world, 事情经过="让群众跑了三趟，少告诉他一份材料。"))
    assert counts(apply(check(world, content))) == (2, 0, 0)
    assert counts(apply(check(world, content))) == (0, 2, 0)
    assert Issue.objects.count() == IssueVersion.objects.count() == 2


def test_what_the_person_has_taken_back_does_not_come_again(world: World) -> None:
    issue = world.issue()
    take(world, issue, "withdraw", world.cadre)
    assert counts(check(world, sheet(row(world)))) == (0, 1, 0)


def test_an_exported_ledger_is_filled_on_and_read_back(world: World) -> None:
    brought_to(world, "sign_off")
    job = request_ledger(actor=world.liaison, criteria=Criteria())
    export_ledger(job_id=str(job.pk))
    job.refresh_from_db()
    book = load_workbook(io.BytesIO(job.file.read()))
    lines = book.worksheets[0]
    assert [cell.value for cell in lines[2]][17:19] == ["责任领导", "责任人"]
    new = dict(zip(HEADINGS, row(world, 事情经过="又让群众多跑了两趟。"), strict=True))
    lines.append([new.get(str(cell.value), "") for cell in lines[2]])
    upload = apply(check(world, saved(book)))
    assert (upload.report["rows"], counts(upload)) == (2, (1, 1, 0))
    assert Issue.objects.count() == 2


def test_of_an_exported_row_whose_words_were_changed_no_twin_is_made(world: World) -> None:
    issue = brought_to(world, "submit")
    line = ["问题编号", *HEADINGS], [issue.number, *row(world, 事情经过="另一件事。")]
    assert faults(check(world, workbook(line))) == [(2, "事情经过", "changed")]


def test_the_template_says_that_it_is_empty_and_filled_in_is_read(world: World) -> None:
    target = io.BytesIO()
    write_ledger_template(world.campaign, target)
    assert "没有数据" in check(world, target.getvalue()).report["problem"]
    assert counts(check(world, filled(target.getvalue(), [row(world)]))) == (1, 0, 0)


def test_a_cadre_brings_in_rows_of_his_own_alone(world: World) -> None:
    own = apply(check(world, sheet(row(world, 责任人="")), world.cadre))
    assert counts(own) == (1, 0, 0)
    assert Issue.objects.get().author == world.cadre
    assert not Notice.objects.filter(person=world.cadre).exists()
    other = check(world, sheet(row(world, 责任人="甲colleague")), world.cadre)
    assert faults(other) == [(2, "责任人", "person")]


@pytest.mark.parametrize("name", ["head", "deputy", "office", "discipline", "leader"])
def test_who_reviews_brings_in_nothing_of_others(world: World, name: str) -> None:
    assert faults(check(world, sheet(row(world)), getattr(world, name))) == [
        (2, "责任人", "person")
    ]


def test_people_of_another_unit_are_out_of_reach(world: World) -> None:
    upload = check(world, sheet(row(world, 责任人="甲other_head")))
    assert faults(upload) == [(2, "责任人", "person")]


def test_without_the_scope_they_would_be_within_reach(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above."""
    people = reads._people
    monkeypatch.setattr(reads, "_people", lambda reader, within: people(reader, Q()))
    assert counts(check(world, sheet(row(world, 责任人="甲other_head")))) == (1, 0, 0)


def test_an_administrator_has_no_part_in_it(world: World) -> None:
    with pytest.raises(PermissionDenied):
        check(world, sheet(row(world)), world.system_admin)


def test_who_lost_the_right_since_the_check_writes_nothing(world: World) -> None:
    upload = check(world, sheet(row(world)))
    Grant.objects.filter(user=world.liaison).update(
        revoked_by=world.head, revoked_at=timezone.now()
    )
    job = Job.objects.create(
        kind="issues.apply_ledger", owner=world.liaison, arguments={"upload_id": upload.pk}
    )
    apply_ledger(job_id=str(job.pk))
    job.refresh_from_db()
    assert job.message == "没有导入：这个账号不参与专项行动，不能导入台账。"
    assert not Issue.objects.exists()


def brought_in_by_a_deputy(world: World) -> Issue:
    """Somebody who is liaison and deputy has brought in a problem of a cadre."""
    grant(user=world.liaison, role=Role.DEPUTY, since=world.today, unit=world.unit)
    brought_in(world, row(world))
    issue = Issue.objects.get()
    take(world, issue, "submit", world.cadre)
    return issue


def test_who_brought_it_in_does_not_review_it(world: World) -> None:
    issue = brought_in_by_a_deputy(world)
    deputy = User.objects.get(pk=world.liaison.pk)
    assert rules.capacities(deputy, issue) == frozenset()
    assert issue not in waiting_for(deputy)
    with pytest.raises(PermissionDenied):
        make_move(issue=issue, name="confirm", actor=deputy, seen_hash=shown_hash(issue))
    take(world, issue, "confirm", world.head)


def test_without_the_rule_who_brought_it_in_would_review_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the test above."""
    issue = brought_in_by_a_deputy(world)
    deputy = User.objects.get(pk=world.liaison.pk)
    monkeypatch.setattr(rules, "has_had_part", lambda user, issue: False)
    make_move(issue=issue, name="confirm", actor=deputy, seen_hash=shown_hash(issue))
    issue.refresh_from_db()
    assert issue.state == State.CONFIRMED


def test_the_author_mends_it_and_hands_it_in(world: World) -> None:
    brought_in(world, row(world, 时间="", 责任领导="甲deputy"))
    issue = Issue.objects.get()
    with pytest.raises(Refused):
        take(world, issue, "submit", world.cadre)
    rewrite_issue(
        issue=issue, author=world.cadre, category=world.category, text=world.text(), seen_version=1
    )
    take(world, issue, "submit", world.cadre)
    assert issue.versions.order_by("number").last().text["leader"] == "甲deputy"


def test_what_a_row_lacks_is_told_without_a_word_of_it(world: World) -> None:
    upload = check(
        world,
        sheet(
            row(world),
            row(world, 事情经过="有时工作效率不够高。", 地点="", 时限=""),
            row(world, 事情经过="让群众跑了三趟，少告诉他一份材料。", 整改类型="长期坚持"),
        ),
    )
    assert upload.report["lines"] == [
        [2, "甲cadre", ""],
        [3, "甲cadre", "还缺：地点、时限。要写得再具体：事情经过。"],
        [4, "甲cadre", "还缺：长期坚持的原因和阶段节点。"],
    ]
    apply(upload)
    assert Issue.objects.get(kind=Kind.LONG_TERM).versions.get().long_term.reason == ""


def test_days_as_people_and_machines_write_them(world: World) -> None:
    day = world.today - timedelta(days=30)
    serial = (day - timezone.datetime(1899, 12, 30).date()).days
    written = [day, str(day), f"{day.year}年{day.month}月{day.day}日", serial, str(serial),
               f"{day:%Y/%m/%d}".translate({48 + n: 0xFF10 + n for n in range(10)})]  # fmt: skip
    rows = [row(world, 时间=each, 事情经过=f"第 {n} 件事") for n, each in enumerate(written)]
    upload = brought_in(world, *rows)
    assert counts(upload) == (6, 0, 0)
    assert set(Issue.objects.values_list("happened_on", flat=True)) == {day}


def test_what_is_safe_is_tidied(world: World) -> None:
    category = f"  {world.category.number}.{world.category.name} "
    upload = brought_in(
        world,
        row(world, 类别=category, 责任人=" 甲 cadre　", 单位="东阿县住建局 ",
            事情经过="压了９天\x7f\u200b（没有录入）  "),
        ["", "  ", *[""] * (len(HEADINGS) - 2)],
    )  # fmt: skip
    assert (upload.report["rows"], counts(upload)) == (1, (1, 0, 0))
    assert Issue.objects.get().event == "压了9天（没有录入）"


def test_every_fault_is_told_by_row_and_column(world: World) -> None:
    late, early = world.campaign.ends_on + timedelta(days=1), world.today - timedelta(days=1)
    wrong = [
        ({"问题": ""}, ("问题", "missing")),
        ({"问题": "长" * 61}, ("问题", "format")),
        ({"时间": world.today + timedelta(days=1)}, ("时间", "format")),
        ({"时间": "前天"}, ("时间", "format")),
        ({"时间": "2026年13月1日"}, ("时间", "format")),
        ({"事情经过": ""}, ("事情经过", "missing")),
        ({"事情经过": "字" * 20_000}, ("事情经过", "format")),
        ({"事情经过": "=1+1"}, ("事情经过", "unreadable")),
        ({"来源": "听说"}, ("来源", "format")),
        ({"类别": "无此类"}, ("类别", "category")),
        ({"时限": late}, ("时限", "format")),
        ({"时限": early}, ("时限", "format")),
        ({"责任领导": "甲cadre"}, ("责任领导", "leader")),
        ({"责任人": ""}, ("责任人", "missing")),
        ({"责任人": "=A1"}, ("责任人", "unreadable")),
        ({"单位": "东阿县民政局"}, ("单位", "unit")),
    ]
    rows = [row(world, **{"事情经过": f"第 {n} 件事"} | each) for n, (each, _) in enumerate(wrong)]
    upload = check(world, sheet(*rows))
    assert faults(upload) == [(n, *fault) for n, (_, fault) in enumerate(wrong, start=2)]
    assert (upload.state, Issue.objects.count()) == (UploadState.REFUSED, 0)


def test_one_wrong_row_keeps_all_others_out(world: World) -> None:
    upload = check(world, sheet(row(world), row(world, 类别="无此类", 事情经过="另一件事。")))
    with pytest.raises(PermissionDenied):
        request_import(upload=upload, actor=upload.uploaded_by)
    assert not Issue.objects.exists()


def test_what_turned_wrong_since_the_check_is_not_written(world: World) -> None:
    upload = check(world, sheet(row(world), row(world, 责任人="甲colleague")))
    User.objects.filter(pk=world.colleague.pk).update(is_active=False)
    done = apply(upload)
    assert (done.state, faults(done)) == (UploadState.REFUSED, [(3, "责任人", "person")])
    assert not Issue.objects.exists()


def test_one_thing_twice_in_a_file_is_told(world: World) -> None:
    upload = check(world, sheet(row(world), row(world, 问题="又是那件事")))
    assert faults(upload) == [(3, "事情经过", "repeated")]


def test_two_of_one_name_are_told_apart_by_login_name(world: World) -> None:
    User.objects.filter(pk=world.colleague.pk).update(name=world.cadre.name)
    assert faults(check(world, sheet(row(world)))) == [(2, "责任人", "person")]
    assert counts(brought_in(world, row(world, 责任人="COLLEAGUE".lower()))) == (1, 0, 0)
    assert Issue.objects.get().author == world.colleague


def test_a_problem_of_the_unit_is_written_elsewhere(world: World) -> None:
    upload = check(world, workbook([["层级", *HEADINGS], ["单位", *row(world)]]))
    assert faults(upload) == [(2, "层级", "level")]


def test_what_stands_in_reckoned_columns_is_left_alone(world: World) -> None:
    upload = check(world, workbook([["备注", *HEADINGS, "状态"], ["=A1", *row(world), "已销号"]]))
    assert counts(upload) == (1, 0, 0)
    apply(upload)
    assert Issue.objects.get().state == State.DRAFT


def test_a_sheet_that_nobody_sees_is_not_read(world: World) -> None:
    book = Workbook()
    for number, event in enumerate(["藏起来的事。", "看得见的事。"]):
        lines = book.create_sheet(f"表{number}")
        lines.append(HEADINGS)
        lines.append(row(world, 事情经过=event))
    book.remove(book.worksheets[0])
    book.active = 1
    book.worksheets[0].sheet_state = "hidden"
    apply(check(world, saved(book)))
    assert Issue.objects.get().event == "看得见的事。"


def test_of_sheets_that_are_all_hidden_it_is_told(world: World) -> None:
    content = sheet(row(world))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        part = archive.read("xl/workbook.xml")
    hidden = part.replace(b'state="visible"', b'state="veryHidden"')
    upload = check(world, with_part(content, "xl/workbook.xml", hidden))
    assert "工作表都被隐藏了" in upload.report["problem"]


def test_what_is_no_workbook_is_told_at_once(world: World) -> None:
    with pytest.raises(WorkbookError):
        check(world, b"PK\x03\x04 and no more")
    assert not LedgerUpload.objects.exists()


@pytest.mark.usefixtures("shared_database")
def test_two_files_confirmed_at_once_make_one_set_of_rows(world: World) -> None:
    content = sheet(*(row(world, 事情经过=f"第 {n} 件事") for n in range(5)))
    uploads = [check(world, content) for _ in range(2)]
    jobs = [request_import(upload=each, actor=each.uploaded_by) for each in uploads]
    done = together([lambda job=job: apply_ledger(job_id=str(job.pk)) for job in jobs])
    assert done == [None, None]
    assert sorted(counts(fresh(each)) for each in uploads) == [(0, 5, 0), (5, 0, 0)]
    assert Issue.objects.count() == IssueVersion.objects.count() == 5


@pytest.mark.usefixtures("shared_database")
def test_one_file_in_the_hands_of_two_workers_is_written_once(world: World) -> None:
    upload = check(world, sheet(row(world)))
    jobs = [request_import(upload=upload, actor=upload.uploaded_by)]
    Job.objects.filter(pk=jobs[0].pk).update(kind="another")  # so that a second is asked
    jobs.append(request_import(upload=upload, actor=upload.uploaded_by))
    together([lambda job=job: apply_ledger(job_id=str(job.pk)) for job in jobs])
    assert Issue.objects.count() == 1


def test_without_what_stands_there_a_second_file_would_write_it_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control of the tests above: a lock alone keeps nothing single."""
    uploads = [check(world, sheet(row(world))) for _ in range(2)]
    monkeypatch.setattr(imports, "present_for", lambda *given: Present({}, {}))
    for upload in uploads:
        apply(upload)
    assert Issue.objects.count() == 2


def test_with_the_campaign_go_the_upload_its_jobs_and_its_messages(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = brought_in(world, row(world))
    check(world, sheet(row(world, 类别="无此类", 事情经过="另一件事。")))
    bring_to_its_end(world)
    move_clock(monkeypatch, world.campaign)
    assert worked_off(asked(world)).state == Job.State.DONE
    assert not LedgerUpload.objects.exists()
    assert not Job.objects.filter(kind__in=[imports.CHECK, imports.APPLY]).exists()
    assert not Notice.objects.filter(event=f"{imports.TOLD}{upload.pk}").exists()
