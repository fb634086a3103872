"""The tasks of a stage, and who has done them."""

from django.db import models
from django.db.models import Q

from campaign.choices import BY_HAND, Audience, DueFrom, Watch
from campaign.models.campaigns import Stage
from campaign.schedule import Deadline
from organisation.models import Unit, User


class StageTask(models.Model):
    """Who has what to do, and by when; ``due_on`` is reckoned from the rest and kept right.

    ``threshold`` is a percentage, for what is watched as a rate.
    """

    stage = models.ForeignKey(Stage, models.CASCADE, related_name="tasks")
    number = models.PositiveSmallIntegerField("序号")
    title = models.CharField("任务", max_length=60)
    audience = models.CharField("谁来办", max_length=10, choices=Audience)
    deliverable = models.CharField("成果", max_length=100)
    watch = models.CharField("怎样算完成", max_length=12, choices=Watch, default=Watch.TOLD)
    threshold = models.PositiveSmallIntegerField("要求（%）", default=100)
    due_from = models.CharField("期限起算", max_length=16, choices=DueFrom)
    due_days = models.PositiveSmallIntegerField("工作日", default=0)
    due_date = models.DateField("指定日期", null=True, blank=True)
    due_on = models.DateField("期限")
    due_is_provisional = models.BooleanField("暂定", default=False)

    class Meta:
        verbose_name = "阶段任务"
        ordering = ["stage__starts_on", "number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["stage", "number"], name="task_number_once_per_stage"),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="task_audience_known"
            ),
            models.CheckConstraint(condition=Q(watch__in=Watch.values), name="task_watch_known"),
            models.CheckConstraint(
                condition=Q(due_from__in=DueFrom.values), name="task_due_from_known"
            ),
            models.CheckConstraint(
                condition=Q(due_from=DueFrom.DATE, due_date__isnull=False)
                | (~Q(due_from=DueFrom.DATE) & Q(due_date=None)),
                name="task_has_its_date",
            ),
            models.CheckConstraint(
                condition=Q(threshold__gte=1, threshold__lte=100), name="task_threshold_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def deadline(self) -> Deadline:
        return Deadline(self.due_from, self.due_days, self.due_date)

    @property
    def is_told(self) -> bool:
        """Whether somebody says that it is done; else the software sees it."""
        return self.watch in BY_HAND


class TaskDone(models.Model):
    """A task is done: by a unit, by a person of it, or by the office (neither is set).

    ``told_by`` is empty for what the software saw itself.
    """

    task = models.ForeignKey(StageTask, models.CASCADE, related_name="done")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    done_on = models.DateField("完成日期")
    told_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.CharField("说明", max_length=300, blank=True)
    file = models.FileField("文件", upload_to="tasks/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=100, blank=True)

    class Meta:
        verbose_name = "任务完成"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "unit"],
                condition=Q(unit__isnull=False),
                name="task_done_once_by_unit",
            ),
            models.UniqueConstraint(
                fields=["task", "person"],
                condition=Q(person__isnull=False),
                name="task_done_once_by_person",
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(person=None, unit=None),
                name="task_done_once_by_office",
            ),
            models.CheckConstraint(
                condition=Q(person=None) | Q(unit=None), name="task_done_by_unit_or_person"
            ),
            models.CheckConstraint(
                condition=Q(told_by=None) | ~Q(note="", file=""), name="task_told_says_something"
            ),
        ]
