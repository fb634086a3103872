"""The filter bars of the ledger and of the supervision slips."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from campaign.models import Campaign, Category
from core.forms import DateInput
from core.lights import Light
from issues.choices import Kind, Level, Nature, SlipState, Source, State
from issues.models import EXAMPLE_TEXT, GoodExample, SupervisionSlip
from issues.queries import is_slip_late, slips_waiting_for
from issues.queries.criteria import EVERY_CAMPAIGN, GROUPS, ORDER_NAMES, Criteria
from organisation.models import User

SOUGHT = ("words", "unit")  # free text: sealed in addresses
SHOWN = ("words", "state", "light", "waiting")  # the others stand behind 「更多条件」


def _choice(label: str, every: str, choices: Any = ()) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[("", every), *choices], required=False)


def _search(label: str, placeholder: str) -> forms.CharField:
    attrs = {"type": "search", "placeholder": placeholder}
    return forms.CharField(
        label=label, max_length=80, required=False, widget=forms.TextInput(attrs=attrs)
    )


def _tick(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


def _by_list(categories: QuerySet[Category]) -> list[tuple[str, Any]]:
    """The categories under their lists and aspects; of one plain list without headings."""
    rows = categories.order_by("taxonomy", "number").values_list(
        "taxonomy", "taxonomy__name", "aspect", "pk", "number", "name"
    )
    groups = [
        (" · ".join(filter(None, heads)), [(str(pk), f"{n}. {name}") for *_, pk, n, name in found])
        for (_, *heads), found in groupby(rows, lambda row: row[:3])
    ]
    return groups if len(groups) > 1 else [choice for _, found in groups for choice in found]


STATES = [
    ("合并看", [(key, name) for key, (name, _) in GROUPS.items()]),
    ("单个状态", list(State.choices)),
]


@dataclass(frozen=True)
class Chip:
    """One condition in force, in words, and the address of the list without it."""

    text: str
    without: str


class LedgerFilter(forms.Form):
    """What one may ask of the ledger. A value that is no choice narrows nothing."""

    words = _search("搜索", "编号、问题、填报人")
    state = _choice("状态", "全部状态", STATES)
    light = _choice("期限", "全部期限", Light.choices)
    waiting = _tick("等我办理")
    unit = _search("单位（含下级）", "单位名称")
    level = _choice("层级", "全部层级", Level.choices)
    category = _choice("类别", "全部类别")
    source = _choice("来源", "全部来源", Source.choices)
    nature = _choice("性质", "全部性质", Nature.choices)
    kind = _choice("整改类型", "全部类型", Kind.choices)
    due_from = forms.DateField(label="时限从", required=False, widget=DateInput())
    due_to = forms.DateField(label="时限到", required=False, widget=DateInput())
    campaign = _choice("专项行动", "当前的专项行动")
    sort = _choice("排列", "一般顺序", list(ORDER_NAMES.items()))
    relapsed = _tick("反弹过")
    extended = _tick("延过期")
    disclosed = _tick("主动说明")

    def __init__(self, *args: Any, viewer: User, campaign: Campaign | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = campaign
        open_ones = Campaign.objects.visible_to(viewer).filter(archived_at=None)
        names = [(str(each.pk), each.name) for each in open_ones.order_by("-starts_on", "-id")]
        if len(names) > 1:
            self._offer("campaign", [*names, (EVERY_CAMPAIGN, "全部专项行动")])
        else:
            del self.fields["campaign"]
        categories = Category.objects.examined().filter(
            taxonomy__campaign__in=[int(key) for key, _ in names]
        )
        self._offer("category", _by_list(categories))

    def _offer(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [*field.choices, *choices]  # type: ignore[misc]

    @property
    def criteria(self) -> Criteria:
        """What is right of it, in the campaign chosen at the top if no other is asked for."""
        return self.asked.in_campaign(self.chosen)

    @property
    def asked(self) -> Criteria:
        """What is right of it."""
        self.is_valid()
        given = self.cleaned_data.items()
        return Criteria.read({k: "on" if v is True else v for k, v in given if v is not False})

    @property
    def further(self) -> list[forms.BoundField]:
        """The fields behind 「更多条件」, those with a list or a box first."""
        return [self[name] for name in self.fields if name not in SHOWN]

    @property
    def further_in_force(self) -> int:
        return len([name for name in self.asked.written if name not in SHOWN])

    def chips(self, address: QueryDict) -> list[Chip]:
        """The conditions in force that the bar does not show openly."""
        return list(self._chips(address))

    def _chips(self, address: QueryDict) -> Iterator[Chip]:
        for name, value in self.asked.narrowing.items():
            rest = address.copy()
            for gone in (name, "after", "view"):
                rest.pop(gone, None)
            yield Chip(self._in_words(name, value), f"?{rest.urlencode()}")

    def _in_words(self, name: str, value: str) -> str:
        field = self.fields[name]
        label = str(field.label).partition("（")[0]
        if isinstance(field, forms.BooleanField):
            return label
        if isinstance(field, forms.ChoiceField):
            return f"{label}：{_flat(field.choices).get(value, value)}"
        return f"{label}：{value}"


def _flat(choices: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for value, label in choices:
        found |= _flat(label) if isinstance(label, list | tuple) else {str(value): str(label)}
    return found


class SlipFilter(filters.FilterSet):
    """By words, state, whether it is late, and whether a step of the reader is awaited."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "单位、问题、诉求、编号"}),
    )
    state = filters.ChoiceFilter(choices=SlipState, label="状态", empty_label="全部状态")
    waiting = filters.BooleanFilter(
        method="by_waiting", label="等我办理", widget=forms.CheckboxInput
    )
    late = filters.BooleanFilter(method="by_late", label="只看逾期", widget=forms.CheckboxInput)

    class Meta:
        model = SupervisionSlip
        fields = ("words", "state", "late", "waiting")

    def by_words(
        self, queryset: QuerySet[SupervisionSlip], name: str, value: Any
    ) -> QuerySet[SupervisionSlip]:
        found = (
            Q(unit__name__icontains=value)
            | Q(issue__title__icontains=value)
            | Q(appeal__content__icontains=value)
        )
        number = value.strip().removesuffix("号").rpartition("〕")[2]
        if number.isdecimal() and len(number) < 10:
            found |= Q(number=int(number))
        return queryset.filter(found)

    def by_waiting(
        self, queryset: QuerySet[SupervisionSlip], name: str, value: Any
    ) -> QuerySet[SupervisionSlip]:
        if not value:
            return queryset
        waiting = slips_waiting_for(self.request.user).order_by().values("pk")
        return queryset.filter(pk__in=waiting)

    def by_late(
        self, queryset: QuerySet[SupervisionSlip], name: str, value: Any
    ) -> QuerySet[SupervisionSlip]:
        return queryset.filter(is_slip_late(timezone.localdate())) if value else queryset


class ExampleFilter(filters.FilterSet):
    """By words and category."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "问题、做法"}),
    )
    category = filters.ModelChoiceFilter(
        field_name="issue__category",
        queryset=Category.objects.examined(),
        label="类别",
        empty_label="全部类别",
    )

    class Meta:
        model = GoodExample
        fields = ("words", "category")

    def by_words(
        self, queryset: QuerySet[GoodExample], name: str, value: Any
    ) -> QuerySet[GoodExample]:
        found = Q()
        for field in EXAMPLE_TEXT:
            found |= Q(**{f"{field}__icontains": value})
        return queryset.filter(found)
