"""What visited people ask for."""

from django.db import models
from django.db.models import Q

from organisation.models import Unit
from visits.choices import AppealState, Handling
from visits.models.visits import Visit


class Appeal(models.Model):
    """What a visited person asks for, and how it is taken up."""

    visit = models.OneToOneField(Visit, models.PROTECT, related_name="appeal")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    content = models.CharField("诉求", max_length=500)
    handling = models.CharField("处理方式", max_length=12, choices=Handling)
    state = models.CharField("状态", max_length=12, choices=AppealState)
    due_on = models.DateField("办理时限", null=True)
    counted_from = models.DateField("起算日", null=True)  # None: nobody reckoned ``due_on``

    class Meta:
        verbose_name = "诉求"
        constraints = [
            models.CheckConstraint(
                condition=Q(handling__in=Handling.values), name="appeal_handling"
            ),
            models.CheckConstraint(condition=Q(state__in=AppealState.values), name="appeal_state"),
            models.CheckConstraint(
                condition=Q(state=AppealState.ANSWERED) | Q(due_on__isnull=False),
                name="appeal_open_has_deadline",
            ),
        ]
