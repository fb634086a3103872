"""The trees, the people and what guards their signing in."""

from organisation.models.people import Grant, Posting, User
from organisation.models.security import (
    RecoveryCode,
    SecurityPolicy,
    Session,
    UsedPassword,
)
from organisation.models.tree import Area, Unit

__all__ = [
    "Area",
    "Grant",
    "Posting",
    "RecoveryCode",
    "SecurityPolicy",
    "Session",
    "Unit",
    "UsedPassword",
    "User",
]
