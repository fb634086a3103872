"""The plan of a long-term item, and what was reached at a milestone."""

from typing import Any

from crispy_forms.layout import HTML, Column, Row
from django import forms

from core.files import CheckedFile, check_upload
from core.forms import AppForm, DateInput, LineText, LongText
from issues.choices import MILESTONES, Kind, LongReason
from issues.milestones import AT_ONCE, FIELDS, names_of

DISCLOSURE_HELP = (
    "提交时记下时间，以后不能改动。主动交代是可以从轻处理的情形（政务处分法第十一条），"
    "算不算由组织认定，程序只记时间。"
)
SHOWN = 3  # rows of milestones that are open at once
NUMBERS = range(1, MILESTONES + 1)


def _row(number: int) -> Row:
    day, shows = names_of(number)
    return Row(Column(day, css_class="col-sm-4"), Column(shows))


def plan_layout() -> list[object]:
    """Folded away, and open where it is asked for; works without scripts."""
    return [
        HTML('{% include "issues/_plan_begins.html" %}'),
        "long_reason",
        _row(AT_ONCE),
        *(_row(number) for number in NUMBERS[:SHOWN]),
        HTML(
            '<details class="more-milestones"{% if form.has_more %} open{% endif %}>'
            '<summary class="btn mb-3">再加几个节点</summary>'
        ),
        *(_row(number) for number in NUMBERS[SHOWN:]),
        HTML("</details></details>"),
    ]


class PlanText(AppForm):
    """The fields of a plan; they count only for 长期坚持."""

    long_reason = forms.ChoiceField(
        label="为什么不能一次改完",
        choices=[("", "请选择"), *LongReason.choices],
        required=False,
        help_text="只有这三种情况可以长期坚持；工作忙、难度大都不算。",
    )
    at_once = LineText(
        label="先改哪一部分",
        required=False,
        max_length=200,
        help_text="不用等的那一部分先改好。电视问政的问题必须填，其他可不填。",
    )
    at_once_due = forms.DateField(label="先改的：哪天改完", required=False, widget=DateInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in NUMBERS:
            day, shows = names_of(number)
            self.fields[day] = forms.DateField(
                label=f"节点 {number}：到哪天", required=False, widget=DateInput()
            )
            self.fields[shows] = LineText(label="到那天看得到什么", required=False, max_length=200)

    @property
    def is_long_term(self) -> bool:
        """Whether the plan is asked for, as the form stands."""
        return bool(self._value("kind") == Kind.LONG_TERM)

    @property
    def has_more(self) -> bool:
        """Whether a row that is folded away holds something."""
        return any(self._value(name) for number in NUMBERS[SHOWN:] for name in names_of(number))

    @property
    def is_planned(self) -> bool:
        return self.is_long_term or any(self._value(name) for name in FIELDS)

    def _value(self, name: str) -> Any:
        return self[name].value() if name in self.fields else None


class MilestoneForm(AppForm):
    """What was reached, and a file that shows it."""

    submit_label = "报告成果"
    result = LongText(
        3,
        label="阶段性成果",
        max_length=500,
        help_text="写看得见、数得清的结果。报告后不能改。",
        error_messages={"required": "请写明到现在看得到什么成果。"},
    )
    file = forms.FileField(label="佐证文件（可不传）", required=False)

    def __init__(self, *args: Any, milestone: int, **kwargs: Any) -> None:
        """``milestone``: several stand on one page, and none shall share its marks."""
        super().__init__(*args, auto_id=f"milestone{milestone}_%s", **kwargs)

    def clean_file(self) -> CheckedFile | None:
        file = self.cleaned_data["file"]
        return check_upload(file) if file else None
