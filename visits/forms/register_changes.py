"""The forms of what happens to the register: each says what it does, and asks why."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.forms import AppForm, LineText
from core.phones import parse_phone
from core.workbook import clean_text
from organisation.choices import AreaLevel
from organisation.models import Area
from organisation.scope import scope_of
from visits.choices import EnterpriseStatus, Locality, Size, TargetKind
from visits.models import REASON_LENGTH, Target
from visits.queries.denominator import last_change
from visits.register.fields import MAX_MEMBERS, NAME_OF
from visits.rules import KEEPERS
from visits.services import NewHousehold
from visits.services.changes import CORRECTABLE, LONGEST_ADDRESS, LONGEST_NAME

LONGEST_CODE = 24
NONE, CLEARED = "无", ("phone", "address")
UNCHANGED = "现有的不显示；留空不改，要删去填「无」。"


def typed() -> forms.TextInput:
    """For what is personal: the browser offers nothing that was typed before."""
    return forms.TextInput(attrs={"autocomplete": "off"})


def reason_field(*, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label="原因" if required else "说明（第一次核定可不填）",
        max_length=REASON_LENGTH,
        required=required,
        help_text="写明依据，例如哪份文件、哪次核查。不要写个人的姓名、电话和住址。",
        error_messages={"required": "请写明原因。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ChangeForm(AppForm):
    """A change of one entry; ``arguments`` are those of its service."""

    title = ""
    told = ""

    reason = reason_field()
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, target: Target, keeper: Any, **kwargs: Any) -> None:
        seen = {"seen": last_change(target)}
        super().__init__(*args, initial=seen | self.known(target), **kwargs)
        self.target = target
        self.keeper = keeper

    @staticmethod
    def known(target: Target) -> dict[str, object]:
        return {}

    def layout(self) -> list[object]:
        return [*(name for name in self.fields if name not in {"reason", "seen"}), "reason", "seen"]

    def arguments(self) -> dict[str, Any]:
        return {"reason": self.cleaned_data["reason"], "seen": self.cleaned_data["seen"]}


class PhoneField(LineText):
    """A telephone number as it is kept; empty, or the word that there is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, widget=typed(), **kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return text if text in {"", NONE} else parse_phone(text)
        except ValueError as why:
            raise ValidationError(f"{why}。") from why


class LeaveForm(ChangeForm):
    title = "移出登记册"
    told = "移出后不再计入分母，也不用再走访。已有的走访记录保留，以后可以恢复。"
    submit_label = "移出"


class ReturnForm(ChangeForm):
    title = "恢复登记"
    told = "恢复后重新计入分母，状态按它自己的走访记录重新确定。"
    submit_label = "恢复"


class MoveForm(ChangeForm):
    """To which area, by its code."""

    title = "迁移到别的村（社区）或网格"
    told = "两边的登记数和覆盖数同时调整，走访记录和状态跟着走。"
    submit_label = "迁移"

    area = forms.CharField(
        label="新的区划代码",
        max_length=15,
        help_text="村（社区）或网格的代码，12 位或 15 位数字。",
        error_messages={"required": "请填写新的区划代码。"},
    )

    def clean_area(self) -> Area:
        code = self.cleaned_data["area"].strip()
        own = Area.objects.filter(scope_of(self.keeper).areas(KEEPERS, field=""))
        found = own.filter(code=code).first() if code.isdecimal() else None
        if found is None:
            raise ValidationError("在您管理的区域里没有这个代码，请核对。")
        if found.level not in {AreaLevel.VILLAGE, AreaLevel.GRID}:
            raise ValidationError(f"这是{found.name}的代码。请填村（社区）或网格的代码。")
        return found

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"to": self.cleaned_data["area"]}


class MergeForm(ChangeForm):
    """Which entry stays, by its code."""

    title = "合并重复登记"
    told = "这一个移出登记册，两个对象的走访记录都归到留下的那一个，状态按全部走访重新确定。"
    submit_label = "合并"

    code = forms.CharField(
        label="留下的那一个的编号",
        max_length=LONGEST_CODE,
        error_messages={"required": "请填写留下的那一个的编号。"},
    )

    def clean_code(self) -> Target:
        entries = Target.objects.filter(scope_of(self.keeper).areas(KEEPERS)).registered()
        same = entries.filter(campaign=self.target.campaign_id, kind=self.target.kind)
        code = self.cleaned_data["code"].strip()
        found = same.exclude(pk=self.target.pk).filter(code=code).first()
        if found is None:
            raise ValidationError("同一册里没有这个编号，或它已经移出。请核对。")
        return found

    def arguments(self) -> dict[str, Any]:
        return super().arguments() | {"into": self.cleaned_data["code"]}


class SplitForm(ChangeForm):
    """The household that comes of this one, and whose the visits so far are."""

    title = "分户"
    told = "分出一户新的，登记在同一个村，等待走访。分成几户就办几次。"
    submit_label = "分户"

    code = forms.CharField(
        label="新户编号",
        max_length=LONGEST_CODE,
        error_messages={"required": "请填写新户编号。"},
    )
    name = forms.CharField(
        label="新户户主",
        max_length=80,
        error_messages={"required": "请填写新户户主。"},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    members = forms.IntegerField(
        label="新户常住人口（可不填）", required=False, min_value=0, max_value=MAX_MEMBERS
    )
    phone = PhoneField(label="新户联系电话（可不填）", required=False)
    address = LineText(
        label="新户地址（可不填）", required=False, max_length=LONGEST_ADDRESS, widget=typed()
    )
    heir = forms.ChoiceField(
        label="已有的走访记录归哪一户",
        choices=[("old", "原来的户"), ("new", "新户")],
        initial="old",
        widget=forms.RadioSelect,
    )

    def clean_code(self) -> str:
        return clean_text(self.cleaned_data["code"])

    def clean_name(self) -> str:
        return clean_text(self.cleaned_data["name"])

    def household(self) -> NewHousehold:
        """The new one, as the service takes it."""
        data = self.cleaned_data
        place = {name: "" if data[name] == NONE else data[name] for name in CLEARED}
        return NewHousehold(data["code"], data["name"], data["members"], **place)


class CorrectionForm(ChangeForm):
    """What the register says of the entry, as far as its kind has it.

    Nobody sees a telephone, an address or the name of a household here: they are not filled in
    beforehand, and what stays empty stays as it was.
    """

    title = "更正登记信息"
    told = "只改登记的内容，走访记录和状态不变；分类改了的，两边的分类数同时调整。"
    submit_label = "更正"

    name = LineText(label="名称", required=False, max_length=LONGEST_NAME, widget=typed())
    phone = PhoneField(label="联系电话", required=False, help_text=UNCHANGED)
    address = LineText(
        label="地址",
        required=False,
        max_length=LONGEST_ADDRESS,
        help_text=UNCHANGED,
        widget=typed(),
    )
    members = forms.IntegerField(
        label="常住人口", required=False, min_value=0, max_value=MAX_MEMBERS
    )
    status = forms.ChoiceField(
        label="登记状态", required=False, choices=[("", "未填"), *EnterpriseStatus.choices]
    )
    above_scale = forms.BooleanField(label="规上", required=False)
    industrial = forms.BooleanField(label="工业", required=False)
    size = forms.ChoiceField(label="规模", required=False, choices=[("", "未填"), *Size.choices])
    locality = forms.ChoiceField(
        label="城乡", required=False, choices=[("", "未定"), *Locality.choices]
    )

    def __init__(self, *args: Any, target: Target, **kwargs: Any) -> None:
        super().__init__(*args, target=target, **kwargs)
        kind = TargetKind(target.kind)
        for name in set(self.fields) - {*CORRECTABLE[kind], "reason", "seen"}:
            del self.fields[name]
        if kind in NAME_OF:
            self.fields["name"].label = NAME_OF[kind]
        if kind == TargetKind.HOUSEHOLD:
            self.fields["name"].help_text = "现有的不显示；留空不改。"

    @staticmethod
    def known(target: Target) -> dict[str, object]:
        names = {*CORRECTABLE[TargetKind(target.kind)]} - {"phone", "address"}
        if target.kind == TargetKind.HOUSEHOLD:
            names -= {"name"}
        return {name: getattr(target, name) for name in names}

    def arguments(self) -> dict[str, Any]:
        corrected = {
            name: "" if name in CLEARED and value == NONE else value
            for name, value in self.cleaned_data.items()
            if name not in {"reason", "seen"} and (value or name not in {"name", *CLEARED})
        }
        return super().arguments() | {"corrected": corrected}


class FreezeForm(AppForm):
    """That the numbers above are the denominator."""

    submit_label = "核定分母"

    reason = reason_field(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=2000)
