"""Areas and units as trees, people, their postings and their grants.

Both trees keep a ``path`` of ids ("/1/7/52/"), so that a subtree is one indexed prefix on
SQLite and PostgreSQL alike. The path is set by the services that create or move a node.
"""

from datetime import date
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q

from organisation.choices import AreaLevel, Role, UnitKind


class TreeQuerySet(models.QuerySet):
    def under(self, node: "TreeNode") -> "TreeQuerySet":
        """The node and everything below it."""
        return self.filter(path__startswith=node.path)


class TreeNode(models.Model):
    """A node of a tree with a materialised path of ids."""

    path = models.CharField(max_length=120, db_index=True, editable=False)

    class Meta:
        abstract = True

    def is_under(self, path: str) -> bool:
        return self.path.startswith(path)


class Area(TreeNode):
    """An administrative area or grid. The parent is a link, never read from the digits."""

    code = models.CharField("区划代码", max_length=15, unique=True)
    name = models.CharField("名称", max_length=60)
    level = models.CharField("层级", max_length=10, choices=AreaLevel)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级"
    )

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = "区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(level__in=AreaLevel.values), name="area_level_known"
            ),
            models.CheckConstraint(
                condition=Q(level=AreaLevel.CITY) | Q(parent__isnull=False),
                name="area_below_city_has_parent",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Unit(TreeNode):
    """A party or government unit; ``area`` is the ground it is responsible for."""

    name = models.CharField("单位名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=12, choices=UnitKind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="units", verbose_name="所属区划")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级单位"
    )

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
        ]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(username=username)


class User(AbstractBaseUser):
    """A person who signs in. There is no superuser: every right is a grant."""

    username = models.CharField("用户名", max_length=40, unique=True)
    name = models.CharField("姓名", max_length=40)
    is_active = models.BooleanField("启用", default=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        verbose_name = "人员"

    def __str__(self) -> str:
        return self.name


class Term(models.QuerySet):
    def current(self, today: date) -> "Term":
        """In force on that day."""
        return self.filter(Q(until=None) | Q(until__gte=today), since__lte=today)


class Posting(models.Model):
    """A person's position in a unit, from-to; a transfer ends one and begins another."""

    user = models.ForeignKey(User, models.PROTECT, related_name="postings", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="postings", verbose_name="单位")
    position = models.CharField("职务", max_length=40)
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
        ]


class Grant(models.Model):
    """A right: role × subtree of units or areas × from-to × granted by."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=Role)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="单位")
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+", verbose_name="区划")
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)
    granted_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name="授权人"
    )

    objects = Term.as_manager()

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
        ]
