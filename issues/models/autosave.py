"""What somebody has written and not saved yet."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from core.fields import EncryptedField
from issues.models.items import Issue
from organisation.models import User


class Autosave(models.Model):
    """The words of a form as they stood when it saved itself; its writer's alone.

    No item and no version: nothing in it is checked, and it goes when the form is saved.
    ``number`` grows with every time, so that of two tabs the older one is told.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="填写人")
    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    issue = models.ForeignKey(Issue, models.PROTECT, null=True, related_name="+")
    token = models.UUIDField("提交号")
    words = EncryptedField("写到一半的内容")
    number = models.PositiveIntegerField("次数", default=1)
    saved_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "自动保存"
        constraints = [
            models.UniqueConstraint(fields=["person", "token"], name="autosave_once_per_form"),
            models.UniqueConstraint(
                fields=["person", "issue"],
                condition=Q(issue__isnull=False),
                name="autosave_once_per_issue",
            ),
        ]
