"""The problem list of a unit: what its items were made of, who claims them, its versions."""

from django.db import models
from django.db.models import F, Q

from campaign.models import Campaign
from issues.choices import Assent
from issues.models.items import LIST_KEEPERS, LIST_READERS, Issue
from organisation.models import Unit, User
from organisation.scope import scope_of


class Origin(models.Model):
    """A cadre's item that an item of the unit was made of."""

    unit_item = models.ForeignKey(Issue, models.PROTECT, related_name="origins")
    item = models.ForeignKey(Issue, models.PROTECT, related_name="taken_into")
    taken_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="合并人")
    taken_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "来自干部清单"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["unit_item", "item"], name="origin_once"),
            models.CheckConstraint(condition=~Q(unit_item=F("item")), name="origin_is_another"),
        ]


class Claim(models.Model):
    """认领: a leader's own item that answers for a problem of the unit or of one below.

    「对照单位的问题、下级的问题，主动认领」 (domain §1.6).
    """

    claimed = models.ForeignKey(Issue, models.PROTECT, related_name="claims")
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="认领人")
    own_item = models.OneToOneField(Issue, models.PROTECT, related_name="claim_of")
    claimed_at = models.DateTimeField("时间", auto_now_add=True)

    class Meta:
        verbose_name = "认领"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["claimed", "leader"], name="claim_once_per_leader"),
            models.CheckConstraint(condition=~Q(claimed=F("own_item")), name="claim_is_another"),
        ]


class ListVersionQuerySet(models.QuerySet["ListVersion"]):
    def visible_to(self, user: User) -> "ListVersionQuerySet":
        """Those of units within reach; one that its head has not confirmed stays in the unit."""
        scope = scope_of(user)
        mine = scope.units(LIST_KEEPERS)
        return self.filter(mine | (scope.units(LIST_READERS) & Q(assent=Assent.CONFIRMED)))


class ListVersion(models.Model):
    """The list as it was frozen: version N with a hash over its entries.

    ``listed`` of ``people`` cadres had a list of their own that day. The head's assent is
    the only thing that changes after the freeze.
    """

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="list_versions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    number = models.PositiveIntegerField("版本")
    sha256 = models.CharField(max_length=64)
    listed = models.PositiveIntegerField("有清单的干部")
    people = models.PositiveIntegerField("干部")
    frozen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="定稿人")
    frozen_at = models.DateTimeField("定稿时间", auto_now_add=True)
    assent = models.CharField("单位意见", max_length=10, choices=Assent, blank=True)
    assented_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="确认人"
    )
    assented_at = models.DateTimeField("确认时间", null=True)
    note = models.CharField("意见", max_length=500, blank=True)

    objects = ListVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "单位问题清单"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit", "number"], name="list_version_once"
            ),
            models.UniqueConstraint(
                fields=["campaign", "unit"], condition=Q(assent=""), name="list_version_one_open"
            ),
            models.CheckConstraint(
                condition=Q(assent__in=[*Assent.values, ""]), name="list_version_assent"
            ),
            models.CheckConstraint(
                condition=Q(assent="", assented_by=None, assented_at=None)
                | (~Q(assent="") & Q(assented_by__isnull=False, assented_at__isnull=False)),
                name="list_version_is_assented_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(assented_by=None) | ~Q(assented_by=F("frozen_by")),
                name="list_version_nobody_confirms_own",
            ),
        ]


class ListEntry(models.Model):
    """One item as a version of the list holds it; its text is the item's version of that number."""

    list_version = models.ForeignKey(ListVersion, models.PROTECT, related_name="entries")
    issue = models.ForeignKey(Issue, models.PROTECT, related_name="list_entries")
    version = models.PositiveIntegerField("文字版本")
    text_sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "清单条目"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["list_version", "issue"], name="list_entry_once"),
        ]
