"""The filter bars of the ledger and of the supervision slips."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaign.models import Category
from core.lights import Light
from issues.choices import SlipState, State
from issues.models import Issue, SupervisionSlip
from issues.queries import is_slip_late, slips_waiting_for, waiting_for


class LedgerFilter(filters.FilterSet):
    """By words, state, category, and whether a step of the reader is awaited."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "编号、问题、姓名"}),
    )
    state = filters.ChoiceFilter(choices=State, label="状态", empty_label="全部状态")
    category = filters.ModelChoiceFilter(
        queryset=Category.objects.examined(), label="类别", empty_label="全部类别"
    )

    light = filters.ChoiceFilter(
        choices=Light, method="by_light", label="期限", empty_label="全部期限"
    )
    waiting = filters.BooleanFilter(
        method="by_waiting", label="等我办理", widget=forms.CheckboxInput
    )

    class Meta:
        model = Issue
        fields = ("words", "state", "light", "category", "waiting")

    def by_waiting(self, queryset: QuerySet[Issue], name: str, value: Any) -> QuerySet[Issue]:
        if not value:
            return queryset
        return queryset.filter(pk__in=waiting_for(self.request.user).order_by().values("pk"))

    def by_light(self, queryset: QuerySet[Issue], name: str, value: Any) -> QuerySet[Issue]:
        return queryset.with_lights(timezone.localdate()).filter(light=value)  # type: ignore[attr-defined]

    def by_words(self, queryset: QuerySet[Issue], name: str, value: Any) -> QuerySet[Issue]:
        found = Q(title__icontains=value) | Q(author__name__icontains=value)
        number = value.strip().upper().removeprefix("W")
        if number.isdecimal() and len(number) < 19:
            found |= Q(pk=int(number))
        return queryset.filter(found)


class SlipFilter(filters.FilterSet):
    """By words, state, whether it is late, and whether a step of the reader is awaited."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "单位、问题、编号"}),
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
        found = Q(unit__name__icontains=value) | Q(issue__title__icontains=value)
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
