"""Signing in and out as it is remembered: in the trail, and in the table of sign-ins."""

from django.utils import timezone

from core import audit
from organisation import throttle
from organisation.models import Session, User
from organisation.sessions import SessionStore


@audit.atomic
def end_sessions(*, user: User, actor: User | None, except_key: str = "") -> int:
    """End the person's sign-ins, but for the one with this key; audited. Returns how many."""
    ended, _ = Session.objects.filter(user=user).exclude(session_key=except_key).delete()
    audit.record(actor=actor, act="login.end_sessions", subject=user, ended=ended)
    return ended


@audit.atomic
def end_session(*, session: Session, actor: User) -> None:
    """End one sign-in; audited."""
    session.delete()
    audit.record(actor=actor, act="login.end_sessions", subject=actor, ended=1)


def accept_sign_in(*, user: User, by: str) -> None:
    """Write down that the person is in; ``by``: password, totp or recovery."""
    audit.record_alone(actor=user, act="login.accepted", subject=user, by=by)


def refuse_sign_in(*, username: str, address: str, step: str, locked: bool = False) -> None:
    """Write down a refusal. A name that nobody has is left out: it may be a password."""
    found = User.objects.filter(username=username).first()
    audit.record_alone(
        actor=None,
        act="login.refused",
        subject=found or User(),
        address=address,
        step=step,
        locked=locked,
    )


def end_sign_in(*, user: User, why: str) -> None:
    """Write down that a sign-in is over; ``why``: logout, idle or hours."""
    audit.record_alone(actor=user, act="logout", subject=user, why=why)


def record_proof(*, user: User, accepted: bool) -> None:
    """Write down that the person proved himself once more, or failed to."""
    act = "proof.accepted" if accepted else "proof.refused"
    audit.record_alone(actor=user, act=act, subject=user)


def keep_seen(*, key: str, client: tuple[str, str]) -> None:
    """Write when, from where and with what a sign-in was last used."""
    address, agent = client
    now = timezone.now()
    Session.objects.filter(session_key=key).update(seen_at=now, address=address, agent=agent)


def forget_old() -> None:
    """Delete sign-ins and counted failures whose time is over."""
    SessionStore.clear_expired()
    throttle.forget_old()
