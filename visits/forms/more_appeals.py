"""Further appeals of one visit, each behind 「再加一条」; the form itself has the first."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core.forms import LongText
from visits.choices import Handling
from visits.forms.drafts import draft_of, needs_answer
from visits.services import AppealDraft
from visits.services.appeals import AT_MOST, NO_ANSWER


class MoreForm(forms.Form):
    """One more appeal, or nothing."""

    appeal = LongText(2, label="诉求", required=False, max_length=500)
    handling = forms.ChoiceField(
        label="怎么处理", required=False, choices=[("", "有诉求时选择"), *Handling.choices]
    )

    answer = LongText(2, label="当场怎么答复的", required=False, max_length=1000)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("appeal") and not data.get("handling"):
            self.add_error("handling", "请选择这条诉求怎么处理。")
        if data.get("handling") and not data.get("appeal"):
            self.add_error("appeal", "请写明诉求内容，或把处理方式改回空白。")
        if needs_answer(data):
            self.add_error("answer", NO_ANSWER)
        return data

    @property
    def is_used(self) -> bool:
        """Whether something was written into it, so that it stands open."""
        return self.is_bound and any(self.data.get(self.add_prefix(each)) for each in self.fields)


class MoreAppeals:
    """The second to the last appeal that one visit may bring home."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        self.forms = [MoreForm(data, prefix=f"more-{n}") for n in range(2, AT_MOST + 1)]

    def is_valid(self) -> bool:
        return all(form.is_valid() for form in self.forms)

    def drafts(self) -> list[AppealDraft]:
        written = [form.cleaned_data for form in self.forms if form.cleaned_data["appeal"]]
        return [draft_of(each) for each in written]
