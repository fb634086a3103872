"""Rating rounds. Nothing here can name a rater (promise P5).

There is no ballot: a rating adds to counters. A code is known by its hash alone, belongs
to a pool and not to a person, and carries no time.
"""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from evaluations.choices import Dimension, Grade, RaterGroup, RoundState
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

READERS = (Role.OFFICE, Role.LEADER, Role.DISCIPLINE)


class RoundQuerySet(models.QuerySet["Round"]):
    def visible_to(self, user: User) -> "RoundQuerySet":
        """Rounds on units inside the scope of the office, the leaders, the discipline office."""
        return self.filter(scope_of(user).units(READERS))


class Round(models.Model):
    """One rating of one unit by three groups; weights and minimum are pinned at opening."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="rounds")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rounds", verbose_name="被评单位")
    title = models.CharField("名称", max_length=60)
    state = models.CharField("状态", max_length=10, choices=RoundState, default=RoundState.DRAFT)
    minimum = models.PositiveSmallIntegerField("最少份数", default=5)
    opened_at = models.DateTimeField("开始时间", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)

    objects = RoundQuerySet.as_manager()

    class Meta:
        verbose_name = "评议"
        constraints = [
            models.CheckConstraint(condition=Q(state__in=RoundState.values), name="round_state"),
            models.CheckConstraint(condition=Q(minimum__gte=5), name="round_minimum_protects"),
            models.CheckConstraint(
                condition=Q(state=RoundState.CLOSED, closed_at__isnull=False)
                | (~Q(state=RoundState.CLOSED) & Q(closed_at=None)),
                name="round_closed_has_time",
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit", "title"], name="round_title_once_per_unit"
            ),
        ]


class RoundGroup(models.Model):
    """One of the three groups of a round: its weight in percent and how many codes it got."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="groups")
    group = models.CharField("评议主体", max_length=10, choices=RaterGroup)
    weight = models.PositiveSmallIntegerField("权重（%）")

    class Meta:
        verbose_name = "评议主体"
        constraints = [
            models.UniqueConstraint(fields=["round", "group"], name="group_once_per_round"),
            models.CheckConstraint(condition=Q(group__in=RaterGroup.values), name="group_known"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="group_weight_percent"),
        ]


class Code(models.Model):
    """A one-time code, known by the hash of its text; used or not, and nothing else."""

    hash = models.CharField(primary_key=True, max_length=64)
    round_group = models.ForeignKey(RoundGroup, models.CASCADE, related_name="codes")
    batch = models.UUIDField("批次")
    used = models.BooleanField("已用", default=False)

    class Meta:
        verbose_name = "评议码"


class Tally(models.Model):
    """How often one grade was given in one dimension by one group: a counter, never a row each."""

    round_group = models.ForeignKey(RoundGroup, models.CASCADE, related_name="tallies")
    dimension = models.CharField("维度", max_length=16, choices=Dimension)
    grade = models.PositiveSmallIntegerField("等次", choices=Grade)
    count = models.PositiveIntegerField("票数", default=0)

    class Meta:
        verbose_name = "计票"
        constraints = [
            models.UniqueConstraint(
                fields=["round_group", "dimension", "grade"], name="tally_once"
            ),
            models.CheckConstraint(
                condition=Q(dimension__in=Dimension.values), name="tally_dimension"
            ),
            models.CheckConstraint(condition=Q(grade__in=Grade.values), name="tally_grade"),
        ]
