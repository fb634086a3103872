"""The visits."""

import uuid
from typing import Any

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils import timezone

from campaign.models import Campaign
from core.uploads import Upload
from organisation.models import User
from visits.choices import Outcome, Way
from visits.entry import LATE_AFTER_DAYS, is_late
from visits.models.register import Target


class DayBegins(Func):
    """The first moment in China of the day ``days`` after a date.

    Written so that a constraint means the same whatever zone a session has.
    """

    output_field = models.DateTimeField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "datetime(%(expressions)s, '+%(days)s days', '-8 hours')"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "((%(expressions)s + %(days)s)::timestamp AT TIME ZONE 'Asia/Shanghai')"
        return self.as_sql(compiler, connection, template=template, **context)


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: User) -> "VisitQuerySet":
        """One's own visits, those one has brought in, and visits to the targets one may see."""
        there = Target.objects.visible_to(user).filter(pk=OuterRef("target"))
        return self.filter(Q(author=user) | Q(entered_by=user) | Exists(there))

    def for_log(self) -> "VisitQuerySet":
        """With what a row of the log shows."""
        return self.select_related("target__area__parent", "author").prefetch_related("appeals")


class Visit(models.Model):
    """One visit, as it stands after ``version`` - 1 corrections.

    The client makes ``token``, so that sending it twice saves it once; ``sha256`` is of what
    it sent, so that something else under the same token is told from a repetition. Where it was
    brought in from paper by somebody else, that is ``entered_by``. ``text_key`` is the same for
    the same words in ``heard``; none where they are too few to tell anything.
    """

    token = models.UUIDField("提交号", default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(Target, models.PROTECT, related_name="visits", verbose_name="对象")
    author = models.ForeignKey(User, models.PROTECT, related_name="visits", verbose_name="走访人")
    entered_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="代录人"
    )
    visited_on = models.DateField("走访日期")
    began = models.TimeField("开始时间", null=True, blank=True)
    way = models.CharField("方式", max_length=12, choices=Way)
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    companions = models.CharField("同行人", max_length=60, blank=True)
    heard = models.TextField("了解到的情况", max_length=1000, blank=True)
    late_reason = models.CharField("补录原因", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")
    sha256 = models.CharField(max_length=64, blank=True, editable=False)  # empty: an older row
    version = models.PositiveSmallIntegerField("版本", default=1)
    text_key = models.BigIntegerField("内容指纹", null=True, editable=False)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "走访"
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="visit_way"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="visit_outcome"),
            models.CheckConstraint(
                condition=Q(entered_by=None) | ~Q(entered_by=F("author")),
                name="visit_entered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(received_at__gte=DayBegins("visited_on", days=0)),
                name="visit_before_its_entry",
            ),
            models.CheckConstraint(
                condition=~Q(late_reason="")
                | Q(received_at__lt=DayBegins("visited_on", days=LATE_AFTER_DAYS + 1)),
                name="visit_late_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["author", "-id"], name="visit_by_author"),
            models.Index(
                fields=["entered_by", "-id"],
                condition=Q(entered_by__isnull=False),
                name="visit_by_enterer",
            ),
            models.Index(fields=["target", "-visited_on", "-id"], name="visit_by_target"),
            models.Index(fields=["author", "visited_on"], name="visit_by_day"),
            models.Index(fields=["received_at"], name="visit_received"),
            models.Index(
                fields=["author", "text_key"],
                condition=Q(text_key__isnull=False),
                name="visit_by_text",
            ),
            models.Index(
                fields=["text_key"],
                condition=Q(text_key__isnull=False),
                name="visit_by_words",
            ),
        ]

    @property
    def is_late(self) -> bool:
        """Whether it was entered so much later that both times are shown."""
        return is_late(self.visited_on, timezone.localdate(self.received_at))


class VisitVersion(models.Model):
    """What a visit said before it was corrected, who corrected it and why; append-only."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    text = models.JSONField("原来的内容")
    replaced_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="更正人")
    replaced_at = models.DateTimeField("更正时间")
    reason = models.CharField("更正原因", max_length=100)

    class Meta:
        verbose_name = "走访更正"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "number"], name="visit_version_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="visit_version_has_reason"),
        ]


class VisitUpload(Upload):
    """Visits of one member, written on paper and brought in by somebody else or by himself."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="走访人")

    class Meta(Upload.Meta):
        verbose_name = "走访补录上传"
