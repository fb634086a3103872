"""The visit form: eight fields at most, under a minute (promise P1)."""

import uuid
from datetime import date
from typing import Any

from crispy_forms.bootstrap import InlineRadios
from crispy_forms.layout import HTML, Div, Field
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from core.forms import AppForm, DateInput, LongText, TimeInput
from visits.choices import OUTCOMES_OF, Handling, Outcome, TargetKind, Way
from visits.entry import AFTER_ENTRY, LATE_WITHOUT_REASON, fault_of_day, is_late
from visits.forms.drafts import draft_of, needs_answer
from visits.models import Target, Visit
from visits.services import AppealDraft
from visits.services.appeals import NO_ANSWER


class _WhatWasDone(AppForm):
    """What a visit says of itself, whether it is new or corrected."""

    visited_on = forms.DateField(label="哪天去的", widget=DateInput())
    began = forms.TimeField(
        label="几点（可不填）",
        required=False,
        widget=TimeInput(),
        error_messages={"invalid": "请写成 09:30 的样子，或留空。"},
    )
    way = forms.ChoiceField(
        label="怎么去的", choices=Way, initial=Way.HOME, widget=forms.RadioSelect
    )
    outcome = forms.ChoiceField(
        label="结果", choices=Outcome, initial=Outcome.EFFECTIVE, widget=forms.RadioSelect
    )
    companions = forms.CharField(label="同行人（可不填）", required=False, max_length=60)
    heard = LongText(3, label="了解到的情况（可不填）", required=False, max_length=1000)

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.target = target
        fitting = [(str(each), each.label) for each in OUTCOMES_OF[TargetKind(target.kind)]]
        self.fields["outcome"].choices = fitting  # type: ignore[attr-defined]

    def clean_visited_on(self) -> date:
        day: date = self.cleaned_data["visited_on"]
        of = self.target.campaign
        fault = fault_of_day(
            day, today=timezone.localdate(), starts_on=of.starts_on, ends_on=of.ends_on
        )
        if fault:
            raise ValidationError(fault)
        return day

    def _day(self) -> date | None:
        try:
            field = self.fields["visited_on"]
            found: date | None = field.to_python(self["visited_on"].value())
        except ValidationError:
            return None
        return found


class VisitForm(_WhatWasDone):
    """One visit to one target."""

    submit_label = "保存走访"

    appeal = LongText(2, label="提了什么诉求（没有就不填）", required=False, max_length=500)
    handling = forms.ChoiceField(
        label="诉求怎么处理", required=False, choices=[("", "有诉求时选择"), *Handling.choices]
    )
    answer = LongText(
        2,
        label="当场怎么答复的（抽查回访时读给群众听）",
        required=False,
        max_length=1000,
    )
    late_reason = forms.CharField(
        label="补录原因", required=False, max_length=100, help_text="走访过了 3 天再录入时填写。"
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        first = {"token": uuid.uuid4(), "visited_on": timezone.localdate()}
        kwargs["initial"] = first | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self._ask_eight()

    def _ask_eight(self) -> None:
        """A late visit is asked for its reason, any other for its hour: never for both."""
        unasked = "began" if self._is_late({"visited_on": self._day()}) else "late_reason"
        self.fields[unasked].widget = forms.HiddenInput()

    def layout(self) -> list[object]:
        return [
            Div("visited_on", css_class="field-short"),
            Div("began", css_class="field-short"),
            InlineRadios("way"),
            InlineRadios("outcome"),
            "heard",
            "appeal",
            "handling",
            Field("answer", wrapper_class="first-on-the-spot"),
            HTML('{% include "visits/_more_appeals.html" %}'),
            "companions",
            Field("late_reason"),
            "token",
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("appeal") and not data.get("handling"):
            self.add_error("handling", "请选择这条诉求怎么处理。")
        if data.get("handling") and not data.get("appeal"):
            self.add_error("appeal", "请写明诉求内容，或把处理方式改回空白。")
        if needs_answer(data):
            self.add_error("answer", NO_ANSWER)
        if self._is_late(data) and not data.get("late_reason"):
            self.add_error("late_reason", LATE_WITHOUT_REASON)
        return data

    def visit(self) -> dict[str, Any]:
        """The arguments of ``services.record_visit``."""
        names = ("token", "visited_on", "began", "companions", "heard", "late_reason")
        values = {name: self.cleaned_data[name] for name in names}
        return values | {
            "way": Way(self.cleaned_data["way"]),
            "outcome": Outcome(self.cleaned_data["outcome"]),
            "appeals": self._appeals(),
        }

    def _appeals(self) -> list[AppealDraft]:
        if not self.cleaned_data["appeal"]:
            return []
        return [draft_of(self.cleaned_data)]

    def _is_late(self, data: dict[str, Any]) -> bool:
        day = data.get("visited_on")
        return bool(day and is_late(day, timezone.localdate()))


class CorrectionForm(_WhatWasDone):
    """The same once more, and why; a day long before the entry is asked for its reason too."""

    submit_label = "保存更正"

    reason = forms.CharField(
        label="更正原因",
        max_length=100,
        help_text="例如：日期选错了。原来的内容会保留，和原因一起可以查看。",
        error_messages={"required": "请写一句更正的原因。"},
    )
    late_reason = forms.CharField(
        label="补录原因",
        required=False,
        max_length=100,
        help_text="走访日期比录入早 3 天以上时填写。",
    )
    seen_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, visit: Visit, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "visited_on": visit.visited_on,
            "began": visit.began,
            "way": visit.way,
            "outcome": visit.outcome,
            "companions": visit.companions,
            "heard": visit.heard,
            "late_reason": visit.late_reason,
            "seen_version": visit.version,
        }
        super().__init__(*args, target=visit.target, **kwargs)
        self.received_on = timezone.localdate(visit.received_at)
        day = self._day()
        if not (day and is_late(day, self.received_on)):
            self.fields["late_reason"].widget = forms.HiddenInput()

    def layout(self) -> list[object]:
        return [
            Div("visited_on", css_class="field-short"),
            Div("began", css_class="field-short"),
            InlineRadios("way"),
            InlineRadios("outcome"),
            "heard",
            "companions",
            "late_reason",
            "reason",
            "seen_version",
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        day = data.get("visited_on")
        if day and day > self.received_on:
            self.add_error("visited_on", AFTER_ENTRY.format(self.received_on))
        elif day and is_late(day, self.received_on) and not data.get("late_reason"):
            self.add_error("late_reason", LATE_WITHOUT_REASON)
        return data

    def correction(self) -> dict[str, Any]:
        """The arguments of ``services.correct_visit``."""
        choices = {
            "way": Way(self.cleaned_data["way"]),
            "outcome": Outcome(self.cleaned_data["outcome"]),
        }
        return self.cleaned_data | choices
