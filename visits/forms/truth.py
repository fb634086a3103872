"""A draw of visits for call-backs, and what the visited person says."""

import uuid
from typing import Any

from crispy_forms.bootstrap import InlineRadios
from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core.forms import AppForm, DateInput, LineText
from organisation.models import Area
from visits.choices import CheckResult
from visits.services.truth_draws import FLAGGED_TIMES


class DrawForm(AppForm):
    """Where, which days and how large a share; the seed is not for a person to choose."""

    submit_label = "抽取"

    area = forms.ModelChoiceField(
        Area.objects.none(), label="区域", empty_label=None, to_field_name="code"
    )
    first_day = forms.DateField(label="走访日期从", widget=DateInput())
    last_day = forms.DateField(label="到", widget=DateInput())
    percent = forms.IntegerField(
        label="抽取比例（%）",
        min_value=1,
        max_value=100,
        initial=2,
        help_text=f"有提示的和补录的走访按 {FLAGGED_TIMES} 倍的比例抽，最多全部抽中。",
    )
    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, campaign: Campaign, areas: QuerySet[Area], **kwargs: Any
    ) -> None:
        today = timezone.localdate()
        kwargs["initial"] = {
            "first_day": campaign.starts_on,
            "last_day": min(today, campaign.ends_on),
            "token": uuid.uuid4(),
        }
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = areas  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and first > last:
            self.add_error("last_day", "结束日期不能早于开始日期。")
        return data


class CheckForm(AppForm):
    """What the visited person says."""

    submit_label = "保存核实结果"

    result = forms.ChoiceField(label="核实结果", choices=CheckResult, widget=forms.RadioSelect)
    note = LineText(
        label="说明（不符的必填）",
        required=False,
        max_length=200,
        help_text="哪里不符、群众怎么说的。不要写电话和住址。",
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=32767)

    def layout(self) -> list[object]:
        return [InlineRadios("result"), "note", "seen"]

    def check_result(self) -> dict[str, Any]:
        """The arguments of ``services.record_check``."""
        return self.cleaned_data | {"result": CheckResult(self.cleaned_data["result"])}
