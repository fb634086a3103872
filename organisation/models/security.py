"""Sessions, the second factor, passwords once used, and the rules of signing in."""

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import Q

from organisation.models.people import User


class Session(AbstractBaseSession):
    """One signed-in browser, so that its owner and an administrator can see and end it."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="sessions")
    address = models.CharField("网络地址", max_length=45, blank=True)
    agent = models.CharField("浏览器", max_length=120, blank=True)
    started_at = models.DateTimeField("登录时间", auto_now_add=True)
    seen_at = models.DateTimeField("最近使用", null=True)

    objects: ClassVar[BaseSessionManager] = BaseSessionManager()

    class Meta:
        verbose_name = "登录"
        indexes = [models.Index(fields=["user", "expire_date"], name="session_of_person")]


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
