"""Files that show what was done."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from core.files import CheckedFile, check_upload
from core.forms import AppForm

AT_ONCE = 10


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several; each is checked by itself."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(each, initial) for each in several or [None]]


class EvidenceForm(AppForm):
    """Files that show what was done. Those that cannot be taken are named in ``refused``."""

    submit_label = "上传佐证"
    file = FilesField(
        label="佐证文件",
        help_text="图片、PDF、Word 或 Excel，可以一次选几份，每份不超过 10 MB。"
        "照片会自动去掉拍摄位置。",
    )
    note = forms.CharField(label="说明什么（可不填）", required=False, max_length=100)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refused: list[str] = []

    def clean_file(self) -> list[CheckedFile]:
        uploads = self.cleaned_data["file"]
        if len(uploads) > AT_ONCE:
            raise ValidationError(f"一次最多选 {AT_ONCE} 份，请分几次上传。")
        taken = [file for each in uploads if (file := self._checked(each))]
        if not taken:
            raise ValidationError(self.refused)
        return taken

    def _checked(self, upload: UploadedFile) -> CheckedFile | None:
        try:
            return check_upload(upload)
        except ValidationError as error:
            self.refused.append(f"「{upload.name}」没有收：{error.messages[0]}")
            return None


class NewerForm(forms.Form):
    """The newer file, and why."""

    file = forms.FileField(error_messages={"required": "请先选好要换上的文件。"})
    why = forms.CharField(required=False, max_length=100)

    def clean_file(self) -> CheckedFile:
        return check_upload(self.cleaned_data["file"])


class TakeBackForm(forms.Form):
    """Why it counts no more."""

    why = forms.CharField(
        max_length=100, error_messages={"required": "请写明收回的原因，例如：传错了文件。"}
    )
