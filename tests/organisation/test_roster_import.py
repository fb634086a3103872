"""A roster from the upload to the people: nothing but a sound file moves anybody."""

import io
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from pypdf import PdfReader

from core import jobs
from core.hashers import InitialPasswordHasher
from core.jobs import Running
from core.models import AuditEntry, Job
from core.uploads import UploadState
from organisation.choices import Role, Tier
from organisation.models import Grant, Posting, User
from organisation.services import close_unit, create_unit, retire
from organisation.services.imports import ROSTER, RosterFlow, upload_roster
from organisation.services.imports import roster as flow
from organisation.tasks import apply_roster, check_roster
from tests.organisation.imports import (
    KEY_POST,
    SITE,
    apply,
    check,
    counts,
    faults,
    fresh,
    job_of,
    roster,
    row,
    texts,
)
from tests.personas import World

HERE, THERE, FAR = "东阿县住建局", "东阿县民政局", "冠县住建局"
YESTERDAY = timezone.localdate() - timedelta(days=1)
NEW = row("N-01", "张新", HERE, 任职起="2026-03-01", 联系电话="138 0013 8000")


def snapshot() -> dict[str, list[object]]:
    """Everything an import may write."""
    return {
        "people": list(User.objects.order_by("pk").values_list("username", "name", "unit")),
        "postings": list(Posting.objects.order_by("pk").values_list()),
        "grants": list(Grant.objects.order_by("pk").values_list()),
    }


def posted(login: str) -> list[tuple[str, str, str, date, date | None]]:
    rows = Posting.objects.filter(user__username=login).order_by("since")
    return list(rows.values_list("unit__name", "position", "tier", "since", "until"))


def test_the_check_tells_who_would_come_and_writes_nothing(world: World) -> None:
    before = snapshot()
    made = check(roster(NEW), world.office)
    assert (made.state, counts(made)) == (UploadState.CHECKED, {"created": 1})
    assert made.report["steps"] == [["新增", 2, "张新", f"{HERE}科员，自 2026-03-01"]]
    assert snapshot() == before


def test_a_new_person_has_account_posting_and_right(world: World) -> None:
    apply(check(roster(NEW), world.office))
    person = User.objects.get(username="N-01")
    assert (person.name, person.phone.open(), person.unit, person.is_active) == (
        "张新",
        "13800138000",
        world.unit,
        True,
    )
    assert User.objects.filter(phone_index=person.phone_index).get() == person
    assert person.password_is_initial
    assert person.password_set_at is not None
    assert posted("N-01") == [(HERE, "科员", Tier.ORDINARY, date(2026, 3, 1), None)]
    assert list(person.grants.values_list("role", "unit", "granted_by")) == [
        (Role.CADRE, world.unit.pk, world.office.pk)
    ]


def test_a_second_run_of_the_same_file_changes_nothing(world: World) -> None:
    content = roster(
        NEW,
        row("cadre", "甲cadre", THERE),
        row("head", "王局长", HERE, "局长", 人员类别="领导班子及主要负责人", 审批权="是"),
        row("colleague", "甲colleague", HERE, 状态="离职"),
    )
    first = apply(check(content, world.office))
    assert counts(first) == {
        "created": 1,
        "moved": 1,
        "changed": 1,
        "corrected": 1,
        "retired": 1,
    }
    before, audited = snapshot(), AuditEntry.objects.filter(act="organisation.post").count()
    second = check(content, world.office)
    assert (second.state, counts(second)) == (UploadState.CHECKED, {"unchanged": 4})
    apply(second)
    assert snapshot() == before
    assert AuditEntry.objects.filter(act="organisation.post").count() == audited


def test_a_move_ends_the_posting_and_takes_the_old_rights_back(world: World) -> None:
    made = check(
        roster(row("cadre", "甲cadre", THERE, "科长", 任职起=str(YESTERDAY))), world.office
    )
    assert made.report["steps"] == [
        ["调动", 2, "甲cadre", f"{HERE} → {THERE}，自 {YESTERDAY}；职务 科员 → 科长"]
    ]
    apply(made)
    since = world.today - timedelta(days=365)
    assert posted("cadre") == [
        (HERE, "科员", Tier.ORDINARY, since, YESTERDAY - timedelta(days=1)),
        (THERE, "科长", Tier.ORDINARY, YESTERDAY, None),
    ]
    current = Grant.objects.current(world.today).filter(user=world.cadre)
    assert list(current.values_list("role", "unit__name")) == [(Role.CADRE, THERE)]


def test_other_position_tier_and_powers_follow_in_the_same_unit(world: World) -> None:
    entry = row("cadre", "甲cadre", HERE, "科长", 人员类别=KEY_POST, 执法权="是")
    made = apply(check(roster(entry), world.office))
    assert counts(made) == {"changed": 1}
    now = Posting.objects.get(user=world.cadre, until=None)
    assert (now.position, now.tier, now.enforces, now.since) == (
        "科长",
        Tier.KEY_POST,
        True,
        world.today,
    )


def test_name_and_telephone_are_corrected_and_a_blank_number_leaves_the_old(world: World) -> None:
    apply(check(roster(row("cadre", "张三", HERE, 联系电话="0635-8241234")), world.office))
    apply(check(roster(row("cadre", "张三丰", HERE)), world.office))
    person = User.objects.get(username="cadre")
    assert (person.name, person.phone.open()) == ("张三丰", "0635-8241234")


def test_who_leaves_is_disabled_and_who_is_left_out_stays(world: World) -> None:
    made = apply(check(roster(row("colleague", "甲colleague", HERE, 状态="离职")), world.office))
    assert counts(made) == {"retired": 1}
    assert not User.objects.get(username="colleague").is_active
    assert User.objects.get(username="cadre").is_active


def test_units_are_found_by_code_and_by_name_with_either_brackets(world: World) -> None:
    kind, area = world.unit.kind, world.county
    create_unit(name="铜城街道（城关）", kind=kind, area=area, code="TC-1")
    made = check(
        roster(row("N-1", "张一", "TC-1"), row("N-2", "张二", "铜城街道(城关)")), world.office
    )
    assert counts(made) == {"created": 2}


FAULTY = {
    "unknown unit": (row("N-1", "张三", "无名局"), ("单位（编号或全称）", "unit")),
    "unit of others": (row("N-1", "张三", FAR), ("单位（编号或全称）", "scope")),
    "bad login": (row("张 三", "张三", HERE), ("登录名（工号）", "login")),
    "short login": (row("a", "张三", HERE), ("登录名（工号）", "login")),
    "login in another case": (row("CADRE", "张三", HERE), ("登录名（工号）", "login")),
    "login of others": (row("stranger_office", "张三", HERE), ("登录名（工号）", "scope")),
    "no name": (row("N-1", "", HERE), ("姓名", "missing")),
    "unknown tier": (row("N-1", "张三", HERE, 人员类别="领导"), ("人员类别", "format")),
    "power of an ordinary one": (row("N-1", "张三", HERE, 审批权="是"), ("人员类别", "power")),
    "neither yes nor no": (row("N-1", "张三", HERE, 执法权="有"), ("执法权", "format")),
    "bad number": (row("N-1", "张三", HERE, 联系电话="12"), ("联系电话", "format")),
    "no date": (row("N-1", "张三", HERE, 任职起="去年"), ("任职起", "format")),
    "no such day": (row("N-1", "张三", HERE, 任职起="2026-02-30"), ("任职起", "format")),
    "day to come": (row("N-1", "张三", HERE, 任职起="2999-01-01"), ("任职起", "format")),
    "unknown state": (row("N-1", "张三", HERE, 状态="休假"), ("状态", "format")),
    "nobody leaves": (row("N-1", "张三", HERE, 状态="离职"), ("状态", "status")),
    "before the posting": (
        row("cadre", "甲cadre", THERE, 任职起="2020-01-01"),
        ("任职起", "overlap"),
    ),
    "administrator": (
        row("system_admin", "甲system_admin", THERE),
        ("单位（编号或全称）", "administrator"),
    ),
    "administrator's name": (
        row("system_admin", "新名", "东阿县作风办"),
        ("单位（编号或全称）", "administrator"),
    ),
    "oneself": (row("office", "甲office", THERE), ("登录名（工号）", "oneself")),
}


@pytest.mark.parametrize("changes", [{"状态": "离职"}, {"position": "局长"}])
def test_the_liaisons_file_posts_nobody_who_leads(world: World, changes: dict[str, str]) -> None:
    line = row("head", "甲head", HERE, **changes)
    made = check(roster(line), world.liaison)
    assert faults(made) == [(2, "登录名（工号）", "office")]
    assert check(roster(line), world.office).state == UploadState.CHECKED


@pytest.mark.parametrize("name", FAULTY)
def test_a_fault_is_told_by_row_column_and_kind_and_writes_nothing(world: World, name: str) -> None:
    line, (column, kind) = FAULTY[name]
    before = snapshot()
    made = check(roster(NEW, line), world.office)
    assert (made.state, faults(made)) == (UploadState.REFUSED, [(3, column, kind)])
    assert snapshot() == before
    with pytest.raises(PermissionDenied, match="还没有通过检查"):
        ROSTER.request_apply(upload=made, actor=world.office)


def test_the_day_a_posting_began_is_no_day_of_a_move(world: World) -> None:
    """A clerk who changes the unit in an exported roster and forgets the day."""
    since = world.today - timedelta(days=365)
    made = check(roster(row("cadre", "甲cadre", THERE, 任职起=since)), world.office)
    assert faults(made) == [(2, "任职起", "overlap")]


def test_a_closed_unit_takes_nobody(world: World) -> None:
    closed = create_unit(name="撤销局", kind=world.unit.kind, area=world.county)
    close_unit(unit=closed, on=world.today, actor=None)
    made = check(roster(row("N-1", "张三", "撤销局")), world.office)
    assert faults(made) == [(2, "单位（编号或全称）", "closed")]


def test_somebody_twice_in_two_units_is_told_with_both(world: World) -> None:
    made = check(roster(row("N-1", "张三", HERE), row("n-1", "张三", THERE)), world.office)
    assert texts(made) == [
        f"「n-1」与第 2 行是同一个登录名，单位分别是「{HERE}」和「{THERE}」，一个人只留一行"
    ]


def test_whose_a_login_of_another_scope_is_stays_untold(world: World) -> None:
    made = check(roster(row("stranger_office", "张三", HERE)), world.office)
    report = json.dumps(made.report, ensure_ascii=False)
    assert "甲stranger_office" not in report
    assert FAR not in report


def test_who_has_left_does_not_come_back_by_import(world: World) -> None:
    retire(user=world.cadre, on=world.today, actor=None)
    made = check(roster(row("cadre", "甲cadre", HERE)), world.office)
    assert faults(made) == [(2, "状态", "status")]


def test_a_liaison_imports_the_own_unit_and_no_other(world: World) -> None:
    below = create_unit(
        name="住建局质监站", kind=world.unit.kind, area=world.county, parent=world.unit
    )
    content = roster(
        row("N-1", "张一", HERE),
        row("N-2", "张二", below.name),
        row("N-3", "张三", THERE),
        row("other_head", "甲other_head", HERE),
    )
    made = check(content, world.liaison)
    assert faults(made) == [(4, "单位（编号或全称）", "scope"), (5, "登录名（工号）", "scope")]
    assert counts(apply(check(roster(row("N-1", "张一", HERE)), world.liaison))) == {"created": 1}


@pytest.mark.parametrize("name", ["cadre", "head", "leader", "organisation", "system_admin"])
def test_nobody_else_imports(world: World, name: str) -> None:
    with pytest.raises(PermissionDenied, match="只有作风办和单位联络员"):
        upload_roster(name="a.xlsx", content=roster(NEW), site=SITE, actor=getattr(world, name))


def test_who_has_lost_the_right_meanwhile_writes_nothing(world: World) -> None:
    made = check(roster(NEW), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)
    Grant.objects.filter(user=world.office).update(revoked_at=timezone.now())
    apply_roster(job_id=str(job.pk))
    assert not User.objects.filter(username="N-01").exists()


def test_the_trail_has_the_import_and_each_person(world: World) -> None:
    content = roster(NEW, row("cadre", "甲cadre", THERE), row("colleague", "乙", HERE, 状态="离职"))
    made = apply(check(content, world.office))
    acts = AuditEntry.objects.filter(act__in=["organisation.enrol", "organisation.retire"])
    assert sorted(acts.values_list("act", flat=True)) == [
        "organisation.enrol",
        "organisation.retire",
    ]
    summary = AuditEntry.objects.get(act="organisation.import_roster")
    assert (summary.actor, summary.detail) == (
        world.office,
        {
            "sha256": made.sha256,
            "created": 1,
            "moved": 1,
            "changed": 0,
            "corrected": 0,
            "retired": 1,
            "unchanged": 0,
        },
    )


def test_a_worker_killed_while_writing_leaves_nothing_and_the_next_writes_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = check(roster(NEW, row("cadre", "甲cadre", THERE)), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)
    before = snapshot()

    class Killed(BaseException):
        pass

    def die(*args: object, **others: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(flow, "move_person", die)
        with pytest.raises(Killed):
            apply_roster(job_id=str(job.pk))
    assert (snapshot(), fresh(made).state) == (before, UploadState.CHECKED)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    apply_roster(job_id=str(job.pk))
    assert counts(fresh(made)) == {"created": 1, "moved": 1}
    assert posted("cadre")[-1][0] == THERE


def test_a_worker_whose_job_was_taken_over_writes_nothing(world: World) -> None:
    made = check(roster(NEW), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)

    def overtaken(running: Running) -> None:
        Job.objects.filter(pk=job.pk).update(claim="00000000-0000-0000-0000-000000000001")
        RosterFlow().apply(running)

    jobs.run(str(job.pk), overtaken)
    assert not User.objects.filter(username="N-01").exists()
    assert fresh(made).state == UploadState.CHECKED


def test_of_two_importers_of_the_same_file_the_second_changes_nothing(world: World) -> None:
    """Both have checked before either has written."""
    first = check(roster(NEW), world.office)
    second = check(roster(NEW), world.liaison)
    apply(first)
    assert counts(apply(second)) == {"unchanged": 1}
    assert job_of(fresh(second)).file_name == ""
    assert User.objects.filter(username="N-01").count() == 1


def test_slips_that_were_prepared_for_others_are_drawn_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else writes between the preparing and the lock."""
    other = row("N-02", "李新", HERE)
    made = check(roster(NEW, other), world.office)
    rival = check(roster(NEW), world.liaison)
    drawn: list[list[str]] = []
    real = flow.RosterFlow.prepare

    def prepare(self: RosterFlow, upload, rows, running):
        prepared = real(self, upload, rows, running)
        drawn.append(sorted(prepared.people))
        if upload.pk == made.pk and len(drawn) == 1:
            monkeypatch.setattr(flow.RosterFlow, "prepare", real)
            apply(rival)
            monkeypatch.setattr(flow.RosterFlow, "prepare", prepare)
        return prepared

    monkeypatch.setattr(flow.RosterFlow, "prepare", prepare)
    assert counts(apply(made)) == {"created": 1, "unchanged": 1}
    assert drawn == [["N-01", "N-02"], ["N-02"]]


def test_confirming_twice_asks_once_and_a_second_run_does_nothing(world: World) -> None:
    made = check(roster(NEW), world.office)
    job = ROSTER.request_apply(upload=made, actor=world.office)
    assert ROSTER.request_apply(upload=made, actor=world.office) == job
    apply_roster(job_id=str(job.pk))
    before = snapshot()
    apply_roster(job_id=str(job.pk))
    check_roster(job_id=str(made.job_id))
    assert (snapshot(), fresh(made).state) == (before, UploadState.APPLIED)


def test_the_hash_of_an_import_lasts_until_the_first_sign_in(world: World, settings) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "core.hashers.InitialPasswordHasher",
    ]
    made = apply(check(roster(NEW), world.office))
    text = PdfReader(io.BytesIO(job_of(made).file.read())).pages[0].extract_text()
    (password,) = re.findall(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b", text)
    person = User.objects.get(username="N-01")
    assert person.password.startswith(InitialPasswordHasher.algorithm)
    assert not person.check_password("wrong-wrong-wrong")
    assert person.check_password(password)
    assert User.objects.get(username="N-01").password.startswith("md5$")
    assert person.password_is_initial


def test_the_plain_password_is_nowhere_but_on_the_slip(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog, settings, tmp_path: Path
) -> None:
    """Searched for in every table, every log line and every file."""
    sentinel = "zzzz-yyyy-xxxx-wwww"
    monkeypatch.setattr(flow, "new_password", lambda: sentinel)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    caplog.set_level("DEBUG")
    made = apply(check(roster(NEW), world.office))
    pdf = Path(job_of(made).file.path)
    assert sentinel in PdfReader(pdf).pages[0].extract_text()
    content = jobs.take_once(job=job_of(made), actor=world.office)
    assert content is not None
    content.close()
    assert not pdf.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert sentinel not in everything_stored()
    assert sentinel not in caplog.text


def everything_stored() -> str:
    """Every value of every row, as the database gives it."""
    from django.apps import apps

    return "\n".join(
        repr(values)
        for model in apps.get_models()
        for values in model._default_manager.order_by("pk").values_list()
    )


def test_more_changes_than_one_writing_may_take_are_refused_before_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New people are written together; the others one by one, while everybody waits."""
    monkeypatch.setattr(flow, "MOST_CHANGES", 1)
    moving = [row(login, login, world.other_unit.name) for login in ("cadre", "colleague")]
    refused = check(roster(*moving), world.office)
    assert refused.state == UploadState.REFUSED
    assert refused.report["problem"] == flow.TOO_MANY_CHANGES
    assert check(roster(moving[0], NEW), world.office).state == UploadState.CHECKED
