"""Asking for more time, and deciding on it."""

from django import forms

from core.forms import AppForm, DateInput
from issues.choices import BY_SOMEBODY


class ExtensionForm(AppForm):
    """Until when, and why."""

    submit_label = "申请延期"
    to_day = forms.DateField(label="延至", widget=DateInput())
    reason = forms.CharField(
        label="原因", max_length=200, help_text="卡在哪里、还差什么、为什么新的日子办得完。"
    )


class DecisionForm(forms.Form):
    """One of the two buttons, with an opinion."""

    decision = forms.ChoiceField(choices=[(each, each.label) for each in BY_SOMEBODY])
    note = forms.CharField(required=False, max_length=200)
