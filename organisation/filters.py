"""The filter bars of the roster and of the units."""

from django import forms

from organisation.choices import Role, Tier
from organisation.queries.people import ALL, DISABLED, IN_USE, INITIAL, POWERS, Criteria

STATES = {
    IN_USE: "在用账号",
    INITIAL: "未改初始密码",
    DISABLED: "已停用",
    ALL: "全部账号",
}


def _choice(every: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
    return forms.ChoiceField(choices=[("", every), *choices], required=False)


def _search(placeholder: str) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder}
    return forms.CharField(max_length=80, required=False, widget=forms.TextInput(attrs=attrs))


class RosterFilter(forms.Form):
    """By name, login name or whole telephone number, by unit, tier, power, role, account."""

    words = _search("姓名、登录名，或完整手机号")
    unit = _search("单位名称")
    under = forms.CharField(max_length=18, required=False, widget=forms.HiddenInput)
    tier = _choice("全部类别", list(Tier.choices))
    power = _choice("全部权力", list(POWERS.items()))
    role = _choice("全部角色", list(Role.choices))
    state = forms.ChoiceField(choices=list(STATES.items()), required=False)

    def __init__(self, *args: object, business: bool, **kwargs: object) -> None:
        """Without ``business`` only what is account data."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        if not business:
            del self.fields["tier"], self.fields["power"]

    @property
    def criteria(self) -> Criteria:
        """What is right of it; a value that is no choice narrows nothing."""
        self.is_valid()
        return Criteria.read(self.cleaned_data)


class UnitFilter(forms.Form):
    """By name or code; the closed ones too."""

    words = _search("单位名称、编号")
    closed = forms.BooleanField(required=False)

    @property
    def chosen(self) -> dict[str, object]:
        self.is_valid()
        return {
            "words": self.cleaned_data.get("words", ""),
            "closed": bool(self.cleaned_data.get("closed")),
        }
