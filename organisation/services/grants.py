"""Giving rights and taking them back."""

from datetime import date

from core import audit
from organisation.choices import Role
from organisation.models import Area, Grant, Unit, User


@audit.atomic
def grant(
    *,
    user: User,
    role: Role,
    since: date,
    unit: Unit | None = None,
    area: Area | None = None,
    granted_by: User | None = None,
) -> Grant:
    """Give a role over a subtree of units or of areas, audited."""
    made = Grant.objects.create(
        user=user, role=role, unit=unit, area=area, since=since, granted_by=granted_by
    )
    audit.record(actor=granted_by, act="organisation.grant", subject=made, role=role, to=user.pk)
    return made
