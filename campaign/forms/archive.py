"""Archiving: the name of the campaign typed, so that nobody does it by a slip."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaign.models import Campaign
from core.forms import AppForm


class ArchiveForm(AppForm):
    """The name once more, as it stands above."""

    name = forms.CharField(
        label="请输入专项行动的名称",
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    submit_label = "归档，不能恢复"
    hints_title = "归档之前"
    hints = (
        "归档不能撤销，软件里没有办法找回删除的内容。",
        "内容多的要几十秒，期间别人暂时不能登记，请在下班以后办理。",
        "按规定要移交档案部门的材料，请先导出或打印。",
        "审计记录只增不删：谁在什么时候办了什么仍然查得到，其中没有走访和问题的正文，也没有电话和住址。",
        "以前的数据库备份里还有这些内容，到期请一并销毁。",
    )

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.campaign = campaign

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if name != self.campaign.name:
            raise ValidationError(f"和名称不一样。请照着输入：{self.campaign.name}")
        return name
