"""A person's account: switched off and on, its password, its second factor."""

from django.utils import timezone

from core import audit
from organisation.models import Authenticator, RecoveryCode, User
from organisation.passwords import new_initial_password
from organisation.services.sessions import end_sessions


@audit.atomic
def disable_account(*, user: User, actor: User) -> None:
    """Let the person sign in no more, and end what is open; audited."""
    _set_active(user, False)
    end_sessions(user=user, actor=actor)
    audit.record(actor=actor, act="accounts.disable", subject=user)


@audit.atomic
def enable_account(*, user: User, actor: User) -> None:
    """Let the person sign in again; audited."""
    _set_active(user, True)
    audit.record(actor=actor, act="accounts.enable", subject=user)


@audit.atomic
def reset_password(*, user: User, actor: User) -> str:
    """Give a new initial password, returned this once; ends the sessions, audited.

    The second factor stays: who has lost both needs ``reset_second_factor`` as well.
    """
    password = new_initial_password()
    user.set_password(password)
    user.password_is_initial = True
    user.password_set_at = timezone.now()
    user.save(update_fields=["password", "password_is_initial", "password_set_at"])
    end_sessions(user=user, actor=actor)
    audit.record(actor=actor, act="accounts.reset_password", subject=user)
    return password


@audit.atomic
def reset_second_factor(*, user: User, actor: User) -> None:
    """Take away the authenticator and the recovery codes; ends the sessions, audited."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    end_sessions(user=user, actor=actor)
    audit.record(actor=actor, act="accounts.reset_second_factor", subject=user)


def _set_active(user: User, active: bool) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])
