"""Writes on units."""

from core import audit
from organisation.choices import UnitKind
from organisation.models import Area, Unit, User
from organisation.services.tree import place


@audit.atomic
def create_unit(
    *,
    name: str,
    kind: UnitKind,
    area: Area,
    code: str = "",
    parent: Unit | None = None,
    actor: User | None = None,
) -> Unit:
    """Create a unit under its parent and set its path, audited."""
    unit = place(Unit(name=name, code=code, kind=kind, area=area, parent=parent))
    audit.record(actor=actor, act="organisation.create_unit", subject=unit)
    return unit
