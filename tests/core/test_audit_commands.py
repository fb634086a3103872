"""The commands for whoever watches the trail, and the file outside the database."""

import re
import stat
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from pytest_django.fixtures import Settings

from core import append_only, audit, audit_heads
from core.models import AuditHead
from core.tasks import keep_audit_head
from organisation.models import User


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create(username="person", name="甲")


@pytest.fixture
def file(settings: Settings) -> Path:
    return Path(settings.AUDIT_HEADS_FILE)


def act(person: User, number: int = 1) -> None:
    for _ in range(number):
        audit.record_alone(actor=person, act="test.act", subject=person)


def verified() -> str:
    output = StringIO()
    call_command("verify_audit", stdout=output)
    return output.getvalue()


def test_a_sound_trail(person: User, file: Path) -> None:
    act(person, 3)
    assert verified() == (
        "核对了 3 条审计记录，没有发现改动。\n"
        f"库外还没有留存链尾（{file}），整条链被重写时发现不了。"
        "请运行 manage.py keep_audit_head，并把这个文件备份到另一台机器。\n"
    )
    keep_audit_head()
    keep_audit_head()
    act(person)
    assert verified() == "核对了 4 条审计记录，没有发现改动。\n与库外留存的 2 个链尾相符。\n"


def test_a_changed_trail_ends_with_exit_code_one(person: User) -> None:
    act(person, 3)
    append_only.remove(connection, "core_auditentry")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_auditentry SET subject = 'test.Thing:1' WHERE id = 2")
    append_only.install(connection, "core_auditentry")
    output = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("verify_audit", stdout=output)
    assert caught.value.returncode == 1
    assert output.getvalue() == "第 2 条被改动：内容与校验值不符。\n"
    assert str(caught.value).startswith("核对了 3 条审计记录，发现 1 处问题。请保留现场")


def test_the_file_grows_by_a_line_each_time(person: User, file: Path) -> None:
    call_command("keep_audit_head", stdout=StringIO())
    act(person, 2)
    output = StringIO()
    call_command("keep_audit_head", stdout=output)
    head = AuditHead.objects.get()
    first, second = file.read_text().splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00 0 -", first)
    assert second.split(" ")[1:] == ["2", head.hash]
    assert output.getvalue() == f"已留存：第 2 条 {head.hash}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert verified().endswith("与库外留存的 2 个链尾相符。\n")


def test_half_a_line_is_named_and_does_not_spoil_the_next(person: User, file: Path) -> None:
    act(person)
    file.write_text("2026-01-01T00:00:00+08:00 1 abc")
    audit_heads.keep_head()
    heads, faults = audit_heads.read_heads()
    assert [head.number for head in heads] == [1]
    expected = f"库外留存文件「{file}」第 1 行无法识别，应是「时间 编号 校验值」。"
    assert [fault.text for fault in faults] == [expected]


def test_a_place_that_cannot_be_written_is_said(person: User, file: Path) -> None:
    file.parent.mkdir(exist_ok=True)
    file.mkdir()
    with pytest.raises(CommandError) as caught:
        call_command("keep_audit_head", stdout=StringIO())
    assert str(caught.value).startswith(f"写不了「{file}」")
    assert str(caught.value).endswith("请检查 BIANFANG_AUDIT_HEADS 和文件夹的权限。")
