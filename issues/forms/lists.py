"""Forms of the problem lists of units."""

from typing import Any, cast

from crispy_forms.layout import Column, Fieldset, Row
from django import forms
from django.db.models import QuerySet

from campaign.models import Campaign
from core.forms import AppForm, LongText, RowsField
from issues.forms.items import IssueForm
from issues.models import Issue
from issues.queries.lists import items_of_cadres, leaders_of_list, people_of
from organisation.models import Unit, User


class PersonField(forms.ModelChoiceField):
    """People by name, with the login name where two are called the same."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}（{obj.username}）"


class UnitItemForm(IssueForm):
    """A problem of the unit itself: who answers for it besides what and why.

    ``origins``: the cadres' items that it is made of.
    """

    submit_label = "存入单位清单"

    leader = PersonField(
        User.objects.none(),
        label="责任领导",
        empty_label="请选择",
        error_messages={"required": "请选择责任领导。"},
    )
    responsible = PersonField(
        User.objects.none(),
        label="责任人",
        empty_label="请选择",
        help_text="由他整改、上传佐证、申请销号。",
        error_messages={"required": "请选择责任人。"},
    )
    origins = RowsField(Issue.objects.none(), required=False, widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, campaign: Campaign, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, campaign=campaign, **kwargs)
        del self.fields["discloses"]
        self._choose("leader", leaders_of_list(unit))
        self._choose("responsible", people_of(campaign, unit).order_by("name", "pk"))
        self._choose("origins", items_of_cadres(campaign, unit))

    def _choose(self, name: str, queryset: QuerySet[Any]) -> None:
        cast(forms.ModelChoiceField, self.fields[name]).queryset = queryset

    def layout(self) -> list[object]:
        *sections, check = super().layout()
        who = Fieldset(
            "谁来负责", Row(Column("leader"), Column("responsible")), "origins", css_class="section"
        )
        return [*sections, who, check]

    def _buttons(self) -> list[object]:
        return AppForm._buttons(self)

    def text(self) -> dict[str, object]:
        people = {name: self.cleaned_data[name] for name in ("leader", "responsible")}
        return super().text() | people


class LedItemForm(IssueForm):
    """An own problem for which a ledger has named the leader: who may be another, or nobody."""

    leader = PersonField(
        User.objects.none(), label="责任领导（可不填）", empty_label="不填", required=False
    )

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField, self.fields["leader"]).queryset = leaders_of_list(unit)

    def layout(self) -> list[object]:
        *sections, check = super().layout()
        return [*sections, Fieldset("谁来负责", "leader", css_class="section"), check]

    def text(self) -> dict[str, object]:
        return super().text() | {"leader": self.cleaned_data["leader"]}


class SeenForm(forms.Form):
    """An act on a list: the fingerprint of what the page showed, and a note where one is due."""

    seen = forms.CharField(max_length=64)
    note = LongText(required=False, max_length=500)


class TakeInForm(forms.Form):
    """Ticked items of cadres: into a draft of the unit, or into a new item."""

    unit_item = forms.ModelChoiceField(Issue.objects.none(), required=False)
    items = RowsField(Issue.objects.none())

    def __init__(self, *args: Any, drafts: QuerySet[Issue], items: QuerySet[Issue]) -> None:
        super().__init__(*args)
        cast(forms.ModelChoiceField, self.fields["unit_item"]).queryset = drafts
        cast(forms.ModelChoiceField, self.fields["items"]).queryset = items
