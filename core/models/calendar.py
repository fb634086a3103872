"""The official calendar."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


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
