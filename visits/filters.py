"""The filter bar of the work list."""

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from visits.choices import TargetKind
from visits.models import Target


class WorkListFilter(filters.FilterSet):
    """By words and kind."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "姓名、编号、村名、地址"}),
    )
    kind = filters.ChoiceFilter(choices=TargetKind, label="类别", empty_label="全部类别")

    class Meta:
        model = Target
        fields = ("words", "kind")

    def by_words(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset.filter(
            Q(name__icontains=value)
            | Q(code__icontains=value)
            | Q(address__icontains=value)
            | Q(area__name__icontains=value)
        )
