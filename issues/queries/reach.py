"""What a person reaches, said so that a database finds it by an index.

Asked for the items below some path, a database walks the whole order of the list: quick when
many items of it are meant, and a million rows long when they are those of one unit.
"""

from collections.abc import Collection

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from issues.models import READERS, Issue
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

FEW = 8  # units whose items are sorted; those of more are met soon enough along the order


def loosely(issues: QuerySet[Issue], **wanted: object) -> QuerySet[Issue]:
    """Filtered by ``state`` or ``campaign`` (a list of values) without their indexes.

    Where few rows are near, SQLite, which has no figures of its tables, would else walk a
    long list because it has the right order.
    """
    columns = {
        "state": Coalesce(F("state"), Value(""), output_field=CharField()),
        "campaign": F("campaign_id") + 0,
    }
    for name, values in wanted.items():
        loose = f"loose_{name}"
        issues = issues.alias(**{loose: columns[name]}).filter(**{f"{loose}__in": values})
    return issues


def near_to(viewer: User) -> Q | None:
    """Within what the reader's items must lie: narrows nothing, and names the rows.

    None for those who see an area, or many units.
    """
    roles = (*READERS, Role.LEADER)
    own = Q(author=viewer) | Q(responsible=viewer)
    if not scope_of(viewer).has(*roles):
        return own
    keys = _few_units(viewer, roles)
    return own | Q(unit__in=keys) if keys is not None else None


def reached(viewer: User, roles: Collection[str]) -> Q:
    """The same rows as ``scope.units``."""
    keys = _few_units(viewer, roles)
    return Q(unit__in=keys) if keys is not None else scope_of(viewer).units(roles)


def _few_units(viewer: User, roles: Collection[str]) -> list[int] | None:
    """The units of those roles, when none is over an area and they are few."""
    scope = scope_of(viewer)
    if scope.reaches_areas(roles):
        return None
    units = Unit.objects.filter(scope.units(roles, field=""))
    keys = list(units.values_list("pk", flat=True)[: FEW + 1])
    return keys if len(keys) <= FEW else None
