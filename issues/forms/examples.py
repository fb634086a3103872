"""The words of a good example, as the office leaves them."""

from typing import Any

from django import forms

from core.forms import AppForm, LineText, LongText
from issues.models import EXAMPLE_TEXT


class ExampleForm(AppForm):
    """What readers will see; nothing of it names anybody."""

    submit_label = "选作好示例"
    hints_title = "选以前看一遍"
    hints = (
        "人名、单位、地名和号码已经换成某某、某单位、某地、某号码。",
        "程序只认得系统里登记的名字，群众、企业的名字和外号要您自己看。",
        "日期、职务、少见的事也会让人猜到是谁，改得笼统些。",
        "本人会收到消息，不愿意公开的可以直接撤下。问题反弹时，示例自动撤下。",
    )
    title = LineText(label="一句话说清问题", max_length=60)
    before = LongText(4, label="整改前（发生了什么）", max_length=1200)
    why = LongText(3, label="为什么错", max_length=1200)
    how = LongText(3, label="怎么改的", max_length=1400)
    after = LongText(3, label="整改后（改到什么程度）", max_length=1200)
    is_checked = forms.BooleanField(
        label="已核对，看不出是谁",
        error_messages={"required": "请逐栏核对，看不出是谁了再勾选。"},
    )

    def text(self) -> dict[str, Any]:
        """The words that the services save."""
        return {name: self.cleaned_data[name] for name in EXAMPLE_TEXT}


class LessonsForm(forms.Form):
    """Of which category a problem is being written."""

    category = forms.IntegerField(min_value=1, max_value=2**63 - 1)
