"""Forms of signing in."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import NON_FIELD_ERRORS

from core.forms import AppForm

REFUSED = "登录名或密码不对，或初始密码已过期。请检查后重试；忘记密码请找本单位联络员。"
CODE_LENGTH = 40  # a recovery code with its hyphens, and some room


class PasswordInput(forms.PasswordInput):
    """A password that may be pasted, filled in by the browser and looked at."""

    template_name = "organisation/account_password_input.html"

    def __init__(self, autocomplete: str) -> None:
        super().__init__(attrs={"autocomplete": autocomplete, "autocapitalize": "none"})


def password_field(label: str, *, autocomplete: str, help_text: str = "") -> forms.CharField:
    """A password as typed, spaces and all."""
    return forms.CharField(
        label=label, strip=False, widget=PasswordInput(autocomplete), help_text=help_text
    )


def code_field(label: str, **kwargs: Any) -> forms.CharField:
    """A one-time code, or a recovery code."""
    widget = forms.TextInput(
        attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
    )
    return forms.CharField(label=label, max_length=CODE_LENGTH, widget=widget, **kwargs)


class SignInForm(AuthenticationForm):
    """User name and password; the same answer whether the name is known or not."""

    password = password_field("密码", autocomplete="current-password")
    error_messages = {"invalid_login": REFUSED, "inactive": REFUSED}

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper

    @property
    def is_refused(self) -> bool:
        """Whether a name and a password were given and did not fit."""
        return self.has_error(NON_FIELD_ERRORS, "invalid_login")


class AskingForm(AppForm):
    """A form that asks who is there: nothing is saved, so nothing is said about saving."""

    @property
    def helper(self) -> FormHelper:
        helper = super().helper
        helper.layout.pop(0)
        return helper


class CodeForm(AskingForm):
    """The second step of signing in."""

    submit_label = "登录"
    code = code_field("动态口令", help_text="手机上动态口令应用里的 6 位数字，或一个恢复码。")
    code.widget.attrs["autofocus"] = True


class ProofForm(AskingForm):
    """The password once more, and the one-time code of those who have one."""

    submit_label = "确认"
    hints_title = "为什么要再输一次"
    hints = (
        "这项操作影响别人的账号、权限或大量资料，要确认是您本人。",
        "人离开、电脑没锁时，别人不能用您的登录办理。",
        "忘了密码，请找本单位联络员或系统管理员重设。",
    )
    proof_password = password_field("登录密码", autocomplete="current-password")
    proof_code = code_field("动态口令", help_text="手机上的 6 位数字，或一个恢复码。")

    def __init__(self, *args: Any, needs_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.needs_code = needs_code
        if not needs_code:
            del self.fields["proof_code"]
