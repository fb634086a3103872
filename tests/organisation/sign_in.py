"""What the tests of signing in do: type a name and a password, hold a phone."""

import base64

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP

from core.models import AuditEntry
from organisation.models import Authenticator, RecoveryCode, SecurityPolicy, User
from organisation.services.second_factor import renew_recovery_codes

WRONG = "登录名或密码不对，或初始密码已过期。请检查后重试；忘记密码请找本单位联络员。"
SECRET = base64.b32encode(b"12345678901234567890").decode()


def sign_in(client: Client, username: str, password: str, **more: str) -> HttpResponse:
    return client.post("/login/", {"username": username, "password": password, **more})


def sign_in_from(address: str, username: str, password: str) -> HttpResponse:
    """One try from this address, by a browser without cookies."""
    form = {"username": username, "password": password}
    return Client(REMOTE_ADDR=address).post("/login/", form)


def is_signed_in(client: Client) -> bool:
    return client.get("/inbox/").status_code == 200


def hold_phone(user: User) -> list[str]:
    """Give the person an authenticator; returns the recovery codes."""
    Authenticator.objects.create(user=user, secret=SECRET, name="手机")
    return renew_recovery_codes(user=user)


def code(steps: int = 0, secret: str = SECRET) -> str:
    """What the phone shows now, or so many steps of 30 s later."""
    clock = TOTP(base64.b32decode(secret), drift=steps)
    clock.time = timezone.now().timestamp()
    return f"{clock.token():06d}"


def forget_refusals() -> None:
    """As if enough time had passed since the last refused code."""
    Authenticator.objects.update(throttling_failure_timestamp=None)


def rule(**values: object) -> None:
    """Put these rules of the policy in force."""
    SecurityPolicy.objects.update(**values)


def acts(*names: str) -> list[str]:
    """The acts of the trail in their order, those named only."""
    return list(
        AuditEntry.objects.filter(act__in=names).order_by("pk").values_list("act", flat=True)
    )


def unused(user: User) -> int:
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
