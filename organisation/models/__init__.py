"""The trees, the people and what guards their signing in."""

from organisation.models.people import Grant, Posting, User
from organisation.models.security import (
    Authenticator,
    RecoveryCode,
    SecurityPolicy,
    Session,
    UsedPassword,
)
from organisation.models.tree import Area, Unit

__all__ = [
    "Area",
    "Authenticator",
    "Grant",
    "Posting",
    "RecoveryCode",
    "SecurityPolicy",
    "Session",
    "Unit",
    "UsedPassword",
    "User",
]
