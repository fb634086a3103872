"""Handing an item to another person of its unit."""

from typing import Any, cast

from django import forms

from core.forms import AppForm, LineText
from issues.forms.lists import PersonField
from issues.models import Issue
from issues.queries.hand_overs import successors
from organisation.models import User


class HandOverForm(AppForm):
    """To whom, and why; ``seen`` is how many hand-overs the page showed."""

    submit_label = "变更整改责任人"
    seen = forms.IntegerField(min_value=0, max_value=10_000, widget=forms.HiddenInput)
    to_person = PersonField(
        User.objects.none(),
        label="新的整改责任人",
        empty_label="请选择",
        help_text="本单位现在在岗的人。变更后由他上传佐证、申请销号；他以后不能再审签这个问题。",
        error_messages={
            "required": "请选择新的整改责任人。",
            "invalid_choice": "请选择本单位现在在岗的另一个人。",
        },
    )
    reason = LineText(
        label="变更的原因",
        max_length=200,
        help_text="例如：原责任人已离任、调走或者长期病休。",
        error_messages={"required": "请写明变更的原因。"},
    )

    def __init__(self, *args: Any, issue: Issue, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ModelChoiceField, self.fields["to_person"])
        choice.queryset = successors(issue)
