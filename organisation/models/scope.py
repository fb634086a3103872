"""Who may see what: a person's scope over the unit tree and the area tree."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from organisation.choices import ADMINISTRATORS

if TYPE_CHECKING:
    from organisation.models.people import User
    from organisation.models.tree import Area, Unit

NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Held:
    """One grant in force: a role and the root of its subtree, in one of the two trees.

    ``place`` is the area where it lies, that of the unit for a grant over a unit.
    """

    role: str
    unit_path: str
    area_path: str
    place: str = ""


@dataclass(frozen=True)
class Scope:
    """The grants of one person, as filters for querysets and as answers about one object."""

    user_id: int
    held: tuple[Held, ...]

    @property
    def roles(self) -> frozenset[str]:
        return frozenset(grant.role for grant in self.held)

    @property
    def takes_part(self) -> bool:
        """Whether the person has any business role; the three administrators have none."""
        return bool(self.roles - ADMINISTRATORS)

    @property
    def places(self) -> set[str]:
        """Paths of the areas in which the person has a business role."""
        return {held.place for held in self.held if held.role not in ADMINISTRATORS}

    def has(self, *roles: str) -> bool:
        """Whether the person holds any of the roles, anywhere."""
        return not self.roles.isdisjoint(roles)

    def units(self, roles: Collection[str], field: str = "unit") -> Q:
        """Rows whose unit (through ``field``; empty: the row itself) lies under such a grant."""
        prefix = f"{field}__" if field else ""
        found = NOTHING
        for grant in self._with(roles):
            if grant.unit_path:
                found |= Q(**{f"{prefix}path__under": grant.unit_path})
            else:
                found |= Q(**{f"{prefix}area__path__under": grant.area_path})
        return found

    def areas(self, roles: Collection[str], field: str = "area") -> Q:
        """Rows whose area (through ``field``; empty: the row itself) lies under such a grant."""
        lookup = f"{field}__path__under" if field else "path__under"
        found = NOTHING
        for grant in self._with(roles):
            if grant.area_path:
                found |= Q(**{lookup: grant.area_path})
        return found

    def reaches_areas(self, roles: Collection[str]) -> bool:
        """Whether one of the roles is held over an area, not only over a unit."""
        return any(grant.area_path for grant in self._with(roles))

    def covers_unit(self, unit: "Unit", *roles: str) -> bool:
        """Whether one of the roles reaches this unit. Reads ``unit.area``."""
        return any(
            unit.is_under(grant.unit_path)
            if grant.unit_path
            else unit.area.is_under(grant.area_path)
            for grant in self._with(roles)
        )

    def covers_area(self, area: "Area", *roles: str) -> bool:
        """Whether one of the roles reaches this area."""
        return any(
            grant.area_path and area.is_under(grant.area_path) for grant in self._with(roles)
        )

    def _with(self, roles: Collection[str]) -> list[Held]:
        return [grant for grant in self.held if grant.role in roles]


def scope_of(user: "User") -> Scope:
    """The person's grants in force today; one query per request (kept on the user object)."""
    kept: Scope | None = getattr(user, "_scope", None)
    if kept is None:
        kept = _read_scope(user, timezone.localdate())
        user._scope = kept  # type: ignore[attr-defined]
    return kept


def _read_scope(user: "User", today: date) -> Scope:
    if not user.is_active or user.pk is None:
        return Scope(0, ())
    held = user.grants.current(today).order_by("id")
    rows = held.values_list("role", "unit__path", "area__path", "unit__area__path")
    return Scope(
        user.pk,
        tuple(
            Held(role, unit or "", area or "", area or place or "")
            for role, unit, area, place in rows
        ),
    )
