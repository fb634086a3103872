"""The reason for looking at a person's data."""

from django import forms

from core.forms import AppForm
from visits.services.reveal import REASON_LENGTH


class RevealForm(AppForm):
    """Why somebody asks for the plain values."""

    submit_label = "查看个人信息"

    reason = forms.CharField(
        label="查看原因",
        min_length=REASON_LENGTH,
        max_length=100,
        help_text="例如：电话回访核实走访情况。原因和您的姓名会记入审计。",
        error_messages={
            "required": "请写明查看原因。",
            "min_length": f"请写得具体一些，至少 {REASON_LENGTH} 个字。",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
