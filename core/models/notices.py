"""What people are told: their box, the outbox of reminders, and the ways beside the box."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.choices import Addressee, ChannelKind, Way
from core.fields import EncryptedField


class Digest(models.Model):
    """What one person is told by one way on one day: one message, whatever it holds.

    ``claim`` and ``lease_until`` belong to the worker that is sending it.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "待发送"
        SENT = "sent", "已发送"
        QUIET = "quiet", "都已办完，不发"
        FAILED = "failed", "发送失败"

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="收件人"
    )
    way = models.CharField("方式", max_length=10, choices=Way)
    day = models.DateField("日期")
    state = models.CharField("状态", max_length=8, choices=State, default=State.WAITING)
    claim = models.UUIDField("领取号", null=True)
    lease_until = models.DateTimeField("租期", null=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    made_at = models.DateTimeField("生成时间", auto_now_add=True)
    next_try_at = models.DateTimeField("下次发送")
    sent_at = models.DateTimeField("发送时间", null=True)

    class Meta:
        verbose_name = "每日提醒"
        constraints = [
            models.UniqueConstraint(fields=["person", "way", "day"], name="digest_once_a_day"),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="digest_way_known"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "sent", "quiet", "failed"]),
                name="digest_state_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=Q(state="waiting"), name="digest_waiting"
            )
        ]


class Reminder(models.Model):
    """The outbox: one thing to tell one person by one way, one row whoever repeats it.

    ``kind`` names who can say whether it still holds, ``subject`` what it is about and
    ``within`` the unit it is asked of, where that differs. Without a digest it waits for the
    person's next one; quiet, what it asks for was done meanwhile.
    """

    event = models.CharField("事件", max_length=120)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="reminders", verbose_name="收件人"
    )
    way = models.CharField("方式", max_length=10, choices=Way)
    kind = models.CharField("种类", max_length=40)
    subject = models.PositiveBigIntegerField("对象")
    within = models.PositiveBigIntegerField("单位", null=True)
    addressee = models.CharField("向谁提醒", max_length=8, choices=Addressee)
    title = models.CharField("标题", max_length=120)
    url = models.CharField("链接", max_length=200, blank=True)
    due_on = models.DateField("期限")
    created_at = models.DateTimeField("时间", auto_now_add=True)
    digest = models.ForeignKey(Digest, models.PROTECT, null=True, related_name="reminders")
    is_quiet = models.BooleanField("已办完", default=False)

    class Meta:
        verbose_name = "提醒"
        constraints = [
            models.UniqueConstraint(
                fields=["event", "person", "way"], name="reminder_once_per_event"
            ),
            models.CheckConstraint(condition=Q(way__in=Way.values), name="reminder_way_known"),
            models.CheckConstraint(
                condition=Q(addressee__in=Addressee.values), name="reminder_addressee_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["person", "way"], condition=Q(digest=None), name="reminder_waiting"
            )
        ]


class Telling(models.Model):
    """The reminders of one day: looked for once, by the worker that holds ``lease_until``."""

    day = models.DateField("日期", unique=True)
    claim = models.UUIDField("领取号")
    lease_until = models.DateTimeField("租期")
    made_at = models.DateTimeField("生成完毕", null=True)
    digests = models.PositiveIntegerField("人次", default=0)

    class Meta:
        verbose_name = "每日提醒批次"


class Notice(models.Model):
    """A message in a person's box; one row per (event, person, channel), whoever repeats it.

    The one that brings a ``digest`` shows its reminders as lines.
    """

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
    digest = models.OneToOneField(Digest, models.CASCADE, null=True, verbose_name="每日提醒")
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


class Channel(models.Model):
    """A way beside the box by which a person wants the day's digest: e-mail or a robot.

    ``address`` opens a group to whoever knows it, ``secret`` signs for it: both are sealed.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="channels", verbose_name="本人"
    )
    kind = models.CharField("方式", max_length=10, choices=ChannelKind)
    address = EncryptedField("地址")
    secret = EncryptedField("加签密钥", blank=True, default="")
    set_at = models.DateTimeField("设置时间", auto_now_add=True)
    delivered_at = models.DateTimeField("最近送达", null=True)
    failing_since = models.DateTimeField("开始失败", null=True)
    error = models.CharField("失败原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "提醒渠道"
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="channel_once_per_person"),
            models.CheckConstraint(
                condition=Q(kind__in=ChannelKind.values), name="channel_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(failing_since=None) | ~Q(error=""), name="channel_failure_has_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["failing_since"],
                condition=Q(failing_since__isnull=False),
                name="channel_failing",
            )
        ]
