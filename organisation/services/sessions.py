"""Signed-in browsers: begun, refused, ended."""

from core import audit
from organisation.models import Session, User


@audit.atomic
def end_sessions(*, user: User, actor: User | None, except_key: str = "") -> int:
    """End the person's sign-ins, but for the one with this key; audited. Returns how many."""
    ended, _ = Session.objects.filter(user=user).exclude(session_key=except_key).delete()
    audit.record(actor=actor, act="login.end_sessions", subject=user, ended=ended)
    return ended
