"""Forms of problem items: what happened → why → what I will do."""

import uuid
from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any, cast

from crispy_forms.layout import HTML, Column, Div, Fieldset, Row, Submit
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign, Category
from core.forms import DateInput, LineText, LongText
from issues.choices import Kind, Nature, Source
from issues.concreteness import NAMES, Finding, Span, Text, check
from issues.forms.long_term import DISCLOSURE_HELP, PlanText, plan_layout
from issues.milestones import Fault, Plan, faults
from issues.models import TEXT_FIELDS
from issues.queries import own_twin
from organisation.models import User

WRITTEN_ALREADY = "这件事您已经写过（{number}），没有再存一遍：请从问题清单打开那一题接着办。"


def _long(label: str, hint: str, rows: int, limit: int) -> LongText:
    return LongText(rows, label=label, required=False, max_length=limit, help_text=hint)


Group = tuple[str, list[Category]]


def lists_of(categories: QuerySet[Category]) -> list[tuple[str, list[Group]]]:
    """Each list that is examined, by name, with its rows under their aspects."""
    rows = categories.select_related("taxonomy")
    return [
        (name, [(aspect, list(group)) for aspect, group in groupby(found, attrgetter("aspect"))])
        for name, found in groupby(rows, lambda row: row.taxonomy.name)
    ]


class IssueText(PlanText):
    """What of a problem must be concrete; the live check reads no more than this."""

    happened_on = forms.DateField(label=NAMES["happened_on"], required=False, widget=DateInput())
    place = LineText(label=NAMES["place"], required=False, max_length=60)
    event = _long(NAMES["event"], "写一件真实的事：谁来办什么、怎么处理的、结果怎样。", 4, 1000)
    cause = _long(NAMES["cause"], "从自己的工作态度、方法上找，不写客观理由。", 3, 500)
    root_cause = _long(NAMES["root_cause"], "再往下问一句为什么。", 2, 500)
    direction = LineText(
        label=NAMES["direction"], required=False, max_length=200, help_text="要改成什么样。"
    )
    measures = _long(NAMES["measures"], "写得出、做得到、查得着的具体做法。", 3, 1000)
    due_on = forms.DateField(label=NAMES["due_on"], required=False, widget=DateInput())

    def check(self, span: Span | None) -> tuple[Finding, ...]:
        """What is not concrete in a form that was sent; fields with other faults are left out."""
        faulty = set(self.errors)
        found = _found(self.cleaned_data, span)
        return tuple(each for each in found if each.field not in faulty)


def _found(values: Mapping[str, Any], span: Span | None) -> tuple[Finding, ...]:
    plan = Plan.of(values)
    return check(Text.of(values), span, plan.claims() if plan else None)


class LiveCheck(IssueText):
    """The text while it is written: of which campaign, and of which item if there is one."""

    title = forms.CharField(required=False, max_length=60)
    kind = forms.CharField(required=False, widget=forms.HiddenInput)
    campaign = forms.IntegerField(required=False, widget=forms.HiddenInput)
    issue = forms.IntegerField(required=False, widget=forms.HiddenInput)


def _told_below(name: str) -> list[object]:
    """A field, and where the check speaks of it: on a phone the list of all of it is far below."""
    of = f'{{% include "issues/_beside.html" with name="{name}" hints=form.said %}}'
    return [name, HTML(of)]


class IssueForm(IssueText):
    """One problem. A draft may have gaps; submitting asks for everything concrete (P3).

    ``categories``: what the person examines herself against; ``lists`` has them with their
    explanations, one is chosen across all lists.
    """

    category = forms.ModelChoiceField(
        Category.objects.none(),
        label="类别",
        widget=forms.RadioSelect,
        error_messages={"required": "请选择这个问题属于哪一类。"},
    )
    title = LineText(
        label=NAMES["title"],
        max_length=60,
        error_messages={"required": "请用一句话说清问题。"},
        help_text="例：群众申请低保材料被搁置 9 天。",
    )
    affected = LineText(label="涉及的人和单位（可不填）", required=False, max_length=100)
    source = forms.ChoiceField(label="怎么发现的", choices=Source, initial=Source.SELF)
    nature = forms.ChoiceField(label="性质", choices=Nature, initial=Nature.INDIVIDUAL)
    kind = forms.ChoiceField(label="整改类型", choices=Kind, initial=Kind.BY_DATE)
    discloses = forms.BooleanField(
        label="我就此事主动向组织说明情况", required=False, help_text=DISCLOSURE_HELP
    )
    seen_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        campaign: Campaign,
        submitting: bool = False,
        author: User | None = None,
        **kwargs: Any,
    ) -> None:
        """``author``: of a new item, which must not be one of theirs over again."""
        kwargs["initial"] = {"token": uuid.uuid4()} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.campaign = campaign
        self.author = author
        self.submitting = submitting
        self.findings: tuple[Finding, ...] = ()
        self.categories = Category.objects.examined().filter(taxonomy__campaign=campaign)
        cast(forms.ModelChoiceField, self.fields["category"]).queryset = self.categories

    def layout(self) -> list[object]:
        return [
            Fieldset(
                "发生了什么",
                HTML(
                    '<p class="section-hint">像错题本那样，一题写一件具体的事。'
                    "存草稿可以留空，提交时除注明“可不填”的都要填。</p>"
                ),
                HTML('{% include "issues/_categories.html" %}'),
                *_told_below("title"),
                Row(
                    Column(*_told_below("happened_on"), css_class="col-sm-5"),
                    Column(*_told_below("place")),
                ),
                *_told_below("event"),
                "affected",
                Row(Column("source"), Column("nature")),
                css_class="section",
            ),
            Fieldset(
                "为什么会这样",
                *_told_below("cause"),
                *_told_below("root_cause"),
                css_class="section",
            ),
            Fieldset(
                "准备怎么改",
                *_told_below("direction"),
                *_told_below("measures"),
                Row(Column("kind"), Column(*_told_below("due_on"))),
                *plan_layout(),
                "seen_version",
                "token",
                css_class="section",
            ),
            *self.disclosing(),
            HTML('{% include "issues/_check.html" %}'),
        ]

    def disclosing(self) -> list[object]:
        """The tick of who comes forward with it; a unit does not."""
        return [Div("discloses", css_class="discloses")] if "discloses" in self.fields else []

    def _buttons(self) -> list[object]:
        """The draft comes first in the page: Enter in a field saves, and never submits."""
        draft = HTML(
            '<button class="btn order-1" type="submit" name="draft" value="1">存为草稿</button>'
        )
        submit = Submit("submit", "提交单位审核", css_class="btn-primary")
        cancel = [HTML('<span class="order-2">'), *super()._buttons()[1:], HTML("</span>")]
        return [draft, submit, *cancel]

    def clean_happened_on(self) -> Any:
        day = self.cleaned_data["happened_on"]
        if day and day > timezone.localdate():
            raise ValidationError("发生时间不能晚于今天。")
        return day

    def clean_due_on(self) -> Any:
        day = self.cleaned_data["due_on"]
        if day is None:
            return day
        last = self.campaign.ends_on
        if day < timezone.localdate():
            raise ValidationError("整改时限不能早于今天。")
        if day > last:
            raise ValidationError(f"整改时限要在专项行动结束（{last:%Y-%m-%d}）之前。")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.findings = self.check(Span(self.campaign.starts_on, self.campaign.ends_on))
        if self.author and (twin := own_twin(self.author, self.campaign, data)):
            self.add_error("event", WRITTEN_ALREADY.format(number=twin.number))
        if self.submitting:
            for finding in self.findings:
                if finding.refuses:
                    self.add_error(finding.field, finding.say)
            for fault in self._faults(data):
                self.add_error(fault.field, fault.say)
        return data

    def _faults(self, data: dict[str, Any]) -> list[Fault]:
        """What a submission is refused for beside gaps: a plan, or a tick, that cannot stand."""
        found = []
        if data.get("discloses") and data.get("source") != Source.SELF:
            found.append(Fault("discloses", "只有「自己查找」的问题才能记为主动说明。"))
        if plan := Plan.of(data):
            today, due_on = timezone.localdate(), data.get("due_on")
            found += faults(plan, today=today, due_on=due_on, source=data.get("source", ""))
        return [each for each in found if each.field not in self.errors]

    @cached_property
    def said(self) -> dict[str, list[Finding]]:
        """What is told below the fields and above the buttons: of what was refused, the rest."""
        if not self.is_bound:
            return told(_found(self.initial, None))
        return told(each for each in self.findings if not (self.submitting and each.refuses))

    @cached_property
    def lists(self) -> list[tuple[str, list[Group]]]:
        """The lists to choose from."""
        return lists_of(self.categories)

    @property
    def chosen(self) -> Category | None:
        """The category that is ticked."""
        key = str(self["category"].value() or "")
        rows = (row for _, groups in self.lists for _, group in groups for row in group)
        return next((row for row in rows if str(row.pk) == key), None)

    def text(self) -> dict[str, object]:
        """The values that the services save."""
        names = (*TEXT_FIELDS, "source", "nature")
        text = {name: self.cleaned_data[name] for name in names}
        plan = Plan.of(self.cleaned_data)
        return text | {"plan": plan} if plan else text


def told(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    """What is said of words that stand there, those of it that must be mended, and the gaps."""
    rows = list(findings)
    said = [each for each in rows if not each.is_gap]
    return {
        "said": said,
        "refused": [each for each in said if each.refuses],
        "gaps": [each for each in rows if each.is_gap],
    }


class MoveForm(forms.Form):
    """One step: the note and the fingerprint of what the page showed.

    ``back``: the version of a unit's list on whose page it was taken.
    """

    note = LongText(required=False, max_length=1000)
    due_on = forms.DateField(required=False)
    discloses = forms.BooleanField(required=False)
    why = forms.CharField(required=False, max_length=200)
    seen_hash = forms.CharField(max_length=64)
    back = forms.IntegerField(required=False, min_value=1)

    def step(self) -> dict[str, Any]:
        """What the service is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "back"}
