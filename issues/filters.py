"""The filter bar of the ledger."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from campaign.models import Category
from core.lights import Light
from issues.choices import State
from issues.models import Issue
from issues.queries import waiting_for


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
