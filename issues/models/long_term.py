"""Long-term items: the plan with its milestones, the office's consent, and what was reached.

Nothing here is ever changed (triggers): a plan belongs to one version of the text.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from issues.choices import MILESTONES, Kind, LongReason, State
from issues.milestones import AT_ONCE
from issues.models.evidence import Evidence
from issues.models.items import IssueVersion
from organisation.models import User


class LongTerm(models.Model):
    """Why an item is long-term; of a draft the reason may be missing.

    ``begins_on``: the day of writing; the first milestone is counted from it.
    """

    version = models.OneToOneField(IssueVersion, models.PROTECT, related_name="long_term")
    reason = models.CharField("原因", max_length=12, choices=LongReason, blank=True)
    begins_on = models.DateField("起算日")

    class Meta:
        verbose_name = "长期坚持"
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=[*LongReason.values, ""]), name="long_term_reason"
            ),
        ]


class MilestoneQuerySet(models.QuerySet["Milestone"]):
    def running(self) -> "MilestoneQuerySet":
        """Not reported yet, of the present text of items that are being put right."""
        item = "plan__version__issue"
        return self.filter(
            achievement=None,
            plan__version__number=F(f"{item}__version"),
            **{
                f"{item}__kind": Kind.LONG_TERM,
                f"{item}__state": State.RECTIFYING,
                f"{item}__campaign__archived_at": None,
            },
        )


class Milestone(models.Model):
    """What can be seen by a day; AT_ONCE is the part that is put right first."""

    plan = models.ForeignKey(LongTerm, models.PROTECT, related_name="milestones")
    number = models.PositiveSmallIntegerField("序号")
    due_on = models.DateField("到哪一天", null=True)
    shows = models.CharField("看得到什么", max_length=200, blank=True)

    objects = MilestoneQuerySet.as_manager()

    class Meta:
        verbose_name = "阶段节点"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="milestone_number_once"),
            models.CheckConstraint(
                condition=Q(number__lte=MILESTONES), name="milestone_not_too_many"
            ),
        ]
        indexes = [models.Index(fields=["due_on"], name="milestone_due")]

    @property
    def name(self) -> str:
        return "先改的部分" if self.number == AT_ONCE else f"第 {self.number} 个节点"


class Consent(models.Model):
    """The office's consent to a plan, given with the filing; bound to what was seen."""

    plan = models.OneToOneField(LongTerm, models.PROTECT, related_name="consent")
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="同意人")
    given_at = models.DateTimeField("时间", auto_now_add=True)
    content_hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "长期坚持的同意"


class Achievement(models.Model):
    """What was reached at a milestone, once."""

    milestone = models.OneToOneField(Milestone, models.PROTECT, related_name="achievement")
    reported_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="报告人")
    reported_at = models.DateTimeField("时间", auto_now_add=True)
    result = models.CharField("阶段性成果", max_length=500)
    evidence = models.ForeignKey(
        Evidence, models.PROTECT, null=True, related_name="+", verbose_name="佐证"
    )

    class Meta:
        verbose_name = "阶段性成果"
        constraints = [
            models.CheckConstraint(condition=~Q(result=""), name="achievement_says_something"),
        ]

    @cached_property
    def files(self) -> list[Evidence]:
        """The file reported with and those put in its place since, the newest first.

        Read one by one here; ``queries.long_term_of`` brings them with it.
        """
        found, last = [], self.evidence
        while last:
            found.append(last)
            last = getattr(last, "newer", None)
        return found[::-1]
