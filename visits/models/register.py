"""The register: every enterprise, village and household, and its uploads."""

from typing import ClassVar

from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Cast, Concat, Lower, Replace
from django.utils import timezone

from campaign.models import Campaign
from core.fields import BlindIndexField, EncryptedField, SealedModel, SealedQuerySet, matching
from core.masking import mask_address, mask_name, mask_phone
from core.uploads import Upload, UploadState
from organisation.choices import Role
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import (
    COVERED,
    LEFT,
    SMALL,
    EnterpriseStatus,
    Locality,
    Size,
    TargetKind,
    TargetState,
)
from visits.models.teams import in_team_areas
from visits.register.names import LEFT_OUT

READERS = (Role.OFFICE, Role.ORGANISATION)  # for the discipline office the totals will do


def _place_and_name() -> Func:
    """The area and the name without what people leave out of one, as ``place_and_name`` says."""
    folded: Func = Lower("name")
    for part in LEFT_OUT:
        folded = Replace(folded, Value(part))
    place = Cast("area", models.CharField(max_length=20))
    return Concat(place, Value(":"), folded, output_field=models.CharField())


class TargetQuerySet(SealedQuerySet["Target"]):
    def visible_to(self, user: User) -> "TargetQuerySet":
        """Targets of one's own teams' areas, and of the areas under an office's grant."""
        scope = scope_of(user)
        if not scope.takes_part:
            return self.none()
        return self.filter(scope.areas(READERS) | in_team_areas(user))

    def assigned_to(self, user: User) -> "TargetQuerySet":
        """Targets that the person's own teams have to visit."""
        return self.filter(in_team_areas(user))

    def with_phone(self, number: str) -> "TargetQuerySet":
        """Targets with exactly this telephone number."""
        return self.filter(matching(Target, "phone_index", number))

    def taken_by_now(self, user: User) -> "TargetQuerySet":
        """What the person has taken and not visited yet."""
        return self.filter(taken_by=user, taken_until__gte=timezone.localdate())

    def given_to(self, user: User) -> "TargetQuerySet":
        """What the person's team has given to just this person."""
        return self.filter(assignee=user)

    def registered(self) -> "TargetQuerySet":
        """What counts: entries that nobody has struck off the register."""
        return self.filter(struck_at=None)

    def left(self) -> "TargetQuerySet":
        """What still has to be visited, or visited again."""
        return self.registered().filter(state__in=LEFT)


class Target(SealedModel):
    """One entry of the register: an enterprise, a village or a household.

    ``code`` is the unified social credit code, the 12-digit area code, or the household
    number; unique inside campaign and kind. ``state`` moves only with a visit, together
    with the counters of its area and of those above; ``locality`` is what its area was when
    it was registered there; ``alike`` finds those of nearly the same name beside it, and is
    computed by the database. ``assignee`` is the member of a team to whom it was given; whoever
    of the team is nearer may go all the same. What is struck off the register keeps its visits
    and counts nowhere; where it was the same as another entry, that one is ``merged_into``.
    Telephone and address are encrypted; what of them and of a household's name somebody reads is
    told by ``visits.queries.shown_to``.
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
    status = models.CharField("登记状态", max_length=10, choices=EnterpriseStatus, blank=True)
    locality = models.CharField("城乡", max_length=6, choices=Locality, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=TargetState, default=TargetState.PENDING
    )
    last_visited_on = models.DateField("最近走访", null=True)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="认领人"
    )
    taken_until = models.DateField("认领到", null=True)
    assignee = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="分给"
    )
    struck_at = models.DateTimeField("移出时间", null=True)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    alike = models.GeneratedField(
        expression=_place_and_name(),
        output_field=models.CharField(max_length=120),
        db_persist=True,
    )

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
                | Q(above_scale=False, industrial=False, size="", status=""),
                name="target_only_enterprises_have_scale",
            ),
            models.CheckConstraint(
                condition=Q(taken_by=None, taken_until=None)
                | Q(taken_by__isnull=False, taken_until__isnull=False),
                name="target_taken_until_a_day",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["", *EnterpriseStatus.values]), name="target_status"
            ),
            models.CheckConstraint(
                condition=Q(locality__in=["", *Locality.values]), name="target_locality"
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | Q(struck_at__isnull=False),
                name="target_merged_is_struck",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "area", "state", "-id"], name="target_work_list"),
            models.Index(
                fields=["campaign", "state", "area", "id"],
                condition=Q(struck_at=None),
                name="target_left_by_area",
            ),
            models.Index(
                fields=["taken_by", "taken_until"],
                condition=Q(taken_by__isnull=False),
                name="target_taken",
            ),
            models.Index(
                fields=["assignee", "campaign", "-id"],
                condition=Q(assignee__isnull=False),
                name="target_given",
            ),
            models.Index(fields=["alike"], name="target_alike"),
        ]

    def __str__(self) -> str:
        return self.masked_name

    @property
    def is_covered(self) -> bool:
        """Met, or proven not to be there: no visit is missing."""
        return self.state in COVERED

    @property
    def is_taken(self) -> bool:
        """Whether somebody has it; it returns by itself on the day after ``taken_until``."""
        return self.taken_until is not None and self.taken_until >= timezone.localdate()

    @property
    def is_small(self) -> bool:
        """小微, whether it is 规上 or not."""
        return self.size in SMALL

    @property
    def masked_name(self) -> str:
        """The name for everybody: of a household's head the family name, others in full."""
        return mask_name(self.name) if self.kind == TargetKind.HOUSEHOLD else self.name


class RegisterUpload(Upload):
    """An uploaded register on its way: checked, then refused or applied by its uploader."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    kind = models.CharField("类别", max_length=12, choices=TargetKind)
    reason = models.CharField("新增原因", max_length=200, blank=True)  # after a freeze
    columns_first = models.BooleanField("先核对各列", default=False)
    first_rows = EncryptedField("开头几行", blank=True, default="")  # as JSON, to tell columns by
    chosen = models.JSONField("采用的列对应", default=dict)  # as Layout.chosen

    gone_with_file: ClassVar[tuple[str, ...]] = ("first_rows",)
    writes: ClassVar[tuple[str, ...]] = ("new", "phones")

    class Meta(Upload.Meta):
        verbose_name = "登记册上传"
        constraints = [
            *Upload.Meta.constraints,
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="register_upload_kind"
            ),
        ]

    @property
    def awaits_columns(self) -> bool:
        """Nobody has said yet what its columns are."""
        return self.state == UploadState.UPLOADED and "unclear" in self.report

    @property
    def may_choose_columns(self) -> bool:
        """The file is there, nothing is written, and no job is reading it."""
        open_ = self.state in {UploadState.UPLOADED, UploadState.CHECKED}
        return open_ and bool(self.first_rows) and (self.job is None or self.job.is_finished)


class ColumnChoice(models.Model):
    """What somebody has said the columns under a row of headings are.

    ``columns`` are our headings by place, empty for a column that is not imported. The last
    word on a row of headings, told by its fingerprint, is applied to every later file.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    kind = models.CharField("类别", max_length=12, choices=TargetKind)
    fingerprint = models.CharField("表头校验值", max_length=64)
    columns = models.JSONField("各列")
    chosen_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="指定人")
    chosen_at = models.DateTimeField("指定时间")

    class Meta:
        verbose_name = "列对应"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "fingerprint"], name="column_choice_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="column_choice_kind"
            ),
        ]
