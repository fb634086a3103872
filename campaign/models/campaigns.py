"""A campaign, who takes part, its four stages, and its lists of terms."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from campaign.choices import EXAMINED, Blueprint, ListKind, StageKind
from campaign.schedule import Window
from organisation.models import Area, Unit, User
from organisation.scope import scope_of


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def visible_to(self, user: User) -> "CampaignQuerySet":
        """Campaigns over a place where the person has a part, or under it.

        The three administrators have none.
        """
        found = Q(pk__in=[])
        for place in scope_of(user).places:
            found |= Q(area__path__under=place) | Q(area__in=ids_in(place))
        return self.filter(found)

    def running(self, today: date) -> "CampaignQuerySet":
        return self.filter(starts_on__lte=today, ends_on__gte=today, archived_at=None)


def ids_in(path: str) -> list[int]:
    """The nodes from the root down to the one with this path."""
    return [int(part) for part in path.split("/") if part]


class Campaign(models.Model):
    """One work-style campaign over an area, from-to."""

    name = models.CharField("名称", max_length=80, unique=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="范围")
    organiser = models.CharField("组织机构", max_length=80)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    blueprint = models.CharField(
        "模板", max_length=16, choices=Blueprint, default=Blueprint.THREE_VISITS
    )
    copied_from = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="+", verbose_name="复制自"
    )
    archived_at = models.DateTimeField("归档时间", null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "专项行动"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="campaign_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(blueprint__in=Blueprint.values), name="campaign_blueprint_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Participant(models.Model):
    """A unit that takes part: with the others the fixed denominator of tasks (promise P2).

    A unit that leaves stays as a row, with the day and the reason.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="participants")
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        related_name="parts",
        related_query_name="participant",
        verbose_name="单位",
    )
    joined_on = models.DateField("加入")
    left_on = models.DateField("退出", null=True)
    reason = models.CharField("原因", max_length=100, blank=True)

    class Meta:
        verbose_name = "参与单位"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "unit"], name="participant_once"),
            models.CheckConstraint(
                condition=Q(left_on=None) | ~Q(reason=""), name="participant_leaves_with_a_reason"
            ),
        ]


class Stage(models.Model):
    """One of the four stages: its plan, and when and how it was ended.

    ``ended_by`` is empty when the gate held and the last day had passed; a person who ends
    it while the gate fails gives a reason.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="stages")
    kind = models.CharField("阶段", max_length=20, choices=StageKind)
    goal = models.CharField("目标", max_length=200)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    ended_at = models.DateTimeField("实际结束", null=True)
    ended_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="结束人"
    )
    end_reason = models.CharField("提前或带缺口结束的原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "阶段"
        ordering = ["starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "kind"], name="stage_once_per_campaign"),
            models.CheckConstraint(condition=Q(kind__in=StageKind.values), name="stage_kind_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")), name="stage_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(end_reason="") | Q(ended_by__isnull=False),
                name="stage_reason_has_a_person",
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | Q(ended_at__isnull=False),
                name="stage_ended_by_has_a_time",
            ),
        ]

    @property
    def window(self) -> Window:
        return Window(self.starts_on, self.ends_on)


class Taxonomy(models.Model):
    """A list of terms, such as 作风十弊; problems are written against those that are EXAMINED."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="taxonomies")
    name = models.CharField("名称", max_length=40)
    kind = models.CharField("用途", max_length=12, choices=ListKind, default=ListKind.PROBLEM)

    class Meta:
        verbose_name = "类别表"
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=ListKind.values), name="taxonomy_kind_known"
            ),
            models.UniqueConstraint(fields=["campaign", "name"], name="taxonomy_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return self.name


class CategoryQuerySet(models.QuerySet["Category"]):
    def examined(self) -> "CategoryQuerySet":
        """Those against which a problem can be written."""
        return self.filter(taxonomy__kind__in=EXAMINED)


class Category(models.Model):
    """One row of a list, with a sentence that says what it means.

    ``aspect``: the heading under which it stands with its neighbours, in lists of two levels.
    An example stands for a text that the software does not know, to be replaced.
    """

    taxonomy = models.ForeignKey(Taxonomy, models.CASCADE, related_name="categories")
    number = models.PositiveSmallIntegerField("序号")
    aspect = models.CharField("方面", max_length=40, blank=True)
    name = models.CharField("名称", max_length=80)
    gloss = models.CharField("说明", max_length=120, blank=True)
    is_example = models.BooleanField("示例", default=False)

    objects = CategoryQuerySet.as_manager()

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
