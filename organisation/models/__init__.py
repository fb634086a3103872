"""The trees, the people and what guards their signing in."""

from organisation.models.imports import RosterUpload, UnitUpload
from organisation.models.people import Grant, GrantQuerySet, Posting, User, UserQuerySet
from organisation.models.security import (
    Authenticator,
    RecoveryCode,
    SecurityPolicy,
    Session,
    UsedPassword,
)
from organisation.models.tree import Area, Unit, UnitQuerySet

__all__ = [
    "Area",
    "Authenticator",
    "Grant",
    "GrantQuerySet",
    "Posting",
    "RecoveryCode",
    "RosterUpload",
    "SecurityPolicy",
    "Session",
    "Unit",
    "UnitQuerySet",
    "UnitUpload",
    "UsedPassword",
    "User",
    "UserQuerySet",
]
