"""Forms on units."""

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import AppForm, DateInput
from organisation.choices import Role, UnitKind
from organisation.forms.places import AreaField, UnitField
from organisation.models import Unit, User
from organisation.scope import scope_of


def kept_units(user: User) -> Any:
    """The open units of the person's area."""
    return Unit.objects.filter(scope_of(user).units([Role.OFFICE], field=""), closed_on=None)


class UnitForm(AppForm):
    """A unit's own data."""

    name = forms.CharField(label="单位名称", max_length=80, help_text="全称，不与别的单位相同。")
    code = forms.CharField(
        label="单位编号", max_length=20, required=False, help_text="没有可以不填；填了不能重复。"
    )
    kind = forms.ChoiceField(label="类别", choices=UnitKind)
    area = AreaField(label="所属区划")

    def __init__(self, *args: Any, user: User, unit: Unit | None = None, **kwargs: Any) -> None:
        if unit:
            names = ("name", "code", "kind", "area")
            kwargs["initial"] = {name: getattr(unit, name) for name in names}
        super().__init__(*args, **kwargs)
        area = self.fields["area"]
        assert isinstance(area, AreaField)
        area.choose_from(scope_of(user).areas([Role.OFFICE], field=""), unit.area if unit else None)

    @property
    def data_of_unit(self) -> dict[str, Any]:
        """What the services take of it."""
        found = self.cleaned_data
        return {key: found[key] for key in ("name", "code", "area")} | {
            "kind": UnitKind(found["kind"])
        }


class NewUnitForm(UnitForm):
    """A unit that is not in the tree yet."""

    submit_label = "新建单位"
    parent = UnitField(label="上级单位", required=False, help_text="没有上级的不填。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, UnitField)
        parent.choose_from(kept_units(user))


class MoveUnitForm(AppForm):
    """Another place in the tree."""

    submit_label = "确定移动"
    parent = UnitField(
        label="新的上级单位", required=False, help_text="留空则作为最上级单位。下级单位随同移动。"
    )

    def __init__(self, *args: Any, user: User, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, UnitField)
        kept = kept_units(user)
        parent.choose_from(kept, shown=kept.exclude(path__under=unit.path))


class CloseUnitForm(AppForm):
    """The day from which it is no more."""

    submit_label = "确定撤销"
    on = forms.DateField(label="撤销日期", initial=timezone.localdate, widget=DateInput())
