"""Choosing a unit by its name and an area from a list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from organisation.choices import AreaLevel
from organisation.models import Area, Unit

NAMED = 8  # units that a part of a name may mean, in the message
UNIT_LEVELS = (AreaLevel.CITY, AreaLevel.COUNTY, AreaLevel.TOWNSHIP)


class NameInput(forms.TextInput):
    """A text with the known names beside it: typing two signs of one finds it, on a phone too."""

    names: Iterable[str] = ()

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        list_id = f"{(attrs or {}).get('id', name)}_names"
        field = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        options = format_html_join("", '<option value="{}"></option>', ((n,) for n in self.names))
        return format_html('{}<datalist id="{}">{}</datalist>', field, list_id, options)


class UnitField(forms.CharField):
    """A unit by its whole name; only units of the queryset are known.

    With ``by_part`` a part of the name is enough, where only one of those listed has it.
    """

    widget = NameInput

    def __init__(
        self, *, label: str, required: bool = True, help_text: str = "", by_part: bool = False
    ) -> None:
        super().__init__(label=label, required=required, help_text=help_text, max_length=80)
        self.by_part = by_part
        self.units: QuerySet[Unit] = Unit.objects.none()
        self.listed: QuerySet[Unit] = self.units
        self.widget.attrs["autocomplete"] = "off"
        self.widget.attrs["placeholder"] = "输入几个字，从列表里选"

    def choose_from(self, units: QuerySet[Unit], shown: QuerySet[Unit] | None = None) -> None:
        """``shown``: fewer in the list, where a service says best what is wrong with the rest."""
        self.units = units
        self.listed = units if shown is None else shown
        assert isinstance(self.widget, NameInput)
        self.widget.names = self.listed.order_by("name").values_list("name", flat=True)

    def clean(self, value: Any) -> Unit | None:
        name = super().clean(value)
        if not name:
            return None
        unit = self.units.select_related("area").filter(name=name).first()
        if unit is None and self.by_part:
            unit = _with_part(self.listed, name) or _with_part(self.units, name)
        if unit is None:
            raise forms.ValidationError(f"您的范围里没有在用的单位「{name}」，请从列表里选。")
        return unit


def _with_part(units: QuerySet[Unit], part: str) -> Unit | None:
    """The only one that has it in its name; raises ValidationError when there are several."""
    having = units.filter(name__icontains=part).select_related("area")
    found = list(having.order_by("name")[: NAMED + 1])
    if len(found) < 2:
        return found[0] if found else None
    names = "、".join(unit.name for unit in found[:NAMED])
    more = "等" if len(found) > NAMED else ""
    raise forms.ValidationError(
        f"名称里有「{part}」的不止一个单位：{names}{more}。请写全名称，或从列表里选。"
    )


class AreaField(forms.ModelChoiceField):
    """A city, county or township, indented by its level."""

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        super().__init__(
            Area.objects.none(),
            label=label,
            required=required,
            help_text=help_text,
            empty_label="请选择",
        )

    def choose_from(self, scope: Q, besides: Area | None = None) -> None:
        upper = Q(level__in=UNIT_LEVELS) & scope
        if besides:
            upper |= Q(pk=besides.pk)
        self.queryset = Area.objects.filter(upper).order_by("code")

    def label_from_instance(self, obj: Any) -> str:
        return f"{'　' * list(AreaLevel.values).index(obj.level)}{obj.name}"
