"""The form that takes in a register."""

from crispy_forms.bootstrap import InlineRadios
from django import forms

from core.upload_forms import WorkbookForm
from visits.choices import TargetKind
from visits.register.fields import MAX_ROWS


class RegisterUploadForm(WorkbookForm):
    """Which register, and its workbook."""

    max_rows = MAX_ROWS

    kind = forms.ChoiceField(
        label="导入哪一册",
        choices=TargetKind,
        initial=TargetKind.HOUSEHOLD,
        widget=forms.RadioSelect,
    )

    def layout(self) -> list[object]:
        return [InlineRadios("kind"), "file"]
