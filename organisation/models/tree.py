"""Areas and units as trees.

Both trees keep a ``path`` of ids ("/1/7/52/"), so that a subtree is one indexed prefix on
SQLite and PostgreSQL alike. The path is set by the services that create or move a node.
"""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Q
from django.db.models.lookups import Lookup

from organisation.choices import ROSTER_READERS, AreaLevel, Settlement, UnitKind
from organisation.models.scope import scope_of

if TYPE_CHECKING:
    from organisation.models.people import User


class PathField(models.CharField):
    """A materialised path of ids; ``path__under`` finds a node and all below it by the index."""


@PathField.register_lookup
class Under(Lookup):
    """A prefix of digits and slashes, so that nothing needs escaping."""

    lookup_name = "under"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} LIKE %s", (*params, f"{self.rhs}%")

    def as_sqlite(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """As a range: SQLite has no index for LIKE. "0" is the character after "/"."""
        left, params = self.process_lhs(compiler, connection)
        path = str(self.rhs)
        return f"({left} >= %s AND {left} < %s)", (*params, path, *params, f"{path[:-1]}0")


class TreeQuerySet(models.QuerySet):
    def under(self, node: "TreeNode") -> "TreeQuerySet":
        """The node and everything below it."""
        return self.filter(path__under=node.path)


class UnitQuerySet(TreeQuerySet):
    def visible_to(self, viewer: "User") -> "UnitQuerySet":
        """The units under the viewer's grants."""
        return self.filter(scope_of(viewer).units(ROSTER_READERS, field=""))


class TreeNode(models.Model):
    """A node of a tree with a materialised path of ids."""

    path = PathField(max_length=120, db_index=True, editable=False)

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

    settlement = models.CharField("城乡分类", max_length=3, choices=Settlement, blank=True)

    objects = TreeQuerySet.as_manager()

    class Meta:
        verbose_name = "区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(settlement__in=["", *Settlement.values]), name="area_settlement_known"
            ),
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

    @property
    def in_full(self) -> str:
        """The name; a grid's with its village's, for every village has a 第一网格."""
        above = self.parent.name if self.level == AreaLevel.GRID and self.parent else ""
        return self.name if self.name.startswith(above) else f"{above}{self.name}"

    @property
    def in_parts(self) -> tuple[str, str, str]:
        """Township, village and grid, as columns of a table; each empty where there is none."""
        village, grid = (self.parent, self.name) if self.level == AreaLevel.GRID else (self, "")
        if village is None:
            return "", "", grid
        return village.parent.name if village.parent else "", village.name, grid


class Unit(TreeNode):
    """A party or government unit; ``area`` is the ground it is responsible for."""

    code = models.CharField("单位编号", max_length=20, blank=True)
    name = models.CharField("单位名称", max_length=80, unique=True)
    kind = models.CharField("类别", max_length=12, choices=UnitKind)
    area = models.ForeignKey(Area, models.PROTECT, related_name="units", verbose_name="所属区划")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="children", verbose_name="上级单位"
    )
    closed_on = models.DateField("撤销日期", null=True, blank=True)

    objects = UnitQuerySet.as_manager()

    class Meta:
        verbose_name = "单位"
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=UnitKind.values), name="unit_kind_known"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="unit_code_once"),
        ]

    def __str__(self) -> str:
        return self.name
