"""Study activities and institutions."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaign.choices import ActivityKind
from campaign.models import Campaign, Category
from core.files import CheckedFile, check_upload
from core.forms import AppForm, DateInput

MOST_HEADS = 9_999  # more in one meeting is a slip of the finger
WRONG_HEADS = f"参加人数请填 1 至 {MOST_HEADS:,} 之间的整数。"


class ActivityForm(AppForm):
    """One meeting or study activity."""

    kind = forms.ChoiceField(label="类别", choices=ActivityKind, widget=forms.RadioSelect)
    held_on = forms.DateField(label="日期", widget=DateInput())
    heads = forms.IntegerField(
        label="参加人数",
        min_value=1,
        max_value=MOST_HEADS,
        error_messages=dict.fromkeys(("min_value", "max_value", "invalid"), WRONG_HEADS),
    )
    summary = forms.CharField(
        label="内容", max_length=200, help_text="一句话：讲了什么、看了什么。"
    )
    file = forms.FileField(
        label="文件（可不传）", required=False, help_text="已有的通知或材料，不用另写。"
    )
    title = "登记活动"
    submit_label = "登记"
    hints_title = "一次活动一行"
    hints = (
        "只记人数，不记名单，不要签到表和照片。",
        "登记了动员大会，「召开动员大会」的任务自动完成，不用再报。",
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_held_on(self) -> object:
        day = self.cleaned_data["held_on"]
        if day > timezone.localdate():
            raise ValidationError("还没有举行的活动，举行以后再登记。")
        if not self.campaign.starts_on <= day <= self.campaign.ends_on:
            raise ValidationError(
                f"请填写 {self.campaign.starts_on} 到 {self.campaign.ends_on} 之间的日期。"
            )
        return day

    def clean_file(self) -> CheckedFile | None:
        upload = self.cleaned_data.get("file")
        return check_upload(upload) if upload else None


class InstitutionForm(AppForm):
    """One 制度 of the unit."""

    name = forms.CharField(label="制度名称", max_length=80, help_text="例如：首问负责制实施办法")
    document_number = forms.CharField(label="文号（可不填）", max_length=40, required=False)
    issued_on = forms.DateField(label="印发日期", widget=DateInput())
    categories = forms.ModelMultipleChoiceField(
        Category.objects.none(),
        label="针对哪些问题（可不选）",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    title = "登记制度"
    submit_label = "登记"
    hints_title = "建章立制"
    hints = (
        "首问负责制、限时办结制、一次性告知制等，一项制度一行。",
        "只登记名称、文号和日期，不用上传全文。",
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = Category.objects.examined().filter(taxonomy__campaign=campaign)
        self.fields["categories"].queryset = rows  # type: ignore[attr-defined]

    def clean_issued_on(self) -> object:
        day = self.cleaned_data["issued_on"]
        if day > timezone.localdate():
            raise ValidationError("印发日期不能晚于今天。")
        return day
