"""Mobilisation and study, and the institutions of the summary stage: one row each."""

from django.db import models
from django.db.models import Q

from campaign.choices import ActivityKind
from campaign.models.campaigns import Campaign, Category
from organisation.choices import ADMINISTRATORS, AREA_ROLES, UNIT_ROLES
from organisation.models import Unit, User
from organisation.scope import scope_of

READERS = (UNIT_ROLES | AREA_ROLES) - ADMINISTRATORS


class OfUnitQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> "OfUnitQuerySet":
        """What units under the person's grants have entered."""
        return self.filter(scope_of(user).units(READERS))


class Activity(models.Model):
    """One meeting or study activity of a unit: kind, day, heads, a sentence, a file if any."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="activities")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    kind = models.CharField("类别", max_length=12, choices=ActivityKind)
    held_on = models.DateField("日期")
    heads = models.PositiveIntegerField("参加人数")
    summary = models.CharField("内容", max_length=200)
    file = models.FileField("文件", upload_to="activities/%Y/%m/", blank=True)
    file_name = models.CharField("文件名", max_length=100, blank=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "学习教育活动"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ActivityKind.values), name="activity_kind_known"
            ),
            models.CheckConstraint(condition=Q(heads__gte=1), name="activity_has_heads"),
        ]
        indexes = [models.Index(fields=["campaign", "unit", "-id"], name="activity_of_unit")]


class Institution(models.Model):
    """One 制度 of a unit: name, document number, date, and the categories it answers."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="institutions")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    name = models.CharField("名称", max_length=80)
    document_number = models.CharField("文号", max_length=40, blank=True)
    issued_on = models.DateField("印发日期")
    categories = models.ManyToManyField(Category, related_name="+", verbose_name="针对的问题")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField("登记时间", auto_now_add=True)

    objects = OfUnitQuerySet.as_manager()

    class Meta:
        verbose_name = "制度"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "unit", "name"], name="institution_once_per_unit"
            ),
        ]
