"""Hints that visits do not fit together, and the call-backs that are drawn from visits."""

import uuid

from django.db import models
from django.db.models import F, Q

from campaign.models import Campaign
from organisation.choices import Role
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import CheckResult, FlagKind
from visits.models.visits import Visit

TRUTH_READERS = (Role.ORGANISATION,)


class _OfArea(models.QuerySet):
    def visible_to(self, user: User) -> "_OfArea":
        """Those of the areas of the organisation department."""
        scope = scope_of(user)
        return self.filter(scope.areas(TRUTH_READERS)) if scope.takes_part else self.none()


class TruthFlag(models.Model):
    """A hint on visits; it says where to ask, and nothing about anybody.

    ``author`` is whose visits they are, or of visits of several people whose is the first.

    ``about`` tells what the visits have in common: the day as a number, or the key of their
    words. ``area`` is the smallest that holds them all.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    kind = models.CharField("类型", max_length=10, choices=FlagKind)
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="走访人")
    about = models.BigIntegerField("共同点")
    day = models.DateField("日期")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    number = models.PositiveIntegerField("走访数")
    visits = models.ManyToManyField(Visit, related_name="flags", verbose_name="走访")
    made_at = models.DateTimeField("发现时间", auto_now_add=True)

    objects = _OfArea.as_manager()

    class Meta:
        verbose_name = "真实性提示"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "author", "about"], name="truth_flag_once"
            ),
            models.CheckConstraint(condition=Q(kind__in=FlagKind.values), name="truth_flag_kind"),
        ]
        indexes = [models.Index(fields=["campaign", "kind", "-id"], name="truth_flag_by_kind")]


class TruthLook(models.Model):
    """How far the visits of a campaign, and their corrections, have been looked through."""

    campaign = models.OneToOneField(Campaign, models.CASCADE, related_name="+")
    last_visit = models.BigIntegerField("看到的最后一条", default=0)
    last_version = models.BigIntegerField("看到的最后一次更正", default=0)
    looked_at = models.DateTimeField("时间", null=True)

    class Meta:
        verbose_name = "真实性检查进度"


class TruthDraw(models.Model):
    """A draw of visits for call-backs: anybody can repeat it from its seed.

    ``flagged`` are keys of visits with a hint or entered late, ``population`` of all others;
    ``drawn`` is what ``core.sampling.draw`` makes of both, of the flagged with the larger share.
    """

    token = models.UUIDField("提交号", default=uuid.uuid4, unique=True, editable=False)
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    first_day = models.DateField("从")
    last_day = models.DateField("到")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("时间", auto_now_add=True)
    seed = models.CharField("种子", max_length=32)
    percent = models.PositiveSmallIntegerField("比例")
    flagged_percent = models.PositiveSmallIntegerField("有提示或补录的比例")
    population = models.JSONField("按时且没有提示的范围")
    flagged = models.JSONField("有提示或补录的范围")
    drawn = models.JSONField("抽中")

    objects = _OfArea.as_manager()

    class Meta:
        verbose_name = "走访核实抽取"
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__range=(1, 100), flagged_percent__range=(1, 100))
                & Q(flagged_percent__gte=F("percent")),
                name="truth_draw_percent",
            ),
            models.CheckConstraint(
                condition=Q(first_day__lte=F("last_day")), name="truth_draw_days"
            ),
        ]


class TruthCheckQuerySet(models.QuerySet["TruthCheck"]):
    def visible_to(self, user: User) -> "TruthCheckQuerySet":
        """Those of the draws in the areas of the organisation department."""
        scope = scope_of(user)
        if not scope.takes_part:
            return self.none()
        return self.filter(scope.areas(TRUTH_READERS, field="draw__area"))


class TruthCheck(models.Model):
    """A drawn visit, and what the visited person says of it. It counts nowhere.

    ``author`` is the visit's, so that the database itself refuses who checks his own.
    """

    draw = models.ForeignKey(TruthDraw, models.PROTECT, related_name="checks")
    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    author = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="走访人")
    is_flagged = models.BooleanField("有提示或补录", default=False)
    result = models.CharField("结果", max_length=12, choices=CheckResult, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="核实人"
    )
    recorded_at = models.DateTimeField("核实时间", null=True)
    tries = models.PositiveSmallIntegerField("次数", default=0)

    objects = TruthCheckQuerySet.as_manager()

    class Meta:
        verbose_name = "走访核实"
        constraints = [
            models.UniqueConstraint(fields=["visit"], name="truth_check_once"),
            models.CheckConstraint(
                condition=Q(result__in=["", *CheckResult.values]), name="truth_check_result"
            ),
            models.CheckConstraint(
                condition=Q(result="", recorded_by=None, recorded_at=None)
                | (~Q(result="") & Q(recorded_by__isnull=False, recorded_at__isnull=False)),
                name="truth_check_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(recorded_by=None) | ~Q(recorded_by=F("author")),
                name="truth_check_not_own",
            ),
            models.CheckConstraint(
                condition=~Q(result=CheckResult.FALSE) | ~Q(note=""), name="truth_check_says_why"
            ),
        ]
