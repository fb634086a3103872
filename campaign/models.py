"""A campaign, its four stages, and the category lists against which people examine themselves."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from campaign.choices import StageKind
from organisation.models import Area, User
from organisation.scope import scope_of


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> "CampaignQuerySet":
        """Everybody who takes part may know the campaign; the three administrators may not."""
        return self if scope_of(user).takes_part else self.none()

    def running(self, today: date) -> "CampaignQuerySet":
        return self.filter(starts_on__lte=today, ends_on__gte=today)


class Campaign(models.Model):
    """One work-style campaign over an area, from-to."""

    name = models.CharField("名称", max_length=80, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="范围")
    organiser = models.CharField("组织机构", max_length=80)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "专项行动"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="campaign_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Stage(models.Model):
    """One of the four stages with its dates and goal."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stages")
    kind = models.CharField("阶段", max_length=20, choices=StageKind)
    goal = models.CharField("目标", max_length=200)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")

    class Meta:
        verbose_name = "阶段"
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="stage_once_per_campaign"),
            models.CheckConstraint(condition=Q(kind__in=StageKind.values), name="stage_kind_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="stage_ends_after_start"
            ),
        ]


class Taxonomy(models.Model):
    """A list of categories, such as 作风十弊."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="taxonomies")
    name = models.CharField("名称", max_length=40)

    class Meta:
        verbose_name = "类别表"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="taxonomy_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return self.name


class Category(models.Model):
    """One category of a list, with a sentence that says what it means."""

    taxonomy = models.ForeignKey(Taxonomy, models.CASCADE, related_name="categories")
    number = models.PositiveSmallIntegerField("序号")
    name = models.CharField("名称", max_length=40)
    gloss = models.CharField("说明", max_length=120, blank=True)

    class Meta:
        verbose_name = "类别"
        ordering = ["taxonomy_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["taxonomy", "number"], name="category_number_once_per_taxonomy"
            ),
        ]

    def __str__(self) -> str:
        return self.name
