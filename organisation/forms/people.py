"""Forms on people: a new one, corrections, posts, moves, leaving."""

from typing import Any

from django import forms
from django.utils import timezone

from core.forms import AppForm, DateInput
from core.phones import parse_phone
from organisation.choices import ROSTER_KEEPERS, Tier
from organisation.forms.places import UnitField
from organisation.models import Posting, Unit, User
from organisation.queries.people import POWERS
from organisation.roster.people import GOOD_LOGIN
from organisation.scope import scope_of


class _Person(AppForm):
    name = forms.CharField(label="姓名", max_length=40)
    phone = forms.CharField(
        label="手机",
        max_length=20,
        required=False,
        help_text="加密保存，页面上只显示前三位和后四位。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"]
        try:
            return parse_phone(text) if text else ""
        except ValueError as error:
            raise forms.ValidationError(f"{error}。") from error


class _Post(AppForm):
    position = forms.CharField(label="职务", max_length=40)
    tier = forms.ChoiceField(label="人员类别", choices=Tier, initial=Tier.ORDINARY)
    powers = forms.MultipleChoiceField(
        label="手中权力",
        choices=list(POWERS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="有任何一项的，人员类别要选关键岗位干部或领导班子。",
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("powers") and found.get("tier") == Tier.ORDINARY:
            self.add_error("tier", "有审批权、执法权或资金分配权的，请选关键岗位干部或领导班子。")
        return found

    @property
    def post(self) -> dict[str, Any]:
        """What the services take of it."""
        found = self.cleaned_data
        return {
            "position": found["position"],
            "tier": Tier(found["tier"]),
            "powers": found["powers"],
        }


def _day(label: str, help_text: str = "") -> forms.DateField:
    return forms.DateField(
        label=label, initial=timezone.localdate, widget=DateInput(), help_text=help_text
    )


def kept_units(user: User) -> Any:
    """The open units whose roster the person keeps."""
    return Unit.objects.filter(scope_of(user).units(ROSTER_KEEPERS, field=""), closed_on=None)


class NewPersonForm(_Person, _Post):
    """Somebody who is not in the roster yet."""

    submit_label = "登记"
    hints_title = "登记以后"
    hints = (
        "有本单位的干部权限；联络员、负责人等其他角色另行授权。",
        "页面给出一个初始密码，只显示一次，请打印或抄下，当面交给本人。",
        "本人第一次登录时要换成自己的密码。",
        "一次登记很多人的，在人员名册里用「导入」更快。",
    )
    username = forms.CharField(
        label="登录名",
        max_length=40,
        help_text="2 到 40 位字母、数字和 . _ - @，可用姓名拼音或工号。大小写不同也算相同。",
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    unit = UnitField(label="单位")
    since = _day("任职日期")
    field_order = ("name", "username", "phone", "unit", "position", "tier", "powers", "since")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.choose_from(kept_units(user))

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"]
        if not GOOD_LOGIN.fullmatch(name):
            raise forms.ValidationError(
                "登录名要有 2 到 40 位，只用字母、数字和 . _ - @，以字母或数字开头。"
            )
        return name


class PersonForm(_Person):
    """Name and telephone number; the present number is not shown, and stays when left empty."""

    hints = (
        "登录名登记后不能改。",
        "手机加密保存；查看完整号码要填原因，并记入审计。",
        "职务、人员类别和手中权力，在「修改任职」里改。",
    )
    forget_phone = forms.BooleanField(label="删除已登记的手机", required=False)

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, initial={"name": person.name}, **kwargs)
        if person.phone:
            self.fields["phone"].label = f"新手机（现为 {person.phone}）"
            self.fields["phone"].help_text = "不填则保持不变。加密保存，平时只显示前三后四位。"
        else:
            del self.fields["forget_phone"]

    @property
    def new_phone(self) -> str | None:
        if self.cleaned_data.get("forget_phone"):
            return ""
        return self.cleaned_data["phone"] or None


class PostingForm(_Post):
    """Another position, tier or powers in the same unit."""

    hints = (
        "单位没有变，职务、人员类别或手中权力变了，在这里办理。",
        "换单位的用「调动」；退休、调出或辞职的用「离任」。",
        "系统里的权限不随职务变动，需要的另行授权或收回。",
    )
    on = _day("变动日期", "与现任职同一天的，直接改正；以后的日期，原任职留作经历。")

    def __init__(self, *args: Any, posting: Posting, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(posting), **kwargs)


class MoveForm(_Post):
    """Another unit."""

    submit_label = "确定调动"
    unit = UnitField(label="调入单位")
    on = _day("调动日期")
    field_order = ("unit", "position", "tier", "powers", "on")

    def __init__(self, *args: Any, user: User, posting: Posting, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(posting), **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        kept = kept_units(user)
        unit.choose_from(kept, shown=kept.exclude(pk=posting.unit_id))


class ReturnForm(_Post):
    """Somebody who had left comes back; ``last`` is what he did before."""

    submit_label = "确定返岗"
    unit = UnitField(label="单位")
    on = _day("返岗日期")
    field_order = ("unit", "position", "tier", "powers", "on")

    def __init__(self, *args: Any, user: User, last: Posting | None, **kwargs: Any) -> None:
        units = kept_units(user)
        initial = {}
        if last:
            initial["position"] = last.position
            if units.filter(pk=last.unit_id).exists():
                initial["unit"] = last.unit.name
        super().__init__(*args, initial=initial, **kwargs)
        unit = self.fields["unit"]
        assert isinstance(unit, UnitField)
        unit.choose_from(units)


class RetireForm(AppForm):
    """The last day."""

    submit_label = "确定离任"
    on = _day("离任日期", "任职到这一天为止。")


class RevealForm(forms.Form):
    """Why a number is looked at; the reason goes into the audit trail."""

    reason = forms.CharField(
        label="查看原因",
        min_length=4,
        max_length=100,
        error_messages={
            "min_length": "请写明查看原因，至少 4 个字。",
            "required": "请写明查看原因，至少 4 个字。",
        },
    )


def _initial(posting: Posting) -> dict[str, object]:
    powers = [name for name in POWERS if getattr(posting, name)]
    return {"position": posting.position, "tier": posting.tier, "powers": powers}
