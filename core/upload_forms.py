"""The form that takes in a workbook."""

from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.forms import AppForm
from core.sheets import container
from core.sheets.container import MEGABYTE, Limits, ordinary
from core.sheets.values import WorkbookError


class WorkbookForm(AppForm):
    """A workbook to be checked; subclasses set ``max_rows``.

    What is no plain .xlsx is told at once.
    """

    submit_label = "上传并检查"
    file_name = ""
    max_rows = 0

    @property
    def limits(self) -> Limits:
        return ordinary()

    file = forms.FileField(
        label="Excel 文件（.xlsx）",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": "文件是空的，请重新选择。", "required": "请选择要上传的文件。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = (
            f"按模板填写，一次最多 {self.max_rows:,} 行、{self.limits.packed // MEGABYTE} MB。"
            "上传后先检查，不会直接写入。"
        )

    def clean_file(self) -> bytes | UploadedFile:
        """The content of the file."""
        upload = self.checked_file()
        upload.seek(0)
        return upload.read()

    def checked_file(self) -> UploadedFile:
        """The file, as it lies where the server has put it."""
        upload: UploadedFile = self.cleaned_data["file"]
        try:
            container.check(cast(IO[bytes], upload), self.limits)
        except WorkbookError as error:
            raise ValidationError(str(error)) from error
        self.file_name = upload.name or "导入.xlsx"
        return upload
