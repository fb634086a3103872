"""The page of the machine: who sees it, what each lamp says, and that it names nobody."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from core import jobs, queue, tasks
from core.health import Health, Storage, Work
from core.jobs import JobError
from core.models import Channel, Job, Pulse
from organisation.middleware import ASKS_BY_ITSELF
from organisation.models import Session
from reports.choices import JOB_NAMES, Light
from reports.queries import status as page
from reports.queries.status import Line, lines_of, size, spell
from tests.architecture.test_tasks import sent
from tests.personas import World

NOW = timezone.now()
SHANGHAI = ZoneInfo("Asia/Shanghai")
FREE = dict.fromkeys(("default", "notices", "exports", "imports"), 0)
IDLE = Work(running=0, waiting=0, waiting_since=None, failed=0)
FIVE_MINUTES = timedelta(minutes=5)


def found(
    ticked: timedelta | None = timedelta(seconds=3),
    queues: dict[str, int] | None = FREE,
) -> Health:
    return Health(
        NOW,
        ticked_at=None if ticked is None else NOW - ticked,
        queues=queues,
        unsent_since=None,
    )


def shown(health: Health, work: Work = IDLE) -> dict[str, tuple[Light, str]]:
    return {line.title: (line.light, line.text) for line in lines_of(health, work)}


def advice(health: Health, work: Work = IDLE) -> dict[str, str]:
    return {line.title: line.advice for line in lines_of(health, work) if line.advice}


### The lamps


def test_a_machine_that_is_well_is_green_throughout() -> None:
    assert shown(found()) == {
        "定时器": (Light.GREEN, "3 秒前走过"),
        "后台处理程序": (Light.GREEN, "空闲"),
        "队列：日常": (Light.GREEN, "没有排队"),
        "队列：提醒": (Light.GREEN, "没有排队"),
        "队列：导出": (Light.GREEN, "没有排队"),
        "队列：导入": (Light.GREEN, "没有排队"),
        "等待的任务": (Light.GREEN, "没有"),
        "出错的任务": (Light.GREEN, "最近 7 天没有"),
        "等待发出的提醒": (Light.GREEN, "没有"),
    }
    assert advice(found()) == {}


def test_a_clock_that_stopped_says_what_to_run() -> None:
    stopped = found(ticked=FIVE_MINUTES)
    assert shown(stopped)["定时器"] == (Light.RED, "5 分钟前走过")
    assert advice(stopped)["定时器"].startswith("定时器已停 5 分钟：请在服务器上重新运行 make run")
    assert shown(stopped)["后台处理程序"] == (Light.YELLOW, "看不出")
    assert shown(found(ticked=None))["定时器"] == (Light.RED, "还没有走过")
    assert shown(found(ticked=timedelta(seconds=90)))["定时器"][0] == Light.YELLOW


def test_a_clock_that_is_heard_by_nobody_points_at_the_worker() -> None:
    unheard = found(ticked=FIVE_MINUTES, queues=FREE | {"default": 40, "imports": 2})
    assert shown(unheard)["定时器"][0] == Light.YELLOW
    assert shown(unheard)["后台处理程序"] == (Light.RED, "42 条消息没有人处理")
    assert "--only worker" in advice(unheard)["后台处理程序"]


def test_a_worker_that_is_busy_is_not_called_dead() -> None:
    """Two long imports keep the clock's messages waiting; nothing is broken."""
    busy = Work(running=2, waiting=0, waiting_since=None, failed=0)
    late = found(ticked=FIVE_MINUTES, queues=FREE | {"default": 40})
    assert shown(late, busy)["定时器"][0] == Light.YELLOW
    assert shown(late, busy)["后台处理程序"] == (Light.GREEN, "正在处理 2 项任务")


@pytest.mark.parametrize(
    ("length", "light"), [(50, Light.GREEN), (51, Light.YELLOW), (501, Light.RED)]
)
def test_a_queue_is_as_bad_as_it_is_long(length: int, light: Light) -> None:
    lines = shown(found(queues=FREE | {"exports": length}))
    assert lines["队列：导出"] == (light, f"{length} 条在排队")
    assert lines["队列：导入"] == (Light.GREEN, "没有排队")


@pytest.mark.parametrize(
    ("address", "thing"), [("redis://x:1/0", "Redis"), ("filesystem://localhost", "var/")]
)
def test_a_broker_that_is_away_is_one_red_line(address: str, thing: str, settings: object) -> None:
    settings.CELERY_BROKER_URL = address  # type: ignore[attr-defined]
    away = found(queues=None)
    assert shown(away)["消息队列"] == (Light.RED, "连不上")
    assert thing in advice(away)["消息队列"]
    assert [title for title in shown(away) if title.startswith("队列")] == []


@pytest.mark.parametrize(
    ("minutes", "light"), [(1, Light.GREEN), (6, Light.YELLOW), (31, Light.RED)]
)
def test_jobs_that_wait_long(minutes: int, light: Light) -> None:
    since = NOW - timedelta(minutes=minutes)
    work = Work(running=0, waiting=2, waiting_since=since, failed=0)
    assert shown(found(), work)["等待的任务"] == (light, f"2 项，最早的等了 {minutes} 分钟")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "light"),
    [
        (datetime(2025, 10, 9, 16, tzinfo=SHANGHAI), Light.GREEN),
        (datetime(2025, 10, 10, 16, tzinfo=SHANGHAI), Light.YELLOW),
        (datetime(2025, 10, 11, 16, tzinfo=SHANGHAI), Light.RED),
    ],
)
def test_what_waits_to_be_sent_waits_by_working_days(now: datetime, light: Light) -> None:
    """People are told once on each: eight days of holiday are no fault, two working days are."""
    since = datetime(2025, 9, 30, 17, tzinfo=SHANGHAI)
    waiting = Health(now, ticked_at=now, queues=FREE, unsent_since=since)
    days = (now - since).days
    assert shown(waiting)["等待发出的提醒"] == (light, f"最早的等了 {days} 天")


@pytest.mark.parametrize(("free", "light"), [(6, Light.GREEN), (4, Light.YELLOW), (0.5, Light.RED)])
def test_the_disk(free: float, light: Light) -> None:
    line: Line = page._disk(Storage("SQLite", 1, int(free * 1024**3)))
    assert (line.light, line.text) == (light, f"还剩 {free:.1f} GB".replace("0.5 GB", "512.0 MB"))


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 秒"), (59, "59 秒"), (60, "1 分钟"), (7199, "1 小时"), (172_800, "2 天")],
)
def test_lengths_of_time_are_cut(seconds: int, said: str) -> None:
    assert spell(timedelta(seconds=seconds)) == said


def test_sizes() -> None:
    assert [size(n) for n in (0, 300_000_000, 5 * 1024**3)] == ["0.1 MB", "286.1 MB", "5.0 GB"]


### The page


def test_the_page_shows_every_line_and_asks_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "lengths", lambda: FREE)
    tasks.tick()
    client = world.client(world.system_admin)
    whole = client.get("/status/").content.decode()
    for name in ("定时器", "后台处理程序", "队列：导入", "数据库", "数据文件夹所在磁盘"):
        assert f"<b>{name}</b>" in whole
    assert 'hx-get="/status/now/" hx-trigger="every 15s"' in whole
    assert 'href="/status/"' in whole
    part = client.get("/status/now/").content.decode()
    assert part.lstrip().startswith('<div class="stack" id="status"')
    assert "一切正常" in part or "留意" in part


def test_a_stopped_clock_is_red_on_the_page(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "lengths", lambda: None)
    tasks.tick()
    Pulse.objects.update(at=timezone.now() - FIVE_MINUTES)
    shown = world.client(world.system_admin).get("/status/now/").content.decode()
    assert "有 2 处要处理" in shown
    assert "定时器已停 5 分钟：请在服务器上重新运行 make run" in shown
    assert shown.count("light-red") == 2


def test_it_names_nobody_and_nothing_of_the_campaign(world: World) -> None:
    def wrong(_: object) -> None:
        raise JobError("第 3 行，甲cadre 已有有效任职")

    def broken(_: object) -> None:
        raise RuntimeError

    for work in (wrong, broken):
        kind = "organisation.apply_roster"
        job = jobs.request_job(kind=kind, title="刘集镇名册", owner=world.office)
        jobs.run(str(job.pk), work)
    shown = world.client(world.system_admin).get("/status/now/").content.decode()
    assert re.findall(r"<b>(导入花名册)</b>", shown) == ["导入花名册"]
    assert jobs.BROKEN in shown
    secrets = ("甲cadre", world.office.name, "刘集镇", str(Job.objects.first().pk))
    assert [word for word in secrets if word in shown] == []


@pytest.mark.parametrize("number", [1, 3])
def test_the_part_costs_the_same_with_one_and_three(
    world: World, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    tasks.tick()
    for _ in range(number):
        jobs.request_job(kind="organisation.check_units", title="表", owner=world.office)
    client = world.client(world.system_admin)
    client.get("/status/now/")
    with django_assert_num_queries(16):
        client.get("/status/now/")


def test_asking_by_itself_keeps_nobody_signed_in(world: World) -> None:
    """Else a page left open would outlive every rule about idle sign-ins."""
    client = world.client(world.system_admin)
    long_ago = timezone.now() - timedelta(minutes=5)
    seen = {}
    for address in ("/status/now/", "/status/"):
        Session.objects.update(seen_at=long_ago)
        client.get(address)
        seen[address] = Session.objects.get().seen_at > long_ago
    assert seen == {"/status/now/": False, "/status/": True}


def test_without_the_exception_it_would(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control-off side."""
    monkeypatch.setattr("organisation.middleware.ASKS_BY_ITSELF", ASKS_BY_ITSELF - {PAGE_NOW})
    client = world.client(world.system_admin)
    Session.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    client.get("/status/now/")
    assert Session.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


PAGE_NOW = "reports:status-now"


def test_every_job_has_a_name_that_people_know() -> None:
    kinds = {name for _, name in sent()}
    assert kinds - JOB_NAMES.keys() == set()
    assert JOB_NAMES.keys() - kinds == set()


def test_strangers_are_told_whom_to_ask(world: World) -> None:
    answer = world.client(world.office).get("/status/")
    assert (answer.status_code, "请告诉系统管理员" in answer.content.decode()) == (403, True)
    assert Client().get("/status/").status_code == 302


### The ways beside the box


def test_channels_that_fail_are_counted_by_kind(world: World) -> None:
    since = timezone.now() - timedelta(hours=3)
    for person in (world.cadre, world.head):
        Channel.objects.create(
            person=person, kind="wecom", address="https://a", failing_since=since, error="被拒绝"
        )
    Channel.objects.create(person=world.office, kind="email", address="a@example.cn")
    content = world.client(world.system_admin).get("/status/").content.decode()
    assert "企业微信机器人 2 个" in content
    assert "2 个送不到，站内消息不受影响" in content
    assert "被拒绝" not in content, "what the robot said is for its owner"
    assert world.cadre.name not in content


def test_channels_that_work_leave_one_green_line(world: World) -> None:
    content = world.client(world.system_admin).get("/status/").content.decode()
    assert "都能送到" in content
    assert "送不到的提醒渠道" not in content
