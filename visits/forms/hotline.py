"""What goes to 12345 with its numbers, and the workbook that comes back from there."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.forms import NOT_WHOLE, LineText
from core.upload_forms import WorkbookForm
from visits.choices import Matter
from visits.forms.appeals import SeenField
from visits.models import Appeal
from visits.services import NO_CATEGORY, Handed
from visits.sheet.hotline import MAX_ROWS


class HotlineForm(WorkbookForm):
    """Results and returns."""

    max_rows = MAX_ROWS


class HandOverForm(forms.Form):
    """For each appeal its number with 12345, empty where it stays, and the steps that it showed.

    One that nobody has put into a category is asked for it: each for itself, beside its number,
    since those that go together are seldom about the same thing.
    """

    def __init__(self, *args: Any, appeals: Sequence[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appeals = appeals
        for each in appeals:
            self.fields[f"number-{each.pk}"] = LineText(required=False, max_length=40)
            self.fields[f"seen-{each.pk}"] = SeenField()
            if not each.category:
                self.fields[f"category-{each.pk}"] = forms.ChoiceField(
                    choices=Matter, required=False
                )

    def clean(self) -> dict[str, Any]:
        """Whatever goes says what it is about, and has a number of its own."""
        data = self.cleaned_data
        first: dict[str, Appeal] = {}
        for each in self.appeals:
            name = f"category-{each.pk}"
            if data.get(f"number-{each.pk}") and data.get(name) == "":
                self.add_error(name, NO_CATEGORY)
            self._require_own(each, first)
        return data

    def _require_own(self, appeal: Appeal, first: dict[str, Appeal]) -> None:
        number = self.cleaned_data.get(f"number-{appeal.pk}")
        if number and first.setdefault(number, appeal) != appeal:
            why = f"和{first[number]}填的一样。一个工单号只登记一件诉求，请核对。"
            self.add_error(f"number-{appeal.pk}", why)

    def lines(self) -> list[Handed]:
        """What ``services.hand_over`` takes: those with a number."""
        data = self.cleaned_data
        return [
            Handed(
                each,
                data[f"number-{each.pk}"],
                data[f"seen-{each.pk}"],
                data.get(f"category-{each.pk}", ""),
            )
            for each in self.appeals
            if data[f"number-{each.pk}"]
        ]

    def faults(self) -> dict[str, str]:
        """By the name of the field, what is wrong with a number or a category."""
        found = {name: str(wrong[0]) for name, wrong in self.errors.items()}
        for each in self.appeals:
            if found.pop(f"seen-{each.pk}", ""):
                found.setdefault(f"number-{each.pk}", NOT_WHOLE)
        return found
