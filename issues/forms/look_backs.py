"""How large a share of the signed-off items a draw takes."""

from django import forms

from core.forms import AppForm
from issues.services.sign_off import LEAST_PERCENT


class DrawForm(AppForm):
    """The share; the seed is not for a person to choose."""

    submit_label = "抽取"
    percent = forms.IntegerField(
        label="抽取比例（%）", min_value=LEAST_PERCENT, max_value=100, initial=LEAST_PERCENT
    )
