"""Filters of the ledger that a person has kept under a name."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from core.fields import EncryptedField
from organisation.models import User

MOST_VIEWS = 20  # of one person


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> "SavedViewQuerySet":
        """One's own: what somebody looks for is nobody else's business."""
        return self.filter(owner=user)


class SavedView(models.Model):
    """A filter of the ledger under a name.

    What is asked is kept encrypted, as JSON: its words may be names of people
    (docs/decisions/012). ``place`` numbers the views of a person, so that there are few. It
    goes with the campaign in which it was kept: its categories are that campaign's.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="所有人")
    place = models.PositiveSmallIntegerField("位置")
    name = models.CharField("名称", max_length=20)
    asked = EncryptedField("条件")
    saved_at = models.DateTimeField("时间", auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = "常用筛选"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="saved_view_once"),
            models.UniqueConstraint(fields=["owner", "place"], name="saved_view_place"),
            models.CheckConstraint(
                condition=Q(place__gte=1, place__lte=MOST_VIEWS), name="saved_view_few"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]
