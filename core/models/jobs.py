"""Background jobs."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q


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
