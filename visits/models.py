"""The register of targets, the teams, the visits and what people ask for."""

import uuid

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from core.fields import BlindIndexField, EncryptedField, SealedModel, SealedQuerySet, matching
from core.masking import mask_address, mask_name, mask_phone
from core.uploads import Upload
from organisation.choices import Role
from organisation.models import Area, Unit, User
from organisation.scope import scope_of
from visits.choices import (
    AppealState,
    Handling,
    Outcome,
    Size,
    TargetKind,
    TargetState,
    TeamSource,
    Way,
)

READERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE)


class Team(models.Model):
    """A 民情书记服务队: people who visit all targets of their areas."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams")
    name = models.CharField("名称", max_length=60)
    source = models.CharField("来源", max_length=12, choices=TeamSource)
    areas = models.ManyToManyField(Area, related_name="+", verbose_name="包联区域")
    members = models.ManyToManyField(User, related_name="teams", verbose_name="队员")

    class Meta:
        verbose_name = "服务队"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="team_once_per_campaign"),
            models.CheckConstraint(condition=Q(source__in=TeamSource.values), name="team_source"),
        ]


class TargetQuerySet(SealedQuerySet["Target"]):
    def visible_to(self, user: User) -> "TargetQuerySet":
        """Targets of one's own teams' areas, and of the areas under an office's grant."""
        scope = scope_of(user)
        if not scope.takes_part:
            return self.none()
        return self.filter(scope.areas(READERS) | _in_team_areas(user))

    def assigned_to(self, user: User) -> "TargetQuerySet":
        """Targets that the person's own teams have to visit."""
        return self.filter(_in_team_areas(user))

    def with_phone(self, number: str) -> "TargetQuerySet":
        """Targets with exactly this telephone number."""
        return self.filter(matching(Target, "phone_index", number))

    def left(self) -> "TargetQuerySet":
        """What still has to be visited, or visited again."""
        return self.filter(state__in=[TargetState.PENDING, TargetState.ABSENT, TargetState.REFUSED])


def team_areas(user: User) -> models.QuerySet:
    """The pairs of team and area of the person's teams, in all campaigns."""
    return Team.areas.through.objects.filter(team__members=user)


def _in_team_areas(user: User) -> Q:
    """Rows of a campaign whose area lies under an area of the person's teams in it; one query."""
    found = Q(pk__in=[])
    for campaign, path in team_areas(user).values_list("team__campaign_id", "area__path"):
        found |= Q(campaign_id=campaign, area__path__under=path)
    return found


class Target(SealedModel):
    """One entry of the register: an enterprise, a village or a household.

    ``code`` is the unified social credit code, the 12-digit area code, or the household
    number; unique inside campaign and kind. ``state`` moves only with a visit, together
    with the counter of its village. Telephone and address are encrypted; what of them and
    of a household's name somebody reads is told by ``visits.queries.shown_to``.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    kind = models.CharField("类别", max_length=12, choices=TargetKind)
    code = models.CharField("编号", max_length=24)
    name = models.CharField("名称", max_length=80)
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    address = EncryptedField("地址", mask=mask_address, blank=True, default="")
    phone = EncryptedField("联系电话", mask=mask_phone, blank=True, default="")
    phone_index = BlindIndexField(of="phone")
    members = models.PositiveSmallIntegerField("常住人口", null=True, blank=True)
    above_scale = models.BooleanField("规上", default=False)
    industrial = models.BooleanField("工业", default=False)
    size = models.CharField("规模", max_length=8, choices=Size, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=TargetState, default=TargetState.PENDING
    )
    last_visited_on = models.DateField("最近走访", null=True)

    objects = TargetQuerySet.as_manager()

    class Meta:
        verbose_name = "走访对象"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "code"], name="target_code_once_per_kind"
            ),
            models.CheckConstraint(condition=Q(kind__in=TargetKind.values), name="target_kind"),
            models.CheckConstraint(condition=Q(state__in=TargetState.values), name="target_state"),
            models.CheckConstraint(condition=Q(size__in=["", *Size.values]), name="target_size"),
            models.CheckConstraint(
                condition=Q(kind=TargetKind.ENTERPRISE)
                | Q(above_scale=False, industrial=False, size=""),
                name="target_only_enterprises_have_scale",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "area", "state", "-id"], name="target_work_list"),
        ]

    def __str__(self) -> str:
        return self.masked_name

    @property
    def masked_name(self) -> str:
        """The name for everybody: of a household's head the family name, others in full."""
        return mask_name(self.name) if self.kind == TargetKind.HOUSEHOLD else self.name


class CoverageCount(models.Model):
    """How many targets of one village and one class stand in each state.

    Kept right in the transaction of each visit and import; ``recount_coverage`` proves it.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TargetKind)
    above_scale = models.BooleanField(default=False)
    industrial = models.BooleanField(default=False)
    pending = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    visited = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "覆盖计数"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "area", "kind", "above_scale", "industrial"],
                name="coverage_count_once",
            ),
        ]


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


class RegisterUpload(Upload):
    """An uploaded register on its way: checked, then refused or applied by its uploader."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    kind = models.CharField("类别", max_length=12, choices=TargetKind)

    class Meta(Upload.Meta):
        verbose_name = "登记册上传"
        constraints = [
            *Upload.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="register_upload_kind"
            ),
        ]
