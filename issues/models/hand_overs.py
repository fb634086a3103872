"""Handing the rectification of an item to another person."""

from django.db import models
from django.db.models import F, Q

from issues.models.items import Issue
from organisation.models import User


class HandOver(models.Model):
    """From whom to whom an item went while it was being put right, and why; append-only.

    Who answered for it once reviews it no more than who does now (promise P4).
    """

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="hand_overs")
    number = models.PositiveSmallIntegerField("第几次")
    from_person = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="原整改责任人"
    )
    to_person = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name="新的整改责任人"
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="变更人")
    at = models.DateTimeField("时间", auto_now_add=True)
    reason = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = "整改责任人变更"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="hand_over_once"),
            models.CheckConstraint(
                condition=~Q(from_person=F("to_person")), name="hand_over_to_another"
            ),
            models.CheckConstraint(
                condition=~Q(by=F("from_person")), name="hand_over_not_of_ones_own"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="hand_over_has_a_reason"),
        ]
