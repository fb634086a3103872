"""What goes to 12345 with its numbers, and the workbook that comes back from there."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.forms import NOT_WHOLE, LineText
from core.upload_forms import WorkbookForm
from visits.forms.appeals import SeenField
from visits.models import Appeal
from visits.services import Handed
from visits.sheet.hotline import MAX_ROWS


class HotlineForm(WorkbookForm):
    """Results and returns."""

    max_rows = MAX_ROWS


class HandOverForm(forms.Form):
    """For each appeal its number with 12345, empty where it stays, and the steps that it showed."""

    def __init__(self, *args: Any, appeals: Sequence[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.appeals = appeals
        for each in appeals:
            self.fields[f"number-{each.pk}"] = LineText(required=False, max_length=40)
            self.fields[f"seen-{each.pk}"] = SeenField()

    def lines(self) -> list[Handed]:
        """What ``services.hand_over`` takes: those with a number."""
        data = self.cleaned_data
        return [
            Handed(each, data[f"number-{each.pk}"], data[f"seen-{each.pk}"])
            for each in self.appeals
            if data[f"number-{each.pk}"]
        ]

    def faults(self) -> dict[int, str]:
        """By the appeal's key, what is wrong with its number."""
        found = {}
        for each in self.appeals:
            if f"seen-{each.pk}" in self.errors:
                found[each.pk] = NOT_WHOLE
            if wrong := self.errors.get(f"number-{each.pk}"):
                found[each.pk] = str(wrong[0])
        return found
