"""People, their postings and their grants."""

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from core.fields import BlindIndexField, EncryptedField, SealedModel, SealedQuerySet
from core.masking import mask_phone
from organisation.choices import Role, Tier
from organisation.models.tree import Area, Unit


class UserQuerySet(SealedQuerySet):
    def visible_to(self, viewer: "User") -> "UserQuerySet":
        """The people of the units under the viewer's grants; one condition on the unit."""
        return self.filter(unit__in=Unit.objects.visible_to(viewer).values("pk"))


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(SealedModel, AbstractBaseUser):
    """A person who signs in. There is no superuser: every right is a grant.

    ``unit`` repeats the unit of the present posting, or of the last one when none is open,
    so that a roster of 100,000 people is one indexed condition; ``services.postings`` keeps it.
    """

    username = models.CharField("登录名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    phone = EncryptedField("手机", mask=mask_phone, blank=True, default="")
    phone_index = BlindIndexField(of="phone")
    is_active = models.BooleanField("启用", default=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, related_name="people", verbose_name="单位"
    )
    password_is_initial = models.BooleanField("初始密码", default=False)
    password_set_at = models.DateTimeField("密码设定时间", null=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "人员"
        constraints = [
            models.UniqueConstraint(Lower("username"), name="username_unique_in_any_case"),
        ]
        indexes = [
            models.Index(fields=["unit", "-id"], name="user_roster"),
            models.Index(fields=["unit", "is_active", "password_is_initial"], name="user_in_use"),
        ]

    def __str__(self) -> str:
        return self.name


class Term(models.QuerySet):
    def current(self, today: date) -> "Term":
        """In force on that day."""
        return self.filter(Q(until=None) | Q(until__gte=today), since__lte=today)


class Posting(models.Model):
    """A person's position in a unit, from-to; a transfer ends one and begins another.

    No two postings of a person overlap: a trigger holds that on both databases.
    ``approves``, ``enforces`` and ``allocates`` are the three powers that make a key post
    (审批权、执法权、资金分配权, domain §1.7).
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name="单位")
    position = models.CharField("职务", max_length=40)
    tier = models.CharField("人员类别", max_length=10, choices=Tier, default=Tier.ORDINARY)
    approves = models.BooleanField("审批权", default=False)
    enforces = models.BooleanField("执法权", default=False)
    allocates = models.BooleanField("资金分配权", default=False)
    since = models.DateField("任职起")
    until = models.DateField("任职止", null=True, blank=True)

    objects = Term.as_manager()

    class Meta:
        verbose_name = "任职"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="posting_ends_after_start"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(until=None), name="one_open_posting_per_person"
            ),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="posting_tier_known"),
            models.CheckConstraint(
                condition=~Q(tier=Tier.ORDINARY)
                | Q(approves=False, enforces=False, allocates=False),
                name="posting_with_power_is_no_ordinary_one",
            ),
        ]
        indexes = [
            models.Index(fields=["tier", "user"], condition=Q(until=None), name="posting_by_tier"),
        ]


class GrantQuerySet(Term):
    def current(self, today: date) -> "GrantQuerySet":
        """In force on that day and not taken back."""
        return super().current(today).filter(revoked_at=None)  # type: ignore[return-value]

    def visible_to(self, viewer: User) -> "GrantQuerySet":
        """The rights, now and before, of the people that the viewer sees."""
        return self.filter(user__unit__in=Unit.objects.visible_to(viewer).values("pk"))


class Grant(models.Model):
    """A right: role × subtree of units or areas × from-to × granted by.

    A right taken back ends at that moment (``revoked_at``), whatever its dates. The three
    administrators exclude one another and every other role at the same time: a trigger
    holds that on both databases. Nobody gives a right to himself.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="授权人"
    )
    revoked_at = models.DateTimeField("收回时间", null=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="收回人"
    )

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = "授权"
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_known"),
            models.CheckConstraint(
                condition=Q(unit=None, area__isnull=False) | Q(unit__isnull=False, area=None),
                name="grant_on_unit_or_area",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="grant_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(granted_by=None) | ~Q(granted_by=F("user")),
                name="grant_not_to_oneself",
            ),
        ]
        indexes = [models.Index(fields=["user", "role"], name="grant_of_person")]
