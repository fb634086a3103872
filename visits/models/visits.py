"""The visits."""

import uuid

from django.db import models
from django.db.models import Q

from organisation.models import User
from visits.choices import Outcome, Way
from visits.models.register import Target


class VisitQuerySet(models.QuerySet["Visit"]):
    def visible_to(self, user: User) -> "VisitQuerySet":
        """One's own visits, and visits to the targets one may see."""
        return self.filter(
            Q(author=user) | Q(target__in=Target.objects.visible_to(user).values("pk"))
        )


class Visit(models.Model):
    """One visit. The client makes ``token``, so that sending it twice saves it once."""

    token = models.UUIDField("提交号", default=uuid.uuid4, unique=True, editable=False)
    target = models.ForeignKey(Target, models.PROTECT, related_name="visits", verbose_name="对象")
    author = models.ForeignKey(User, models.PROTECT, related_name="visits", verbose_name="走访人")
    visited_on = models.DateField("走访日期")
    way = models.CharField("方式", max_length=12, choices=Way)
    outcome = models.CharField("结果", max_length=12, choices=Outcome)
    companions = models.CharField("同行人", max_length=60, blank=True)
    heard = models.TextField("了解到的情况", max_length=1000, blank=True)
    late_reason = models.CharField("补录原因", max_length=100, blank=True)
    received_at = models.DateTimeField("收到时间")

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = "走访"
        constraints = [
            models.CheckConstraint(condition=Q(way__in=Way.values), name="visit_way"),
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="visit_outcome"),
        ]
        indexes = [
            models.Index(fields=["author", "-id"], name="visit_by_author"),
            models.Index(fields=["target", "-visited_on", "-id"], name="visit_by_target"),
        ]
