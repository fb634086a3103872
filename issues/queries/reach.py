"""What a person reaches, said so that a database finds it by an index.

Asked for the items below some path, a database walks the whole order of the list: quick when
many items of it are meant, and a million rows long when they are those of one unit.
"""

from collections.abc import Collection, Sequence

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from issues.models import READERS, Issue
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

FEW = 8  # units whose items are sorted; those of more are met soon enough along the order
FEW_OF_A_STATE = 200  # the same of items that wait in one state
FEW_ITEMS = 3_000  # of more units; a page of them all is sorted in some milliseconds
_ROLES = (*READERS, Role.LEADER)


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
    own = Q(author=viewer) | Q(responsible=viewer)
    if not scope_of(viewer).has(*_ROLES):
        return own
    if scope_of(viewer).reaches_areas(_ROLES):
        return None
    keys = _few_units(viewer, _ROLES, FEW)
    return own | Q(unit__in=keys) if keys is not None else None


def near_enough_to(viewer: User) -> Q | None:
    """The same for more units, when they have few items."""
    keys = _few_units(viewer, _ROLES, FEW_OF_A_STATE)
    if keys is None:
        return None
    items = Issue.objects.filter(unit__in=keys).order_by()[: FEW_ITEMS + 1].count()
    near = Q(author=viewer) | Q(responsible=viewer) | Q(unit__in=keys)
    return near if items <= FEW_ITEMS else None


def reached(viewer: User, roles: Collection[str], states: Sequence[Q]) -> list[Q]:
    """For each of the conditions, which name one state, the items within reach of the roles.

    Of few units they are found first and put into order then.
    """
    keys = _few_units(viewer, roles, FEW_OF_A_STATE)
    if keys is None:
        return [scope_of(viewer).units(roles) & state for state in states]
    near = Issue.objects.filter(unit__in=keys)
    return [Q(pk__in=near.filter(state).values("pk")) for state in states]


def _few_units(viewer: User, roles: Collection[str], most: int) -> list[int] | None:
    """The units of those roles, when they are few."""
    units = Unit.objects.filter(scope_of(viewer).units(roles, field=""))
    keys = list(units.values_list("pk", flat=True)[: most + 1])
    return keys if len(keys) <= most else None
