"""The form that tells what the columns of an uploaded register are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from core.forms import AppForm
from visits.choices import TargetKind
from visits.register.columns import (
    Column,
    SheetTop,
    columns_of,
    faults_of,
    likely_head,
    shown_samples,
)
from visits.register.fields import FIELDS


@dataclass(frozen=True)
class Asked:
    """One column as the page shows it."""

    column: Column
    samples: Sequence[str]
    field: forms.BoundField


class ColumnsForm(AppForm):
    """A drop-down for each column; ``at`` says under which of the first rows they stand."""

    submit_label = "保存并检查"

    at = forms.CharField(widget=forms.HiddenInput, max_length=9)
    job = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(
        self,
        *args: Any,
        kind: TargetKind,
        tops: Sequence[SheetTop],
        known: Mapping[str, Sequence[str]],
        at: str,
        job: str,
        **kwargs: Any,
    ) -> None:
        self.kind = kind
        self.sheet, self.row = _place(at, tops) or likely_head(tops, known)
        here = {"at": f"{self.sheet}-{self.row}", "job": job}
        super().__init__(*args, initial=here, **kwargs)
        head = tops[self.sheet].rows[self.row]
        said = known.get(head.fingerprint)
        self.columns = columns_of(tops[self.sheet], self.row)
        choices = [("", "不导入"), *((each.heading, _named(each)) for each in FIELDS[kind])]
        taken: set[str] = set()
        for column in self.columns:
            self.fields[_name(column)] = forms.ChoiceField(
                label=f"{column.name} 列 {column.text}".strip(),
                choices=choices,
                required=False,
                initial=_guess(column.place, said, head.meant, taken),
            )

    def asked(self) -> list[Asked]:
        """The columns with samples; masked by what each is taken for."""
        found = []
        for column in self.columns:
            bound = self[_name(column)]
            taken_for = str(bound.value() or "")
            found.append(Asked(column, shown_samples(self.kind, column, taken_for), bound))
        return found

    def layout(self) -> list[object]:
        return ["at", "job"]

    @property
    def helper(self) -> FormHelper:
        """The page shows the faults itself: above, and at the drop-downs."""
        helper = super().helper
        helper.form_show_errors = False
        return helper

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.chosen = [data.get(_name(column), "") for column in self.columns]
        missing, twice = faults_of(self.kind, self.chosen)
        if missing:
            named = "、".join(f"「{heading}」" for heading in missing)
            self.add_error(None, f"还没有指定哪一列是{named}。没有这一列的文件不能导入。")
        for place in twice:
            before = self.columns[self.chosen.index(self.chosen[place])].name
            name = _name(self.columns[place])
            self.add_error(name, f"{before} 列已经选了这一项，一项只能对应一列。")
        return data


def _place(at: str, tops: Sequence[SheetTop]) -> tuple[int, int] | None:
    """The sheet and row of an address; None for what is not there."""
    sheet, _, row = at.partition("-")
    if not (sheet.isdecimal() and row.isdecimal() and len(at) < 6):
        return None
    place = int(sheet), int(row)
    fits = place[0] < len(tops) and place[1] < len(tops[place[0]].rows)
    return place if fits else None


def _guess(
    place: int, said: Sequence[str] | None, meant: Mapping[int, str], taken: set[str]
) -> str:
    """What was said of the column, or what its heading seems to name; nothing twice."""
    if said is not None:
        return said[place] if place < len(said) else ""
    heading = meant.get(place, "")
    if heading in taken:
        return ""
    taken.add(heading)
    return heading


def _named(field: Any) -> str:
    return field.heading if field.optional else f"{field.heading}（必填）"


def _name(column: Column) -> str:
    return f"column_{column.place}"
