"""Beginning a campaign, and moving its stages."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from crispy_forms.layout import Div, Fieldset
from django import forms
from django.core.exceptions import ValidationError

from campaign import schedule
from campaign.choices import StageKind
from campaign.models import Campaign
from campaign.schedule import Window, WrongDates
from core.forms import AppForm, DateInput
from organisation.choices import Role
from organisation.forms.places import AreaField
from organisation.models import User
from organisation.scope import scope_of


class WindowsForm(AppForm):
    """First and last day of each of the four stages; those of an ``ended`` one only to read."""

    ended: Collection[str] = ()

    def __init__(self, *args: Any, windows: Mapping[StageKind, Window], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in schedule.ORDER:
            window = windows[kind]
            for edge, label, day in (("from", "开始", window.start), ("to", "结束", window.end)):
                self.fields[f"{kind}_{edge}"] = forms.DateField(
                    label=label, initial=day, widget=DateInput(), disabled=kind in self.ended
                )

    def stage_layout(self) -> list[object]:
        """One row for each stage."""
        return [
            Fieldset(
                f"{kind.label}（已结束）" if kind in self.ended else kind.label,
                Div(Div(f"{kind}_from"), Div(f"{kind}_to"), css_class="form-row"),
                css_class="section",
            )
            for kind in schedule.ORDER
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            try:
                schedule.check(self.windows)
            except WrongDates as error:
                raise ValidationError(str(error)) from error
        return data

    @property
    def windows(self) -> dict[StageKind, Window]:
        """The dates as given; only of a valid form."""
        data = self.cleaned_data
        return {kind: Window(data[f"{kind}_from"], data[f"{kind}_to"]) for kind in schedule.ORDER}


class BeginForm(WindowsForm):
    """Name, area, organiser and dates of a new campaign."""

    name = forms.CharField(label="名称", max_length=80)
    area = AreaField(label="范围", help_text="这个区划和它下面的单位、村居都在范围内。")
    organiser = forms.CharField(
        label="组织机构", max_length=80, help_text="例如：县干部作风整顿领导小组办公室"
    )
    submit_label = "新建专项行动"
    hints_title = "新建之后"
    hints = (
        "阶段、任务、类别都可以再改；改日期时会先列出哪些任务的期限跟着变。",
        "参与单位先取有主要负责人的单位，可以再增减。",
        "自查自纠贯穿全过程：后面的阶段开始后，问题清单仍然可以填写。",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = self.fields["area"]
        assert isinstance(area, AreaField)
        area.choose_from(scope_of(user).areas([Role.OFFICE], field=""))

    def layout(self) -> list[object]:
        return ["name", "area", "organiser", *self.stage_layout()]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Campaign.objects.filter(name=name).exists():
            raise ValidationError("已经有同名的专项行动，请加上年份等以示区别。")
        return name


class DatesForm(WindowsForm):
    """The stages of a running campaign; ``seen`` carries the dates that were shown."""

    seen = forms.CharField(widget=forms.HiddenInput)
    submit_label = "看看哪些期限会变"
    hints_title = "改日期时"
    hints = (
        "四个阶段首尾相接，不留空档，也不重叠。",
        "先预览：列出每一项跟着改变的任务期限，确认后才保存。",
        "已经结束的阶段不能再改日期。",
    )

    def __init__(
        self,
        *args: Any,
        windows: Mapping[StageKind, Window],
        ended: Collection[str],
        **kwargs: Any,
    ) -> None:
        self.ended = ended
        super().__init__(*args, windows=windows, **kwargs)
        self.fields["seen"].initial = written(windows)

    def layout(self) -> list[object]:
        return [*self.stage_layout(), "seen"]

    @property
    def seen_windows(self) -> dict[StageKind, Window]:
        """The dates that the form was made with; empty when somebody has changed the text."""
        return read(self.cleaned_data["seen"])

    @property
    def previewed(self) -> str:
        """The new dates as the preview shows them; what is confirmed must be these."""
        return written(self.windows)


def written(windows: Mapping[StageKind, Window]) -> str:
    """The dates in one line."""
    return " ".join(f"{windows[kind].start}..{windows[kind].end}" for kind in schedule.ORDER)


def read(text: str) -> dict[StageKind, Window]:
    """The dates of such a line; empty when it is none."""
    try:
        pairs = [part.split("..") for part in text.split()]
        days = [Window(date.fromisoformat(start), date.fromisoformat(end)) for start, end in pairs]
        return dict(zip(schedule.ORDER, days, strict=True))
    except ValueError:
        return {}
