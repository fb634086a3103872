"""What people are told."""

from django.conf import settings
from django.db import models
from django.db.models import Q


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
