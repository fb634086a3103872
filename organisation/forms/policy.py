"""The form of the security policy."""

from typing import Any

from django import forms

from core.forms import AppForm
from organisation.models import SecurityPolicy

HELP = {
    "second_factor": (
        "登录时除密码外，再输手机上的 6 位数字。密码被别人知道时，账号仍然安全。"
        "打开后，这些人（包括您本人）没有用动态口令登录的，下一次打开页面时先设置动态口令，请备好手机。"
    ),
    "complexity": "现行密码指南不提倡，等保测评通常要求。",
    "password_days": "到期后登录先改密码。现行密码指南不提倡，等保测评通常要求 90 天。",
    "password_history": "包括现在用的密码。0 为不限。",
    "initial_password_days": "新账号和重置后的密码，过了这些天没有用就失效，要重新发放。",
    "idle_minutes": "在公用电脑上离开时，别人不能接着用。",
    "session_hours": "从登录算起，到时间要重新登录。",
}
BOUNDS = {
    "password_days": (0, 365),
    "password_history": (0, 24),
    "initial_password_days": (1, 60),
    "idle_minutes": (5, 240),
    "session_hours": (1, 24),
}
# What an assessment by 等保 (GB/T 22239, domain §7.2) usually asks for.
PRESET: dict[str, object] = {
    "second_factor": True,
    "complexity": True,
    "password_days": 90,
    "password_history": 5,
    "idle_minutes": 15,
}


class PolicyForm(AppForm):
    """The rules in force, each with one line of help; the bounds are the database's."""

    submit_label = "保存并立即生效"
    hints_title = "不能改的规则"
    hints = (
        "同一登录名在同一网络连续输错 5 次，停用 15 分钟后自动恢复。",
        "密码至少 10 个字符，不收常见密码。",
        "重要操作前再输一次密码。",
    )

    def __init__(self, *args: Any, policy: SecurityPolicy, preset: bool = False, **kw: Any) -> None:
        values = {name: getattr(policy, name) for name in HELP}
        super().__init__(*args, initial=values | (PRESET if preset else {}), **kw)
        for name, help_text in HELP.items():
            self.fields[name] = _field(name, _label(name), help_text)


def _label(name: str) -> str:
    return next(str(f.verbose_name) for f in SecurityPolicy._meta.fields if f.name == name)


def _field(name: str, label: str, help_text: str) -> forms.Field:
    if name not in BOUNDS:
        return forms.BooleanField(label=label, help_text=help_text, required=False)
    low, high = BOUNDS[name]
    text = f"{help_text}可填 {low} 到 {high}。"
    widget = forms.NumberInput(attrs={"class": "field-short", "inputmode": "numeric"})
    return forms.IntegerField(
        label=label, help_text=text, min_value=low, max_value=high, widget=widget
    )
