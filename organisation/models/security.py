"""Sessions, the second factor, passwords once used, and the rules of signing in."""

import base64
import secrets
from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django_otp.models import Device, ThrottlingMixin
from django_otp.oath import TOTP

from core.fields import EncryptedField
from organisation.models.people import User

SECRET_BYTES = 20  # what authenticator apps expect of SHA-1 (RFC 4226 §4)
LONGEST_WAIT = 10  # refused codes that count: the wait is 2^9 s at most, never for ever


def totp_step(*, secret: str, code: str, after: int = -1) -> int | None:
    """The time step that the code is of; None when it is wrong or of a step already used.

    One step (30 s) before and after is allowed for clocks that differ.
    """
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        return None
    clock = TOTP(base64.b32decode(secret))
    clock.time = timezone.now().timestamp()
    return clock.t() if clock.verify(int(code), tolerance=1, min_t=after + 1) else None


class Session(AbstractBaseSession):
    """One signed-in browser, so that its owner and an administrator can see and end it."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    address = models.CharField("网络地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=120, blank=True)
    started_at = models.DateTimeField("登录时间", default=timezone.now)
    seen_at = models.DateTimeField("最近使用", null=True)

    objects: ClassVar[BaseSessionManager] = BaseSessionManager()

    class Meta:
        verbose_name = "登录"
        indexes = [models.Index(fields=["user", "expire_date"], name="session_of_person")]

    @property
    def reference(self) -> str:
        """Names the row in addresses; the key itself would let whoever reads it in."""
        return salted_hmac(
            "organisation.session", self.session_key, algorithm="sha256"
        ).hexdigest()[:20]


class Authenticator(ThrottlingMixin, Device):
    """A person's one-time password app; ``last_step`` makes a code count once.

    After a refused code the next one has to wait, twice as long each time.
    """

    user = models.OneToOneField(User, models.CASCADE, related_name="authenticator")
    secret = EncryptedField("密钥")
    last_step = models.BigIntegerField("最近用过的时间步", default=-1)

    class Meta:
        verbose_name = "动态口令"

    def get_throttle_factor(self) -> int:
        """Seconds to wait after the first refused code."""
        return 1

    def throttle_increment(self, commit: bool = True) -> None:
        """Count one more refused code, up to the longest wait."""
        count: int = self.throttling_failure_count  # type: ignore[has-type]
        self.throttling_failure_count = min(count, LONGEST_WAIT - 1)
        super().throttle_increment(commit)

    def verify_token(self, token: str) -> bool:
        """Whether the code is right and new; saves that it is used, or that it was refused.

        The row must have been read with ``select_for_update``.
        """
        if not self.verify_is_allowed()[0]:
            return False
        step = totp_step(secret=self.secret.open(), code=token, after=self.last_step)
        if step is None:
            self.throttle_increment()
            return False
        self.last_step = step
        self.throttle_reset()
        return True

    @staticmethod
    def new_secret() -> str:
        """A random secret as authenticator apps take it (base32)."""
        return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


class RecoveryCode(models.Model):
    """A code for a lost phone, kept as a hash and good for one use."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    hash = models.CharField("校验值", max_length=64, unique=True)
    used_at = models.DateTimeField("使用时间", null=True)

    class Meta:
        verbose_name = "恢复码"


class UsedPassword(models.Model):
    """A hash of an earlier password, for installations that forbid taking one up again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="used_passwords")
    hash = models.CharField("密码校验值", max_length=128)
    set_at = models.DateTimeField("设定时间", auto_now_add=True)

    class Meta:
        verbose_name = "用过的密码"


class SecurityPolicyManager(models.Manager["SecurityPolicy"]):
    def in_force(self) -> "SecurityPolicy":
        """The saved rules, or the defaults where nobody has saved any yet; one query."""
        return self.first() or SecurityPolicy()


class SecurityPolicy(models.Model):
    """The rules of signing in; one row, kept by the security administrator.

    Complexity, regular change and history are what 等保 asks for and current guidance
    advises against (threats AU03): off until switched on.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    second_factor = models.BooleanField(
        "作风办、纪委监委、领导和管理员必须用动态口令", default=True
    )
    complexity = models.BooleanField("密码须含大小写字母、数字、符号中的三类", default=False)
    password_days = models.PositiveSmallIntegerField("密码有效天数（0 为不限）", default=0)
    password_history = models.PositiveSmallIntegerField("不得重复最近几次密码", default=0)
    initial_password_days = models.PositiveSmallIntegerField("初始密码有效天数", default=14)
    idle_minutes = models.PositiveSmallIntegerField("无操作自动退出（分钟）", default=30)
    session_hours = models.PositiveSmallIntegerField("一次登录最长（小时）", default=12)

    objects: ClassVar[SecurityPolicyManager] = SecurityPolicyManager()

    class Meta:
        verbose_name = "安全策略"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="one_security_policy"),
            models.CheckConstraint(
                condition=Q(
                    idle_minutes__range=(5, 240),
                    session_hours__range=(1, 24),
                    initial_password_days__range=(1, 60),
                    password_days__lte=365,
                    password_history__lte=24,
                ),
                name="security_policy_in_bounds",
            ),
        ]
