"""Forms of a person's own account."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)

from core.forms import AppForm
from organisation.forms.sign_in import AskingForm, code_field, password_field
from organisation.models import User


class PasswordForm(AppForm):
    """A new password of one's own. The old one is checked by the view, which throttles it."""

    submit_label = "修改密码"
    old = password_field("现在的密码", autocomplete="current-password")
    new = password_field(
        "新密码",
        autocomplete="new-password",
        help_text="可以用几个词连成一句，长比花样重要；可以粘贴。",
    )
    again = password_field("再输一遍新密码", autocomplete="new-password")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        if user.password_is_initial:
            self.fields["old"].label = "初始密码（纸条上的）"

    @property
    def rules(self) -> list[str]:
        """What a password must be, in the words of the validators."""
        return [text for text in password_validators_help_texts() if text]

    def clean_new(self) -> str:
        password: str = self.cleaned_data["new"]
        validate_password(password, self.user)
        if password == self.cleaned_data.get("old"):
            raise forms.ValidationError("新密码与现在的相同，请换一个。")
        return password

    def clean_again(self) -> str:
        again: str = self.cleaned_data["again"]
        if "new" in self.cleaned_data and again != self.cleaned_data["new"]:
            raise forms.ValidationError("两遍输入的新密码不一样，请重新输入。")
        return again


class ConfirmCodeForm(AskingForm):
    """The first code of a new authenticator."""

    submit_label = "启用"
    code = code_field("应用里显示的 6 位数字")
