"""The second factor: set up, checked, replaced."""

import hashlib
import math
from dataclasses import dataclass
from unicodedata import normalize

from django.utils import timezone

from core import audit
from organisation.models import Authenticator, RecoveryCode, User
from organisation.models.security import totp_step
from organisation.passwords import readable
from organisation.services.sessions import end_sessions

RECOVERY_CODES = 10
RECOVERY_GROUPS = 6  # of four signs: 120 bits, so that a plain hash keeps them (ASVS 6.5.2)
CODE_DIGITS = 6


@dataclass(frozen=True)
class Answer:
    """What a code came to: ``by`` is empty when it was refused."""

    by: str = ""
    wait_seconds: int = 0
    codes_left: int = 0


@audit.atomic
def check_code(*, user: User, code: str) -> Answer:
    """Try a one-time code or a recovery code; either counts once. The caller audits.

    After a refusal the next try has to wait, twice as long each time.
    """
    device = Authenticator.objects.select_for_update().filter(user=user, confirmed=True).first()
    if device is None:
        return Answer()
    allowed, why = device.verify_is_allowed()
    if not allowed:
        left = (why["locked_until"] - timezone.now()).total_seconds()
        return Answer(wait_seconds=max(1, math.ceil(left)))
    typed = "".join(sign for sign in normalize("NFKC", code).lower() if sign.isalnum())
    if len(typed) == CODE_DIGITS:
        return Answer(by="totp" if device.verify_token(typed) else "")
    if not _use_recovery_code(user, typed):
        device.throttle_increment()
        return Answer()
    device.throttle_reset()
    return Answer(by="recovery", codes_left=unused_codes(user))


def unused_codes(user: User) -> int:
    """How many recovery codes the person has left."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


@audit.atomic
def set_up_authenticator(*, user: User, secret: str, code: str, key: str) -> list[str]:
    """Take this secret for the person when the code proves that the app has it.

    Returns the new recovery codes, this once; empty when the code is wrong. Takes the
    place of an earlier authenticator and ends all sign-ins but the one with this key.
    """
    step = totp_step(secret=secret, code=code)
    if step is None:
        return []
    values = {"secret": secret, "last_step": step, "confirmed": True, "name": "动态口令"}
    fresh = {"throttling_failure_count": 0, "throttling_failure_timestamp": None}
    Authenticator.objects.update_or_create(user=user, defaults=values | fresh)
    end_sessions(user=user, actor=user, except_key=key)
    audit.record(actor=user, act="accounts.set_up_authenticator", subject=user)
    return _new_codes(user)


@audit.atomic
def renew_recovery_codes(*, user: User) -> list[str]:
    """Ten new recovery codes in place of the old ones, returned this once; audited."""
    audit.record(actor=user, act="accounts.renew_recovery_codes", subject=user)
    return _new_codes(user)


def _new_codes(user: User) -> list[str]:
    RecoveryCode.objects.filter(user=user).delete()
    codes = ["-".join(readable(4) for _ in range(RECOVERY_GROUPS)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, hash=_hash(code.replace("-", ""))) for code in codes
    )
    return codes


def _use_recovery_code(user: User, typed: str) -> bool:
    unused = RecoveryCode.objects.filter(user=user, hash=_hash(typed), used_at=None)
    return unused.update(used_at=timezone.now()) == 1


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
