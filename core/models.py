"""What every app leans on: the audit trail, notices, background jobs, the official calendar."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class AuditEntryQuerySet(models.QuerySet["AuditEntry"]):
    """Reads for the audit administrator; ``core.paging.page_of`` shows the newest first."""

    def of_act(self, act: str) -> "AuditEntryQuerySet":
        """One act, as ``"issues.sign_off"``, or with a final dot all acts of an app."""
        return self.filter(act__startswith=act) if act.endswith(".") else self.filter(act=act)

    def by(self, people: object) -> "AuditEntryQuerySet":
        """What these people did: a queryset of people, or any collection of their keys."""
        return self.filter(actor_id__in=people)

    def between(self, begin: datetime | None, end: datetime | None) -> "AuditEntryQuerySet":
        """From ``begin`` on, before ``end``; None leaves a side open."""
        found = self.filter(at__gte=begin) if begin else self
        return found.filter(at__lt=end) if end else found

    def about(self, words: str) -> "AuditEntryQuerySet":
        """Whose subject holds every word; a whole one, as ``"visits.Visit:12"``, is exact."""
        found = self
        for word in words.split():
            exact = "." in word and ":" in word and word[-1].isdecimal()
            found = found.filter(**{f"subject__i{'exact' if exact else 'contains'}": word})
        return found


class AuditEntry(models.Model):
    """One act, written in the same transaction as the act itself.

    Append-only: triggers refuse everything but inserting (``core.append_only``), and each
    entry holds the hash of the one before (``core.audit_chain``). ``id`` is the place in
    the chain, without gaps. The actor has no database constraint: whoever appends holds the
    chain's lock and must not wait for a row of a person.
    """

    class Algorithm(models.TextChoices):
        SHA256 = "sha256", "SHA-256"
        SM3 = "sm3", "SM3"

    id = models.BigIntegerField("编号", primary_key=True)
    at = models.DateTimeField("时间", default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="操作人",
        db_constraint=False,
        db_index=False,
    )
    act = models.CharField("行为", max_length=60)
    subject = models.CharField("对象", max_length=120)
    detail = models.JSONField("详情", default=dict)
    address = models.CharField("网络地址", max_length=45, blank=True, default="")
    algorithm = models.CharField(
        "校验算法", max_length=6, choices=Algorithm, default=Algorithm.SHA256
    )
    previous = models.CharField("前一条校验值", max_length=64, blank=True, default="")
    hash = models.CharField("校验值", max_length=64, default="")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        constraints = [
            models.CheckConstraint(
                condition=Q(algorithm__in=["sha256", "sm3"]), name="audit_algorithm_known"
            ),
        ]
        indexes = [
            models.Index(fields=["act", "-id"], name="audit_of_act"),
            models.Index(fields=["actor", "-id"], name="audit_of_person"),
            models.Index(fields=["at"], name="audit_at"),
        ]


class AuditHead(models.Model):
    """The end of the chain, one row: locked by whoever appends, so that all wait here."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField("最后一条编号", default=0)
    hash = models.CharField("最后一条校验值", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "审计链尾"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="audit_head_is_one")]


class Notice(models.Model):
    """A message in a person's box; one row per (event, person, channel), whoever repeats it."""

    class Channel(models.TextChoices):
        INBOX = "inbox", "站内"

    event = models.CharField("事件", max_length=120)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="notices", verbose_name="收件人"
    )
    channel = models.CharField("渠道", max_length=10, choices=Channel, default=Channel.INBOX)
    title = models.CharField("标题", max_length=120)
    body = models.TextField("内容", blank=True)
    url = models.CharField("链接", max_length=200, blank=True)
    created_at = models.DateTimeField("时间", auto_now_add=True)
    read_at = models.DateTimeField("已读时间", null=True)

    class Meta:
        verbose_name = "消息"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person", "channel"], name="notice_once_per_event"
            ),
            models.CheckConstraint(condition=Q(channel="inbox"), name="notice_channel_known"),
        ]
        indexes = [models.Index(fields=["person", "-id"], name="notice_box")]


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: object) -> "JobQuerySet":
        """A job and its file belong to the person who asked for it, to nobody else."""
        return self.filter(owner=user)

    def claimable(self, now: datetime) -> "JobQuerySet":
        """Waiting, or running under a lease that has run out."""
        waiting = Q(state=Job.State.QUEUED)
        abandoned = Q(state=Job.State.RUNNING, lease_until__lt=now)
        return self.filter(waiting | abandoned)


class Job(models.Model):
    """Work for the background, kept as a row so that a lost message loses nothing.

    ``kind`` is the name of the Celery task, ``arguments`` what it needs. The worker
    that holds ``claim`` under an unexpired lease is the only one that may write.
    """

    class State(models.TextChoices):
        QUEUED = "queued", "排队中"
        RUNNING = "running", "处理中"
        DONE = "done", "已完成"
        FAILED = "failed", "未完成"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("类型", max_length=60)
    title = models.CharField("名称", max_length=120)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="jobs", verbose_name="申请人"
    )
    arguments = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=10, choices=State, default=State.QUEUED)
    done = models.PositiveIntegerField("已处理", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    claim = models.UUIDField("领取号", null=True)
    lease_until = models.DateTimeField("租期", null=True)
    queued_at = models.DateTimeField("排队时间", auto_now_add=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    message = models.TextField("说明", blank=True)
    outcome = models.JSONField("结果", default=dict)
    file = models.FileField("文件", upload_to="jobs/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=120, blank=True)
    expires_at = models.DateTimeField("有效期", null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = "后台任务"
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed"]),
                name="job_state_known",
            ),
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="job_done_within_total"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(claim__isnull=False, lease_until__isnull=False),
                name="job_running_is_claimed",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-queued_at"], name="job_owner_latest"),
            models.Index(
                fields=["state", "queued_at"],
                name="job_unfinished",
                condition=Q(state__in=["queued", "running"]),
            ),
        ]

    @property
    def is_finished(self) -> bool:
        return self.state in {self.State.DONE, self.State.FAILED}

    @property
    def gives_once(self) -> bool:
        """Whether its file is given out a single time and then deleted."""
        return bool(self.outcome.get("once"))

    @property
    def is_taken(self) -> bool:
        return bool(self.outcome.get("taken_at"))

    @property
    def percent(self) -> int:
        return self.done * 100 // self.total if self.total else 0


class CalendarYear(models.Model):
    """A year whose State Council notice is known; of any other the calendar is provisional."""

    year = models.PositiveSmallIntegerField("年份", unique=True)
    source = models.CharField("依据", max_length=120)
    landed_at = models.DateTimeField("生效时间", default=timezone.now)
    landed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="上传人",
    )

    class Meta:
        verbose_name = "日历年份"


class CalendarDay(models.Model):
    """A day that is not as its day of the week says; all others have no row.

    Rows are written and deleted, never changed: so their number and the last key say
    whether the calendar is still the one that somebody read (``core.calendars``).
    """

    class Source(models.TextChoices):
        NOTICE = "notice", "国务院办公厅通知"
        CLOSURE = "closure", "本地停工"

    day = models.DateField("日期")
    is_workday = models.BooleanField("是否工作日")
    note = models.CharField("说明", max_length=80, blank=True)
    source = models.CharField("来源", max_length=10, choices=Source)

    class Meta:
        verbose_name = "工作日历"
        constraints = [
            models.UniqueConstraint(fields=["day", "source"], name="calendar_day_once_per_source"),
            models.CheckConstraint(
                condition=Q(source__in=["notice", "closure"]), name="calendar_source_known"
            ),
            models.CheckConstraint(
                condition=~Q(source="closure") | (Q(is_workday=False) & ~Q(note="")),
                name="calendar_closure_has_reason",
            ),
        ]
