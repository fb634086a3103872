"""The page of the machine: one line for each thing, its light, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from core import calendars, health
from core.health import Health, Storage, Work
from core.notices.channels import Failing, failing
from reports.choices import JOB_NAMES, Light

PAUSED = timedelta(minutes=1)  # four beats missed
QUEUE_LONG, QUEUE_STUCK = 50, 500
JOBS_SLOW, JOBS_STUCK = timedelta(minutes=5), timedelta(minutes=30)
UNSENT_SLOW, UNSENT_STUCK = 1, 2  # working days: people are told once on each
GIGABYTE = 1024**3
DISK_LOW, DISK_FULL = 5 * GIGABYTE, GIGABYTE
QUEUES = {"default": "日常", "notices": "提醒", "exports": "导出", "imports": "导入"}
START_CLOCK = "请在服务器上重新运行 make run；分机部署的，运行 manage.py serve --only beat。"
START_WORKER = "请在服务器上重新运行 make run；分机部署的，运行 manage.py serve --only worker。"
MORE_WORKERS = "消息积压：一直不减少，就在另一台机器上再运行一个 manage.py serve --only worker。"
NOTHING_LOST = "期间提交的任务不会丢，恢复后自动补办。"
CHECK_REDIS = f"请确认 Redis 已启动，BIANFANG_REDIS_URL 写的是它的地址。{NOTHING_LOST}"
CHECK_FOLDER = f"请确认 var/ 文件夹可以读写，再重新运行 make run。{NOTHING_LOST}"
Amount = TypeVar("Amount", int, timedelta)


@dataclass(frozen=True)
class Line:
    """One thing: how it is, and what to do when it is not well."""

    title: str
    light: Light
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Failed:
    """A job that the machine failed at, as people call it."""

    name: str
    at: datetime
    message: str


@dataclass(frozen=True)
class Status:
    """Everything that the page shows."""

    at: datetime
    lines: list[Line]
    version: str
    failed: int
    failures: list[Failed] = field(default_factory=list)
    channels: list[Failing] = field(default_factory=list)

    @property
    def light(self) -> Light:
        lights = {line.light for line in self.lines}
        return next(light for light in (Light.RED, Light.YELLOW, Light.GREEN) if light in lights)

    @property
    def to_mend(self) -> int:
        return sum(line.light == Light.RED for line in self.lines)


def status() -> Status:
    """How the machine is now."""
    found, work = health.look(), health.work()
    failures = [Failed(JOB_NAMES.get(f.kind, f.kind), f.at, f.message) for f in work.failures]
    stored = health.storage()
    broken = failing()
    lines = [*lines_of(found, work), _channels(broken), _database(stored), _disk(stored)]
    return Status(found.at, lines, settings.VERSION, work.failed, failures, broken)


def lines_of(found: Health, work: Work) -> Iterator[Line]:
    """What goes on by itself, from the clock to what people are sent."""
    yield _clock(found, work)
    yield _worker(found, work)
    yield from _queues(found)
    yield _waiting(found, work)
    yield _failed(work)
    yield _unsent(found)


def _clock(found: Health, work: Work) -> Line:
    title = "定时器"
    if found.ticked_at is None:
        return Line(title, Light.RED, "还没有走过", f"刚启动的请等一分钟。{START_CLOCK}")
    age = found.at - found.ticked_at
    text = f"{spell(age)}前走过"
    if age <= PAUSED:
        return Line(title, Light.GREEN, text)
    if not found.is_late:
        return Line(title, Light.YELLOW, text)
    if work.running:
        return Line(title, Light.YELLOW, text, "后台任务正忙，定时的事在排队，忙完会接着走。")
    if _heard_by_nobody(found):
        return Line(title, Light.YELLOW, text, "它的消息没有人处理，先看下一行。")
    return Line(title, Light.RED, text, f"定时器已停 {spell(age)}：{START_CLOCK}")


def _worker(found: Health, work: Work) -> Line:
    title = "后台处理程序"
    if work.running:
        return Line(title, Light.GREEN, f"正在处理 {work.running} 项任务")
    if not found.is_late:
        return Line(title, Light.GREEN, "空闲")
    if _heard_by_nobody(found):
        text = f"{sum((found.queues or {}).values())} 条消息没有人处理"
        return Line(title, Light.RED, text, f"后台处理程序已停：{START_WORKER}")
    return Line(title, Light.YELLOW, "看不出", "定时器恢复后，这里会显示它是否在运行。")


def _heard_by_nobody(found: Health) -> bool:
    """The clock speaks through this queue: what lies there long was said, and not heard."""
    return found.is_late and bool((found.queues or {}).get("default"))


def _queues(found: Health) -> Iterator[Line]:
    if found.queues is None:
        by_redis = settings.CELERY_BROKER_URL.startswith("redis")
        yield Line("消息队列", Light.RED, "连不上", CHECK_REDIS if by_redis else CHECK_FOLDER)
        return
    for name, length in found.queues.items():
        light = _graded(length, QUEUE_LONG, QUEUE_STUCK)
        advice = MORE_WORKERS if light == Light.RED else ""
        text = f"{length} 条在排队" if length else "没有排队"
        yield Line(f"队列：{QUEUES.get(name, name)}", light, text, advice)


def _waiting(found: Health, work: Work) -> Line:
    title = "等待的任务"
    if not work.waiting or work.waiting_since is None:
        return Line(title, Light.GREEN, "没有")
    age = found.at - work.waiting_since
    light = _graded(age, JOBS_SLOW, JOBS_STUCK)
    advice = "请看上面的定时器和后台处理程序，恢复后会自动补办。" if light == Light.RED else ""
    return Line(title, light, f"{work.waiting} 项，最早的等了 {spell(age)}", advice)


def _failed(work: Work) -> Line:
    title = "出错的任务"
    if not work.failed:
        return Line(title, Light.GREEN, f"最近 {health.FAILED_WITHIN.days} 天没有")
    text = f"最近 {health.FAILED_WITHIN.days} 天 {work.failed} 项"
    return Line(title, Light.YELLOW, text, "清单在下面；原因写在 var/logs/worker.log。")


def _unsent(found: Health) -> Line:
    title = "等待发出的提醒"
    if found.unsent_since is None:
        return Line(title, Light.GREEN, "没有")
    began, now = map(timezone.localdate, (found.unsent_since, found.at))
    light = _graded(calendars.current().workdays_left(began, now), UNSENT_SLOW, UNSENT_STUCK)
    advice = "请看上面的定时器和后台处理程序，恢复后会补发。" if light == Light.RED else ""
    text = f"最早的等了 {spell(found.at - found.unsent_since)}"
    return Line(title, light, text, advice)


def _channels(broken: list[Failing]) -> Line:
    title = "站外提醒渠道"
    if not broken:
        return Line(title, Light.GREEN, "都能送到")
    text = f"{sum(each.count for each in broken)} 个送不到，站内消息不受影响"
    return Line(title, Light.YELLOW, text, "会自动重试，清单在下面。")


def _database(found: Storage) -> Line:
    return Line("数据库", Light.GREEN, f"{found.database}，{size(found.database_bytes)}")


def _disk(found: Storage) -> Line:
    text = f"还剩 {size(found.free_bytes)}"
    if found.free_bytes < DISK_FULL:
        advice = "写满以后什么都存不进去：请马上清理磁盘，或把 BIANFANG_VAR 移到大的磁盘。"
        return Line("数据文件夹所在磁盘", Light.RED, text, advice)
    if found.free_bytes < DISK_LOW:
        return Line("数据文件夹所在磁盘", Light.YELLOW, text, "请安排清理或扩容。")
    return Line("数据文件夹所在磁盘", Light.GREEN, text)


def _graded(value: Amount, much: Amount, too_much: Amount) -> Light:
    if value > too_much:
        return Light.RED
    return Light.YELLOW if value > much else Light.GREEN


def spell(age: timedelta) -> str:
    """A length of time in its largest unit, cut: 5 分钟."""
    seconds = max(int(age.total_seconds()), 0)
    for unit, length in (("天", 86400), ("小时", 3600), ("分钟", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} 秒"


def size(number: int) -> str:
    """Bytes in the unit that people use for files."""
    if number >= GIGABYTE:
        return f"{number / GIGABYTE:.1f} GB"
    return f"{max(number / 1024**2, 0.1):.1f} MB"
