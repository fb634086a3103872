"""Asking for more time."""

from django.db import models
from django.db.models import F, Q

from issues.choices import BY_SOMEBODY, Decision
from issues.models.items import Issue
from organisation.models import User


class Extension(models.Model):
    """One request for a later deadline, and what the office said to it."""

    issue = models.ForeignKey(Issue, models.PROTECT, related_name="extensions")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="申请人")
    asked_at = models.DateTimeField("申请时间", auto_now_add=True)
    from_day = models.DateField("原时限")
    to_day = models.DateField("延至")
    reason = models.CharField("原因", max_length=200)
    decision = models.CharField("决定", max_length=10, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True)
    note = models.CharField("意见", max_length=200, blank=True)

    class Meta:
        verbose_name = "延期"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue"], condition=Q(decision=""), name="extension_one_open"
            ),
            models.CheckConstraint(
                condition=Q(decision__in=[*Decision.values, ""]), name="extension_decision"
            ),
            models.CheckConstraint(condition=Q(to_day__gt=F("from_day")), name="extension_later"),
            models.CheckConstraint(condition=~Q(reason=""), name="extension_has_a_reason"),
            models.CheckConstraint(
                condition=Q(decision="", decided_by=None, decided_at=None)
                | Q(decision=Decision.MOOT, decided_by=None, decided_at__isnull=False)
                | (
                    Q(decision__in=BY_SOMEBODY)
                    & Q(decided_by__isnull=False, decided_at__isnull=False)
                ),
                name="extension_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("asked_by")),
                name="extension_nobody_grants_own",
            ),
        ]
