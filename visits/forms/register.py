"""The form that takes in a register."""

from crispy_forms.bootstrap import InlineRadios
from django import forms
from django.core.files.uploadedfile import UploadedFile

from core.sheets.container import Limits
from core.upload_forms import WorkbookForm
from visits.choices import TargetKind
from visits.register.fields import MAX_ROWS
from visits.services.upload import LIMITS


class RegisterUploadForm(WorkbookForm):
    """Which register, and its file; a city's is too large to be held in memory."""

    max_rows = MAX_ROWS

    kind = forms.ChoiceField(
        label="导入哪一册",
        choices=TargetKind,
        initial=TargetKind.HOUSEHOLD,
        widget=forms.RadioSelect,
    )
    file = forms.FileField(
        label="Excel 或 CSV 文件",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "文件是空的，请重新选择。", "required": "请选择要上传的文件。"},
    )

    columns_first = forms.BooleanField(
        label="先核对各列再检查",
        required=False,
        help_text="表头和模板不一样、或上次列对错了时勾选。认不出表头的文件，不勾选也会先问您。",
    )

    @property
    def limits(self) -> Limits:
        return LIMITS

    def clean_file(self) -> UploadedFile:
        return self.checked_file()

    def layout(self) -> list[object]:
        return [InlineRadios("kind"), "file", "columns_first"]
