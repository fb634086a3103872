"""Forms of the organisation."""

from crispy_forms.helper import FormHelper
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """User name and password; the same answer whether the name is known or not."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请检查后重试。忘记密码请找本单位联络员。",
        "inactive": "用户名或密码不对，请检查后重试。忘记密码请找本单位联络员。",
    }

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        return helper
