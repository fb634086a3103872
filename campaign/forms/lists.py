"""The rows of a list, and the units that take part."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.layout import Div
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from campaign.models import Campaign, Category, Taxonomy
from campaign.services.lists import Row
from core.forms import AppForm
from organisation.forms.places import UnitField
from organisation.models import Unit

FRESH = 3  # empty rows at the end
NAME_LENGTH = Category._meta.get_field("name").max_length
GLOSS_LENGTH = Category._meta.get_field("gloss").max_length
ASPECT_LENGTH = Category._meta.get_field("aspect").max_length


class ListForm(AppForm):
    """All rows of one list at once; an emptied one goes, the empty ones at the end are new.

    Aspects are asked for where the list has them.
    """

    hints_title = "改清单"
    hints = (
        "要删一行，把它的名称和说明都清空再保存；只清空名称的不会删。",
        "行数多的，用「上传清单」一次传上来。",
        f"最后 {FRESH} 个空行用来新增；不够的，保存后再打开又有 {FRESH} 行。",
        "标着「示例」的行，请换成正式文件的条文；改过就不再是示例。",
        "已有问题使用的行不能删除，可以改名。",
    )

    def __init__(self, *args: Any, taxonomy: Taxonomy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows: Sequence[Category] = list(taxonomy.categories.all())
        self.has_aspects = any(row.aspect for row in self.rows)
        for row in self.rows:
            self._add(str(row.pk), row)
        for number in range(1, FRESH + 1):
            self._add(f"new{number}", Category())

    def _add(self, key: str, row: Category) -> None:
        if self.has_aspects:
            self.fields[f"aspect_{key}"] = forms.CharField(
                label="方面", initial=row.aspect, max_length=ASPECT_LENGTH, required=False
            )
        self.fields[f"name_{key}"] = forms.CharField(
            label="名称（示例）" if row.is_example else "名称",
            initial=row.name,
            max_length=NAME_LENGTH,
            required=False,
        )
        self.fields[f"gloss_{key}"] = forms.CharField(
            label="说明", initial=row.gloss, max_length=GLOSS_LENGTH, required=False
        )

    @property
    def _keys(self) -> list[str]:
        return [name.removeprefix("name_") for name in self.fields if name.startswith("name_")]

    def layout(self) -> list[object]:
        names = ("aspect", "name", "gloss") if self.has_aspects else ("name", "gloss")
        return [
            Div(*(Div(f"{name}_{key}") for name in names), css_class="form-row")
            for key in self._keys
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for key in self._keys:
            if data.get(f"gloss_{key}") and not data.get(f"name_{key}"):
                self.add_error(f"name_{key}", "有说明没有名称：请写名称，或把说明也清空。")
        return data

    @property
    def wanted(self) -> list[Row]:
        """The rows as they shall be; only of a valid form."""
        data = self.cleaned_data
        return [
            Row(
                int(key) if key.isdecimal() else None,
                name,
                data[f"gloss_{key}"],
                data.get(f"aspect_{key}", ""),
            )
            for key in self._keys
            if (name := data[f"name_{key}"])
        ]


class JoinForm(AppForm):
    """One more unit that takes part."""

    unit = UnitField(label="单位", by_part=True)
    reason = forms.CharField(label="加入的原因", max_length=100)
    submit_label = "加入"

    def __init__(self, *args: Any, campaign: Campaign, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        known = Unit.objects.filter(area__path__under=campaign.area.path, closed_on=None)
        if campaign.starts_on > timezone.localdate():
            del self.fields["reason"]  # nothing is counted yet
        joined = campaign.participants.filter(left_on=None)
        unit.choose_from(known, known.exclude(pk__in=joined.values("unit")))


class LeaveForm(AppForm):
    """Why a unit leaves."""

    reason = forms.CharField(label="原因", max_length=100)

    def clean_reason(self) -> str:
        reason: str = self.cleaned_data["reason"].strip()
        if not reason:
            raise ValidationError("请写明退出的原因。")
        return reason
