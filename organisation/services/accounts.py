"""A person's account: switched off and on, its password, its second factor."""

from django.utils import timezone

from core import audit
from organisation.models import (
    Authenticator,
    RecoveryCode,
    SecurityPolicy,
    UsedPassword,
    User,
)
from organisation.passwords import new_initial_password
from organisation.services.sessions import end_sessions


@audit.atomic
def disable_account(*, user: User, actor: User) -> None:
    """Let the person sign in no more, and end what is open; audited."""
    _set_active(user, False)
    end_sessions(user=user, actor=actor)
    audit.record(actor=actor, act="accounts.disable", subject=user)


@audit.atomic
def enable_account(*, user: User, actor: User | None) -> None:
    """Let the person sign in again; audited."""
    _set_active(user, True)
    audit.record(actor=actor, act="accounts.enable", subject=user)


@audit.atomic
def reset_password(*, user: User, actor: User | None) -> str:
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
def change_password(*, user: User, password: str, key: str) -> None:
    """Take the person's own new password; ends all sign-ins but the one with this key, audited.

    The earlier password is kept as a hash only where the policy forbids taking it up again.
    """
    _keep_used(user)
    user.set_password(password)
    user.password_is_initial = False
    user.password_set_at = timezone.now()
    user.save(update_fields=["password", "password_is_initial", "password_set_at"])
    end_sessions(user=user, actor=user, except_key=key)
    audit.record(actor=user, act="accounts.change_password", subject=user)


@audit.atomic
def reset_second_factor(*, user: User, actor: User | None) -> None:
    """Take away the authenticator and the recovery codes; ends the sessions, audited.

    Without an actor it was the operator of the machine.
    """
    Authenticator.objects.filter(user=user).delete()
    RecoveryCode.objects.filter(user=user).delete()
    end_sessions(user=user, actor=actor)
    audit.record(actor=actor, act="accounts.reset_second_factor", subject=user)


def _set_active(user: User, active: bool) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])


def _keep_used(user: User) -> None:
    """Add the present hash to the history, and drop what the policy does not ask for."""
    count = SecurityPolicy.objects.in_force().password_history
    if count:
        UsedPassword.objects.create(user=user, hash=user.password)
    kept = UsedPassword.objects.filter(user=user).order_by("-pk").values_list("pk", flat=True)
    UsedPassword.objects.filter(user=user).exclude(pk__in=list(kept[:count])).delete()
