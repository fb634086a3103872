"""Forms on units."""

from typing import Any, ClassVar

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

    hints: ClassVar[tuple[str, ...]] = (
        "改名后，以前的任职和办过的事也显示新名称。",
        "导入花名册和单位时用编号对应；改了编号，请告诉填表的人。",
        "换上级单位的用「移动」；机构不再保留的用「撤销」。",
    )
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
    hints = (
        "先建上级单位，再建下级单位。",
        "建议填写编号：导入花名册和单位时用它对应。",
        "所属区划决定这个单位由哪一级作风办管理。",
        "一次新建很多的，在单位页面用「导入」更快。",
    )
    parent = UnitField(label="上级单位", required=False, help_text="没有上级的不填。")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        parent = self.fields["parent"]
        assert isinstance(parent, UnitField)
        parent.choose_from(kept_units(user))


class MoveUnitForm(AppForm):
    """Another place in the tree."""

    submit_label = "确定移动"
    hints_title = "移动以后"
    hints = (
        "下级单位随同移动；人员、任职和办过的事都不变。",
        "按上级单位授的权限随位置变化：新上级的人能看到，原上级的人不再看到。",
    )
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
    hints_title = "撤销以前"
    hints = (
        "下级单位要先撤销或移走。",
        "还在任的人要先办理调动或离任。",
        "撤销后不能再登记人员、授权；以前的记录都保留。",
    )
    on = forms.DateField(label="撤销日期", initial=timezone.localdate, widget=DateInput())
