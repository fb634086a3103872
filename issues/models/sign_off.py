"""What was signed, by whom, and the look back at it."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from issues.choices import Verdict
from issues.models.items import Issue
from organisation.models import User


class SignOff(models.Model):
    """One sign-off: the version of the text and the evidence that the signer saw.

    Written once and never changed (triggers); a relapse leaves it standing. ``evidence`` is
    a list of ``{"name", "sha256"}`` in the order shown; ``content_hash`` binds both.
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="sign_offs")
    signer = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="销号人")
    responsible = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="当时的整改责任人"
    )
    signed_at = models.DateTimeField("时间", auto_now_add=True)
    version = models.PositiveIntegerField("版本")
    text_sha256 = models.CharField(max_length=64)
    evidence = models.JSONField("佐证")
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "销号签字"
        ordering = ["-id"]


class Draw(models.Model):
    """A draw of look-backs: anybody can repeat it from its seed and its population.

    ``population`` and ``drawn`` are lists of keys of look-backs; ``core.sampling.draw`` makes the
    one out of the other.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="draws")
    drawn_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="抽取人")
    drawn_at = models.DateTimeField("时间", auto_now_add=True)
    seed = models.CharField("种子", max_length=32)
    percent = models.PositiveSmallIntegerField("比例")
    population = models.JSONField("范围")
    drawn = models.JSONField("抽中")

    class Meta:
        verbose_name = "回头看抽取"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gte=10, percent__lte=100), name="draw_at_least_a_tenth"
            ),
        ]


class LookBack(models.Model):
    """The day on which a signed-off item is looked at again, and what was found (domain §2.5).

    Only drawn ones must be looked at; any may be. ``draw`` is the draw whose population it
    was in; those of ALWAYS_LOOKED_AT are drawn without one.
    """

    sign_off = models.OneToOneField(SignOff, models.PROTECT, related_name="look_back")
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="look_backs")
    due_on = models.DateField("回头看日期")
    draw = models.ForeignKey(Draw, models.PROTECT, null=True, related_name="look_backs")
    is_drawn = models.BooleanField("抽中", default=False)
    finding = models.CharField("结果", max_length=12, choices=Verdict, blank=True)
    looked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="查看人"
    )
    looked_at = models.DateTimeField("时间", null=True)

    class Meta:
        verbose_name = "回头看"
        constraints = [
            models.CheckConstraint(
                condition=Q(finding__in=[*Verdict.values, ""]), name="look_back_finding"
            ),
            models.CheckConstraint(
                condition=Q(finding="", looked_by=None, looked_at=None)
                | (~Q(finding="") & Q(looked_by__isnull=False, looked_at__isnull=False)),
                name="look_back_is_found_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["finding", "is_drawn", "due_on"], name="look_back_due")]
