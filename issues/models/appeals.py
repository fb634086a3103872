"""Which appeals an item of a unit was made of (domain §4.5)."""

from django.db import models

from issues.models.items import Issue
from organisation.models import User
from visits.models import Appeal


class AppealOrigin(models.Model):
    """An appeal that showed a problem of the unit; both pages lead to each other."""

    unit_item = models.ForeignKey(Issue, models.PROTECT, related_name="appeal_origins")
    appeal = models.ForeignKey(Appeal, models.PROTECT, related_name="+", verbose_name="诉求")
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="列入人")
    taken_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "来自诉求"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["unit_item", "appeal"], name="appeal_origin_once"),
        ]
