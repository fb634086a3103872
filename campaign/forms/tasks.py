"""Tasks: what they are, and that they are done."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaign.choices import GROUPS, Audience, DueFrom, Watch
from campaign.models import StageTask
from core.files import CheckedFile, check_upload
from core.forms import AppForm, DateInput

# What can be watched of whom; the rest makes no sense.
WATCHED: dict[str, frozenset[str]] = {
    Watch.TOLD: frozenset(Audience.values),
    Watch.FILE: frozenset(Audience.values),
    Watch.MOBILISED: frozenset({Audience.UNITS}),
    Watch.STUDIED: frozenset({Audience.UNITS}),
    Watch.OWN_LIST: GROUPS,
    Watch.CADRE_LISTS: frozenset({Audience.UNITS}),
    Watch.UNIT_LIST: frozenset({Audience.UNITS}),
    Watch.COVERAGE: frozenset({Audience.UNITS, Audience.OFFICE}),
    Watch.ROUND_CLOSED: frozenset({Audience.UNITS}),
    Watch.INSTITUTION: frozenset({Audience.UNITS}),
}


class TaskForm(AppForm):
    """One task of a stage."""

    title = forms.CharField(label="任务", max_length=60)
    audience = forms.ChoiceField(label="谁来办", choices=Audience)
    deliverable = forms.CharField(label="成果", max_length=100, help_text="办完后能看到什么")
    watch = forms.ChoiceField(label="怎样算完成", choices=Watch)
    threshold = forms.IntegerField(
        label="要求（%）",
        min_value=1,
        max_value=100,
        initial=100,
        help_text="覆盖率、清单比例达到多少算完成；其他任务不用管它。",
    )
    due_from = forms.ChoiceField(label="期限从哪天算起", choices=DueFrom, initial=DueFrom.STAGE_END)
    due_days = forms.IntegerField(
        label="之后几个工作日", min_value=0, max_value=250, initial=0, help_text="0 就是当天"
    )
    due_date = forms.DateField(
        label="指定日期",
        required=False,
        help_text="期限是指定日期时填写",
        widget=DateInput(),
    )
    hints_title = "少布置，看得见"
    hints = (
        "系统能看见的（清单备案、走访覆盖、评议结束等）会自动完成，不用任何人再报。",
        "其余的只报一次：填一句话，或传一份文件。",
        "期限按工作日算，节假日和调休自动避开；日历或阶段日期改了，期限跟着改。",
    )

    def __init__(self, *args: Any, task: StageTask | None = None, **kwargs: Any) -> None:
        initial = {name: getattr(task, name) for name in self.base_fields} if task else {}
        super().__init__(*args, initial=initial, **kwargs)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        audience, watch = data.get("audience"), data.get("watch")
        if audience and watch and audience not in WATCHED[watch]:
            label = Watch(watch).label
            self.add_error("watch", f"「{label}」不适用于{Audience(audience).label}，请另选。")
        self._check_date(data)
        return data

    def _check_date(self, data: dict[str, Any]) -> None:
        if data.get("due_from") == DueFrom.DATE:
            data["due_days"] = 0
            if not data.get("due_date") and "due_date" not in self.errors:
                self.add_error("due_date", "请选一个日期。")
        else:
            data["due_date"] = None


class TellForm(AppForm):
    """A task is done: a sentence, a file, or both."""

    note = forms.CharField(label="一句话说明", max_length=300, required=False)
    file = forms.FileField(label="文件", required=False)
    submit_label = "报告完成"
    hints_title = "写一句话，或传一份文件"
    hints = (
        "两样有一样就行，已有的材料直接传，不用为此另写。",
        "文件收图片、PDF、Word 和 Excel；图片里的拍摄地点等信息会去掉。",
        "报错了可以撤回，在这个阶段结束以前都能重新报告。",
    )

    def clean_file(self) -> CheckedFile | None:
        upload = self.cleaned_data.get("file")
        return check_upload(upload) if upload else None

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("note") and not data.get("file"):
            raise ValidationError("请写一句话，或上传一份文件。")
        return data


class ReasonForm(AppForm):
    """Why a stage ends with open tasks, or goes on again."""

    reason = forms.CharField(label="原因", max_length=200, required=False)
