"""What is left of an archived campaign."""

from django.db import models
from django.db.models import Q

from campaign.models.campaigns import Campaign
from organisation.models import Unit


class Total(models.Model):
    """A number of an archived campaign: of one unit, or of all (no unit).

    ``measure`` is a key of ``campaign.archiving``; ``part`` names a state, a category or a task
    in the words of that time, and is empty for the whole. ``d`` is the denominator of a rate.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="totals")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    measure = models.CharField("指标", max_length=40)
    part = models.CharField("分项", max_length=140, blank=True)
    n = models.PositiveIntegerField("数量")
    d = models.PositiveIntegerField("总数", null=True)

    class Meta:
        verbose_name = "归档数字"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit", "measure", "part"],
                condition=Q(unit__isnull=False),
                name="total_once_per_unit",
            ),
            models.UniqueConstraint(
                fields=["campaign", "measure", "part"],
                condition=Q(unit=None),
                name="total_once_of_all",
            ),
        ]


class DroppedFile(models.Model):
    """A stored file whose row is gone: set down with that, deleted right after.

    So a worker that dies in between leaves no file that nobody knows of.
    """

    name = models.CharField("存放的文件", max_length=100)

    class Meta:
        verbose_name = "待删除文件"
