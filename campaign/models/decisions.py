"""What was decided about a stage or a unit in the course of a campaign."""

from django.db import models
from django.db.models import Q

from campaign.choices import DecisionKind
from campaign.models.campaigns import Campaign, Stage
from organisation.models import Unit, User


class Decision(models.Model):
    """A stage ended or resumed, a unit joined or left after the beginning; only ever added to.

    ``made_by`` is empty where the gate held and the daily look ended the stage.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="decisions")
    kind = models.CharField("决定", max_length=10, choices=DecisionKind)
    stage = models.ForeignKey(Stage, models.CASCADE, null=True, related_name="decisions")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    reason = models.CharField("原因", max_length=200, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "阶段和参与单位的决定"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=DecisionKind.values), name="decision_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(stage=None, unit__isnull=False) | Q(stage__isnull=False, unit=None),
                name="decision_on_one_thing",
            ),
        ]
