"""The form that takes in a workbook."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.forms import AppForm
from core.workbook import WorkbookError, check_container


class WorkbookForm(AppForm):
    """A workbook to be checked; subclasses set ``max_rows``.

    What is no plain .xlsx is told at once.
    """

    submit_label = "上传并检查"
    file_name = ""
    max_rows = 0

    file = forms.FileField(
        label="Excel 文件（.xlsx）",
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": "文件是空的，请重新选择。", "required": "请选择要上传的文件。"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[
            "file"
        ].help_text = (
            f"按模板填写，一次最多 {self.max_rows:,} 行、10 MB。上传后先检查，不会直接写入。"
        )

    def clean_file(self) -> bytes:
        """The content of the file."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(f"文件超过 {limit} MB，请拆分成几个文件后再上传。")
        content = upload.read()
        try:
            check_container(content)
        except WorkbookError as error:
            raise ValidationError(str(error)) from error
        self.file_name = upload.name or "导入.xlsx"
        return content
