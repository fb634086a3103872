"""The frozen denominator of a campaign, and what has happened to the register since."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from organisation.models import Area, User
from visits.choices import ChangeKind, TargetKind
from visits.models.register import Target

REASON_LENGTH = 200


class Freeze(models.Model):
    """A campaign's register as the office fixed it; the one with the highest number is in force.

    ``counts`` are numbers of entries by kind and by split, whatever their states;
    ``sha256`` is over the sorted lines of the register (``visits.queries.register_lines``).
    The database refuses to change a row.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="freezes")
    number = models.PositiveSmallIntegerField("第几次")
    at = models.DateTimeField("核定时间")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="核定人")
    reason = models.CharField("说明", max_length=REASON_LENGTH, blank=True)
    registered = models.PositiveIntegerField("登记数")
    counts = models.JSONField("分类数")
    sha256 = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = "分母核定"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="freeze_once_per_number"),
            models.CheckConstraint(
                condition=Q(number=1) | ~Q(reason=""), name="freeze_again_has_reason"
            ),
        ]


class FrozenCount(models.Model):
    """How many entries of a kind a frozen register had in an area, with all below it."""

    freeze = models.ForeignKey(Freeze, models.CASCADE, related_name="areas")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TargetKind)
    registered = models.PositiveIntegerField()

    class Meta:
        verbose_name = "核定计数"
        constraints = [
            models.UniqueConstraint(fields=["freeze", "area", "kind"], name="frozen_count_once"),
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="frozen_count_kind"
            ),
        ]


class RegisterChange(models.Model):
    """One thing that happened to an entry of the register, with its reason.

    ``area_to`` counts one more from now on and ``area_from`` one fewer, each with all areas
    above; a correction has neither, but says what was and what is, and of what is personal only
    that it was wrong: []. ``other`` is the household
    that was split, or the entry that stays of two. ``freeze``: after which it happened; None
    before the first. The database refuses to change a row; undoing is another one.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    freeze = models.ForeignKey(Freeze, models.PROTECT, null=True, related_name="changes")
    kind = models.CharField("变更", max_length=12, choices=ChangeKind)
    target = models.ForeignKey(Target, models.PROTECT, related_name="changes")
    target_kind = models.CharField("类别", max_length=12, choices=TargetKind)
    other = models.ForeignKey(Target, models.PROTECT, null=True, related_name="+")
    area_from = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    area_to = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    corrected = models.JSONField("更正内容", default=dict)  # attribute: [before, after]
    reason = models.CharField("原因", max_length=REASON_LENGTH)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "登记册变更"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ChangeKind.values), name="register_change_kind"
            ),
            models.CheckConstraint(
                condition=Q(target_kind__in=TargetKind.values), name="register_change_target_kind"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="register_change_has_reason"),
            models.CheckConstraint(
                condition=(
                    Q(
                        kind__in=[ChangeKind.JOIN, ChangeKind.RETURN, ChangeKind.SPLIT],
                        area_from=None,
                        area_to__isnull=False,
                    )
                    | Q(
                        kind__in=[ChangeKind.LEAVE, ChangeKind.MERGE],
                        area_from__isnull=False,
                        area_to=None,
                    )
                    | Q(kind=ChangeKind.MOVE, area_from__isnull=False, area_to__isnull=False)
                    | Q(kind=ChangeKind.CORRECTION, area_from=None, area_to=None)
                ),
                name="register_change_counts_where",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=[ChangeKind.SPLIT, ChangeKind.MERGE], other__isnull=False)
                | (~Q(kind__in=[ChangeKind.SPLIT, ChangeKind.MERGE]) & Q(other=None)),
                name="register_change_other",
            ),
        ]
        indexes = [
            models.Index(fields=["target", "-id"], name="register_change_by_target"),
            models.Index(fields=["campaign", "-id"], name="register_change_newest"),
        ]

    @property
    def corrected_names(self) -> str:
        """What was corrected, without a value of it."""
        fields = Target._meta.concrete_fields
        return "、".join(str(each.verbose_name) for each in fields if each.name in self.corrected)
