"""Raising a supervision slip by hand, and the steps of its way."""

import uuid
from typing import Any

from crispy_forms.bootstrap import InlineRadios
from django import forms
from django.utils import timezone

from core import calendars
from core.forms import AppForm, LongText
from issues.choices import PACE_WORKDAYS, Pace


def _dated() -> list[tuple[str, str]]:
    """Each pace with the day that a slip of today would bear, so that the words agree with it."""
    today, calendar = timezone.localdate(), calendars.current()
    days = {pace: calendar.due(today, PACE_WORKDAYS[pace]) for pace in Pace}
    return [
        (pace.value, f"{pace.label}（到 {day.year}年{day.month}月{day.day}日）")
        for pace, day in days.items()
    ]


class SlipForm(AppForm):
    """What is asked for, and how soon."""

    submit_label = "出具督办单"
    request = LongText(
        3,
        label="办理要求",
        max_length=500,
        help_text="办什么、办到什么程度。编号和单位由系统填写；时限在下面选，这里不用再写日期。",
        error_messages={"required": "请写明办理要求：办什么、办到什么程度。"},
    )
    pace = forms.ChoiceField(
        label="完成时限", choices=_dated, initial=Pace.ORDINARY, widget=forms.RadioSelect
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)

    def layout(self) -> list[object]:
        return ["request", InlineRadios("pace"), "token"]


class StepForm(forms.Form):
    """One step: its text, and how many steps the page showed."""

    note = LongText(required=False, max_length=1000)
    seen = forms.IntegerField(min_value=0, max_value=32767)
