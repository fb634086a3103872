"""Who is posted where, and who holds a role over a unit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from organisation.choices import Role
from organisation.models import Grant, Posting, Unit, User


def posting_of(user: User) -> Posting | None:
    """The person's present posting with its unit and area; None without one."""
    return (
        Posting.objects.current(timezone.localdate())
        .filter(user=user)
        .select_related("unit__area")
        .order_by("-since")
        .first()
    )


def unit_of(user: User) -> Unit | None:
    """The unit of the person's present posting; None without a posting."""
    posting = posting_of(user)
    return posting.unit if posting else None


def holders_of(role: Role, *, unit: Unit) -> list[User]:
    """The people whose grant of the role reaches the unit, for notices. Reads ``unit.area``."""
    above_unit = Q(unit__path__in=paths_above(unit.path))
    above_area = Q(area__path__in=paths_above(unit.area.path))
    grants = Grant.objects.current(timezone.localdate()).filter(above_unit | above_area, role=role)
    return list(User.objects.filter(grants__in=grants, is_active=True).distinct().order_by("id"))


@dataclass(frozen=True)
class Holders:
    """Who holds the roles asked for, by the place they hold it over; for many units at once."""

    over: Mapping[tuple[str, str, str], Sequence[int]]  # role, tree, path

    def nearest(self, role: str, unit_path: str, area_path: str) -> Sequence[int]:
        """The people of the nearest unit above, itself first, then of the nearest area."""
        return next(self.upwards(role, unit_path, area_path), ())

    def upwards(self, role: str, unit_path: str, area_path: str) -> Iterator[Sequence[int]]:
        """The same, then those of the next one above, and so on to the root."""
        for tree, path in (("unit", unit_path), ("area", area_path)):
            for above in reversed(paths_above(path)):
                if found := self.over.get((role, tree, above)):
                    yield found


def holders_today(*roles: Role) -> Holders:
    """One query for all of them; people whose accounts are disabled are left out."""
    grants = Grant.objects.current(timezone.localdate())
    rows = grants.filter(role__in=roles, user__is_active=True).order_by("user_id")
    found: dict[tuple[str, str, str], list[int]] = {}
    for role, unit, area, user in rows.values_list("role", "unit__path", "area__path", "user"):
        key = (role, "unit", unit) if unit else (role, "area", area)
        found.setdefault(key, []).append(user)
    return Holders(found)


def paths_above(path: str) -> list[str]:
    """Every path from the root to ``path``, itself too: "/1/7/" gives "/1/" and "/1/7/"."""
    ids = path.strip("/").split("/")
    return ["/" + "/".join(ids[: n + 1]) + "/" for n in range(len(ids))]
