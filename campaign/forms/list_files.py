"""A list as a file: uploaded, shown, and then set down."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from campaign.models import Campaign, Taxonomy
from campaign.services.list_files import MAX_ROWS
from campaign.services.lists import Row
from core.forms import AppForm, LineText
from organisation.models import User

CONFIRM_WITHIN = timedelta(hours=1)
SALT = "campaign.list"


class ListFileForm(AppForm):
    """Which list, and the file that it shall be."""

    submit_label = "上传并检查"
    hints_title = "上传清单"
    hints = (
        "文件就是整份清单：一行一种表现；分方面的，在「方面」一列写上。",
        f"列名用「方面」「表现」「说明」，只有「表现」必填；最多 {MAX_ROWS} 行。",
        "先检查，有错就指出在第几行第几列，一行也不写入；确认以后才生效。",
        "更新现有的清单，请先下载它的现状，在上面改：名称相同的行不变，多出的新增，少了的去掉。",
        "已有问题使用的行不能去掉，可以改名（在「修改」里改）。",
    )
    file_name = ""

    target = forms.ModelChoiceField(
        Taxonomy.objects.none(), label="上传为", required=False, empty_label="一份新清单"
    )
    name = LineText(
        label="新清单的名称",
        required=False,
        max_length=Taxonomy._meta.get_field("name").max_length,
        help_text="例：8 个方面 33 种表现。更新现有的清单，这里不用填。",
    )
    file = forms.FileField(
        label="Excel 或 CSV 文件",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv"}),
        error_messages={"empty": "文件是空的，请重新选择。", "required": "请选择要上传的文件。"},
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        target = self.fields["target"]
        assert isinstance(target, forms.ModelChoiceField)
        target.queryset = campaign.taxonomies.order_by("id")

    def clean_file(self) -> bytes:
        """The content of the file."""
        upload: UploadedFile = self.cleaned_data["file"]
        if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
            limit = settings.UPLOAD_MAX_BYTES // 1024 // 1024
            raise ValidationError(f"文件超过 {limit} MB，请检查是不是选错了文件。")
        self.file_name = upload.name or ""
        return upload.read()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "target" in data and not data["target"] and not data.get("name", "missing"):
            self.add_error("name", "请给新清单起个名称，或选要更新的清单。")
        return data


@dataclass(frozen=True)
class CheckedList:
    """A list that somebody has been shown, with the fingerprint of what it was compared with."""

    campaign: int
    target: int | None
    name: str
    rows: list[Row]
    seen: str

    def sealed(self, user: User) -> str:
        """For the page that asks for confirmation; good for this person and an hour."""
        paper = [user.pk, self.campaign, self.target, self.name, self.rows, self.seen]
        return signing.dumps(paper, salt=SALT, compress=True)


class LandListForm(forms.Form):
    """What the person has seen and now confirms."""

    checked = forms.CharField(error_messages={"required": "请先上传文件并检查。"})

    def __init__(self, *args: Any, user: User, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.campaign = campaign

    def clean_checked(self) -> CheckedList:
        """The list as it was shown to this person. Refuses what is changed, foreign or old."""
        try:
            key, campaign, target, name, rows, seen = signing.loads(
                self.cleaned_data["checked"], salt=SALT, max_age=CONFIRM_WITHIN
            )
        except signing.BadSignature as error:
            raise ValidationError("确认页面已过期，请重新上传文件。") from error
        if (key, campaign) != (self.user.pk, self.campaign.pk):
            raise ValidationError("这不是您在这里检查过的文件，请重新上传。")
        return CheckedList(campaign, target, name, [Row(*row) for row in rows], seen)
