"""What a password must be, who may sign in with one, and those the product makes itself."""

import re
import secrets
from datetime import timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    MinimumLengthValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.utils import timezone

from organisation.models import SecurityPolicy, UsedPassword, User

# Lower case and digits, none of which is taken for another: 32 signs, 5 bits each.
READABLE = "abcdefghijkmnpqrstuvwxyz23456789"
LONGEST = 128
CONTEXT_WORDS = ("遍访", "作风", "bianfang", "zuofeng", "jiwei", "ganbu", "lingdao", "mima")
RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
RUN_LENGTH = 3  # so many signs in a row, upwards or downwards, count as one
LEAST_WITHOUT_RUNS = 6
CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
LEAST_CLASSES = 3  # of the four, where the policy asks for complexity (等保, domain §7.2)


def new_initial_password() -> str:
    """A random password to be printed and typed once: 60 bits, such as ``k7mp-3xtw-9fhq``."""
    return "-".join(readable(4) for _ in range(3))


def readable(length: int) -> str:
    """Random signs that survive being read out."""
    return "".join(secrets.choice(READABLE) for _ in range(length))


### Signing in


class PasswordBackend(ModelBackend):
    """Django's check; besides, an initial password is good for a few days only."""

    def authenticate(
        self, request: Any, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> User | None:
        user = super().authenticate(request, username=username, password=password, **kwargs)
        return user if isinstance(user, User) and not is_expired_initial(user) else None


def is_expired_initial(user: User) -> bool:
    """Whether an initial password was left unused for too long."""
    if not user.password_is_initial:
        return False
    days = SecurityPolicy.objects.in_force().initial_password_days
    return user.password_set_at is None or is_older(user, days)


def is_older(user: User, days: int) -> bool:
    """Whether the password was set longer ago than so many days; an unknown time counts so."""
    if user.password_set_at is None:
        return True
    return user.password_set_at + timedelta(days=days) <= timezone.now()


### Validators: Django's in our words, and our own


class LengthValidator(MinimumLengthValidator):
    """Long enough."""

    def get_error_message(self) -> str:
        return f"密码太短，至少要 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"至少 {self.min_length} 个字符。"


class CommonValidator(CommonPasswordValidator):
    """Not among the 20,000 most common ones, a list that comes with Django."""

    def get_error_message(self) -> str:
        return "这个密码太常见，别人一试就中。"

    def get_help_text(self) -> str:
        return "不要用常见的密码。"


class LikenessValidator(UserAttributeSimilarityValidator):
    """Not like the person's own names."""

    def get_error_message(self) -> str:
        return "密码与您的登录名或姓名太像。"

    def get_help_text(self) -> str:
        return "不要与登录名、姓名相像。"


class MaximumLengthValidator:
    """A bound for the hash's work; what is longer is refused, never cut."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(f"密码最长 {LONGEST} 个字符，现在是 {len(password)} 个。")

    def get_help_text(self) -> str:
        return f"最长 {LONGEST} 个字符。"


class GuessableValidator:
    """Refuses words of this work and place, and passwords that are mostly one line of keys."""

    def validate(self, password: str, user: User | None = None) -> None:
        text = password.casefold()
        for word in (*CONTEXT_WORDS, *settings.PASSWORD_WORDS, *_names_around(user)):
            if word.casefold() in text:
                raise ValidationError(
                    f"密码里不要有「{word}」这类本地、本单位和本系统的名称，别人容易猜到。"
                )
        if len(_without_runs(text)) < LEAST_WITHOUT_RUNS:
            raise ValidationError("密码里连号、键盘连排或重复的字符太多，别人容易猜到。")

    def get_help_text(self) -> str:
        return "不要用单位、地名、系统名称，也不要用连号和键盘连排。"


class PolicyValidator:
    """What only the security administrator's policy asks for: complexity and history."""

    def validate(self, password: str, user: User | None = None) -> None:
        policy = SecurityPolicy.objects.in_force()
        if policy.complexity and sum(bool(re.search(c, password)) for c in CLASSES) < LEAST_CLASSES:
            raise ValidationError("密码须含大写字母、小写字母、数字、符号中的至少三类。")
        if user is not None and user.pk and _was_used(user, password, policy.password_history):
            raise ValidationError(f"不能再用最近 {policy.password_history} 次用过的密码。")

    def get_help_text(self) -> str:
        policy = SecurityPolicy.objects.in_force()
        rules = ["含大写字母、小写字母、数字、符号中的至少三类。"] if policy.complexity else []
        if policy.password_history:
            rules.append(f"不能与最近 {policy.password_history} 次用过的相同。")
        return "".join(rules)


def _names_around(user: User | None) -> list[str]:
    """The names of the person's unit and area; the area's also without 县, 市 and the like."""
    if user is None or user.unit is None:
        return []
    area = user.unit.area.name
    short = area.rstrip("省市县区镇乡")
    return [user.unit.name, area, *([short] if len(short) > 1 else [])]


def _without_runs(text: str) -> str:
    """The text with each run of neighbours and each repetition counted as one sign."""
    kept, run = text[:1], 1
    for before, sign in pairwise(text):
        run = run + 1 if _are_neighbours(before, sign) else 1
        if run == RUN_LENGTH:
            kept = kept[:-1]  # the second sign was taken for one of its own
        elif run < RUN_LENGTH:
            kept += sign
    return kept


def _are_neighbours(one: str, other: str) -> bool:
    return one == other or any(one + other in run or other + one in run for run in RUNS)


def _was_used(user: User, password: str, count: int) -> bool:
    """Whether it is among the last ``count`` passwords, the present one included."""
    if not count:
        return False
    earlier = UsedPassword.objects.filter(user=user).order_by("-pk")[: count - 1]
    return any(
        check_password(password, each) for each in (user.password, *(u.hash for u in earlier))
    )
