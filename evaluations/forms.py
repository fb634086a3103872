"""Forms of the ratings: the office's preparation, the rater's code and ballot."""

from typing import Any

from crispy_forms.layout import HTML, Column, Fieldset, Row
from django import forms
from django.core.exceptions import ValidationError

from core.forms import AppForm
from evaluations.choices import Dimension, Grade, RaterGroup
from evaluations.queries import ratable_units
from evaluations.scoring import SMALLEST_MINIMUM, weight_faults
from evaluations.services import DEFAULT_WEIGHTS, MOST_CODES
from organisation.models import Unit, User

WEIGHTS_HINT = (
    '<p class="section-hint">三项之和为 100%，服务对象的权重必须最大（「最重要的是服务对象评」）。'
    "评议开始后不能再改。</p>"
)


def _weight(group: RaterGroup) -> forms.IntegerField:
    return forms.IntegerField(
        label=f"{group.label}（%）", min_value=1, max_value=99, initial=DEFAULT_WEIGHTS[group]
    )


class GroupsForm(AppForm):
    """Weights of the three groups and the fewest ballots that make a result."""

    superior = _weight(RaterGroup.SUPERIOR)
    peer = _weight(RaterGroup.PEER)
    served = _weight(RaterGroup.SERVED)
    minimum = forms.IntegerField(
        label="最少份数",
        min_value=SMALLEST_MINIMUM,
        max_value=1000,
        initial=SMALLEST_MINIMUM,
        help_text=f"某一主体的有效评议少于这个数时，不公布它的结果，也不合成总分；"
        f"不能小于 {SMALLEST_MINIMUM}，以免看出是谁评的。",
    )

    def layout(self) -> list[object]:
        columns = [Column(group.value, css_class="col-sm-4") for group in RaterGroup]
        hint = HTML(WEIGHTS_HINT)
        return [
            Fieldset("三个评议主体的权重", hint, Row(*columns), css_class="section"),
            Fieldset("样本", "minimum", css_class="section"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if all(data.get(group.value) is not None for group in RaterGroup):
            faults = weight_faults(self.weights(), heaviest=RaterGroup.SERVED)
            if faults:
                raise ValidationError(faults)
        return data

    def weights(self) -> dict[RaterGroup, int]:
        return {group: self.cleaned_data[group.value] for group in RaterGroup}


class RoundForm(GroupsForm):
    """A new round on one unit of the office's scope."""

    submit_label = "创建评议"
    unit = forms.ModelChoiceField(Unit.objects.none(), label="被评单位", empty_label="请选择")
    title = forms.CharField(
        label="名称", max_length=60, help_text="会印在评议纸条上。例：2026 年第三季度评议。"
    )
    field_order = ["unit", "title"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = ratable_units(user)  # type: ignore[attr-defined]

    def layout(self) -> list[object]:
        return [Fieldset("评谁", "unit", "title", css_class="section"), *super().layout()]


class CodesForm(forms.Form):
    """How many codes to print for one group."""

    number = forms.IntegerField(
        label="数量",
        min_value=1,
        max_value=MOST_CODES,
        error_messages={
            "required": "请填写要打印几个评议码。",
            "invalid": "数量要填整数。",
            "min_value": "至少打印 1 个。",
            "max_value": f"一次最多打印 {MOST_CODES} 个，多的请分几次打印。",
        },
    )


class CodeForm(forms.Form):
    """The code from a slip, scanned or typed in any spacing and case."""

    code = forms.CharField(
        label="评议码",
        max_length=80,
        error_messages={"required": "请输入纸条上的评议码。", "max_length": "这不像是评议码。"},
    )


class BallotForm(forms.Form):
    """One answer for each of the two dimensions; the code goes along unseen."""

    code = forms.CharField(max_length=80, widget=forms.HiddenInput)
    rectification = forms.TypedChoiceField(
        label="问题整改",
        help_text="反映的问题，有没有真正解决？",
        choices=Grade.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请为「问题整改」选一项；不清楚可以选「不了解」。"},
    )
    style = forms.TypedChoiceField(
        label="作风转变",
        help_text="办事的态度、效率和担当，有没有变好？",
        choices=Grade.choices,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "请为「作风转变」选一项；不清楚可以选「不了解」。"},
    )

    def grades(self) -> dict[Dimension, Grade]:
        return {dimension: Grade(self.cleaned_data[dimension.value]) for dimension in Dimension}
