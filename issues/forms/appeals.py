"""An item of a unit that begins with appeals."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from core.forms import RowsField
from issues.forms.lists import UnitItemForm
from visits.models import Appeal

ROWS_OF_EVENT = 8  # it begins with a line for each appeal


class AppealItemForm(UnitItemForm):
    """``appeals``: those that showed the problem, all of the same unit."""

    appeals = RowsField(Appeal.objects.none(), widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, appeals: QuerySet[Appeal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["origins"]
        self.fields["event"].widget.attrs["rows"] = ROWS_OF_EVENT
        self._choose("appeals", appeals)

    def layout(self) -> list[object]:
        sections = super().layout()
        sections[-2].fields[-1] = "appeals"  # type: ignore[attr-defined]
        return sections
