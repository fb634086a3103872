"""The form of a new right."""

from datetime import date
from typing import Any

from django import forms
from django.utils import timezone

from core.forms import AppForm, DateInput
from organisation.choices import UNIT_ROLES, Role
from organisation.forms.places import AreaField, UnitField
from organisation.models import Unit, User
from organisation.scope import scope_of


class GrantForm(AppForm):
    """A role over a unit or over an area; the office sees only those held over a unit."""

    submit_label = "授权"
    hints_title = "怎样授权"
    hints = (
        "权限及于所选的单位或区划，连同它的下级。",
        "三类管理员不能兼任，也不能再有业务角色。",
        "本人下一次打开页面时生效；收回时立即退出登录。",
        "谁授权、给谁、什么范围，都记入审计。",
    )
    role = forms.ChoiceField(label="角色")
    unit = UnitField(
        label="单位", required=False, help_text="干部、联络员、单位主要负责人、班子成员填单位。"
    )
    area = AreaField(label="区划", required=False, help_text="其余角色选区划。")
    since = forms.DateField(label="开始日期", initial=timezone.localdate, widget=DateInput())
    until = forms.DateField(
        label="截止日期", required=False, widget=DateInput(), help_text="长期有效的不填。"
    )

    def __init__(self, *args: Any, user: User, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = scope_of(user)
        every = scope.has(Role.SECURITY_ADMIN)
        roles = [role for role in Role if every or role in UNIT_ROLES]
        choice = self.fields["role"]
        unit = self.fields["unit"]
        area = self.fields["area"]
        assert isinstance(choice, forms.ChoiceField)
        assert isinstance(unit, UnitField)
        assert isinstance(area, AreaField)
        choice.choices = [("", "请选择"), *((role.value, role.label) for role in roles)]
        unit.initial = person.unit.name if person.unit else ""
        givers = (Role.SECURITY_ADMIN, Role.OFFICE)
        unit.choose_from(Unit.objects.filter(scope.units(givers, field=""), closed_on=None))
        if every:
            area.choose_from(scope.areas([Role.SECURITY_ADMIN], field=""))
        else:
            del self.fields["area"]
            unit.required = True

    def clean_since(self) -> date:
        """Nobody gets a right for days that are over."""
        since: date = self.cleaned_data["since"]
        if since < timezone.localdate():
            raise forms.ValidationError("权限不能从过去的日期开始，请填今天或以后的日期。")
        return since

    def clean(self) -> dict[str, Any]:
        """The place that the role is held over is asked for, the other one is put aside."""
        found = super().clean() or self.cleaned_data
        role = found.get("role")
        if not role:
            return found
        wanted, other = ("unit", "area") if role in UNIT_ROLES else ("area", "unit")
        found[other] = None
        if not found.get(wanted) and wanted not in self.errors:
            kind = "单位" if wanted == "unit" else "区划"
            self.add_error(wanted, f"{Role(role).label}的权限要落在一个{kind}上，请填写。")
        return found
