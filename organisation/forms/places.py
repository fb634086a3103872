"""Choosing a unit by its name and an area from a list."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from organisation.choices import AreaLevel
from organisation.models import Area, Unit

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
    """A unit by its whole name; only units of the queryset are known."""

    widget = NameInput

    def __init__(self, *, label: str, required: bool = True, help_text: str = "") -> None:
        super().__init__(label=label, required=required, help_text=help_text, max_length=80)
        self.units: QuerySet[Unit] = Unit.objects.none()
        self.widget.attrs["autocomplete"] = "off"
        self.widget.attrs["placeholder"] = "输入几个字，从列表里选"

    def choose_from(self, units: QuerySet[Unit], shown: QuerySet[Unit] | None = None) -> None:
        """``shown``: fewer in the list, where a service says best what is wrong with the rest."""
        self.units = units
        listed = units if shown is None else shown
        assert isinstance(self.widget, NameInput)
        self.widget.names = listed.order_by("name").values_list("name", flat=True)

    def clean(self, value: Any) -> Unit | None:
        name = super().clean(value)
        if not name:
            return None
        unit = self.units.select_related("area").filter(name=name).first()
        if unit is None:
            raise forms.ValidationError(f"您的范围里没有在用的单位「{name}」，请从列表里选。")
        return unit


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
