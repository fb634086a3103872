"""The form of one entry that joins the register by hand: the columns of an import."""

from collections.abc import Sequence
from typing import Any

from django import forms

from core.columns import Field, RowError
from core.forms import AppForm, LineText
from visits.choices import TargetKind
from visits.forms.register_changes import reason_field
from visits.queries.likeness import Resembled
from visits.register.fields import FIELDS

LONGEST_LIST = 400  # characters of the keys of entries that were shown


class JoinForm(AppForm):
    """The columns of one register as fields; the reason where the denominator is frozen."""

    submit_label = "登记"

    distinct = forms.BooleanField(
        label="已核对，不是同一个，仍然登记", required=False, widget=forms.CheckboxInput
    )
    sure = forms.BooleanField(
        label="已按执照核对，编号没有错", required=False, widget=forms.CheckboxInput
    )
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_LIST)

    def __init__(self, *args: Any, kind: TargetKind, needs_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = {f"field_{n}": each for n, each in enumerate(FIELDS[kind])}
        for name, column in self.columns.items():
            self.fields[name] = _field_of(column)
        if needs_reason:
            self.fields["reason"] = reason_field()
        self.alike: Sequence[Resembled] = ()
        self.asks_if_sure = False

    def layout(self) -> list[object]:
        asked = ["sure"] if self.asks_if_sure or self.data.get("sure") else []
        asked += ["distinct"] if self.alike else []
        reason = ["reason"] if "reason" in self.fields else []
        return [*self.columns, *reason, *asked, "seen"]

    def arguments(self) -> dict[str, Any]:
        """Those of ``services.join_by_hand``; what was shown counts once it is confirmed."""
        data = self.cleaned_data
        shown = data["seen"].split(",") if data["distinct"] else []
        return {
            "values": {column.heading: data[name] for name, column in self.columns.items()},
            "reason": data.get("reason", ""),
            "seen": {int(key) for key in shown if key.isdecimal()},
            "is_sure": data["sure"],
        }

    def reject(self, errors: Sequence[RowError]) -> None:
        """What the checks of the register say, at the fields."""
        names = {column.heading: name for name, column in self.columns.items()}
        for error in errors:
            self.add_error(names.get(error.column), error.text)

    def ask_if_sure(self, doubts: Sequence[RowError]) -> None:
        """Show what is seldom right, and ask whether it has been compared with its source."""
        self.asks_if_sure = True
        self.reject(doubts)
        self.add_error("sure", "请按执照核对信用代码，没有错就勾选，再登记。")

    def ask_about(self, found: Sequence[Resembled]) -> None:
        """Show what the entry resembles, and ask whether it is another one."""
        self.alike = found
        self.data = {name: value for name, value in self.data.items() if name != "distinct"}
        self.data["seen"] = ",".join(str(each.key) for each in found)[:LONGEST_LIST]
        self.add_error("distinct", "请看看上面列出的对象，核对后勾选；是同一个就不要再登记。")


def _field_of(column: Field) -> forms.Field:
    required = not column.optional
    told = {"label": column.heading, "help_text": column.hint, "required": required}
    if column.options:
        blank = [("", "请选择" if required else "未填")]
        choices = [*blank, *((option, option) for option in column.options)]
        return forms.ChoiceField(
            choices=choices,
            error_messages={"required": f"请选择{column.heading}。"},
            **told,  # type: ignore[arg-type]
        )
    return LineText(
        max_length=column.longest,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": f"请填写{column.heading}。"},
        **told,
    )
