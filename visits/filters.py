"""The filter bars of the work list and of the log."""

from functools import cached_property
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet

from organisation.models import Area
from visits.choices import TargetKind, TargetState
from visits.models import Target, TargetQuerySet, Visit

SEARCH = {"type": "search"}


class WorkListFilter(filters.FilterSet):
    """What is left, by kind and area; with words everything, so that a covered one is found."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "姓名、编号、村名，或完整电话"}),
    )
    kind = filters.ChoiceFilter(choices=TargetKind, label="类别", empty_label="全部类别")
    area = filters.CharFilter(method="by_area", label="区域", widget=forms.HiddenInput)

    class Meta:
        model = Target
        fields = ("words", "kind", "area")

    @cached_property
    def chosen_area(self) -> Area | None:
        """The area the list is narrowed to; None without one, and for a code nobody knows."""
        code = self._cleaned("area")
        return Area.objects.filter(code=code).first() if code else None

    @property
    def is_search(self) -> bool:
        return bool(self._cleaned("words"))

    def filter_queryset(self, queryset: TargetQuerySet) -> QuerySet[Target]:
        found: QuerySet[Target] = super().filter_queryset(
            queryset if self.is_search else queryset.left()
        )
        return found

    def _cleaned(self, name: str) -> str:
        """The field's value; empty when it, but not another field, is wrong."""
        self.form.is_valid()
        return str(self.form.cleaned_data.get(name) or "")

    def by_words(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset.filter(
            Q(name__icontains=value) | Q(code__icontains=value) | Q(area__name__icontains=value)
        )

    def by_area(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        area = self.chosen_area
        return queryset.filter(area__path__under=area.path) if area else queryset.none()


class EntryFilter(filters.FilterSet):
    """The register by words, kind and state; what was struck off is shown when asked for."""

    STRUCK = "struck"
    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "名称、编号或村名"}),
    )
    kind = filters.ChoiceFilter(choices=TargetKind, label="类别", empty_label="全部类别")
    state = filters.ChoiceFilter(
        choices=[*TargetState.choices, (STRUCK, "已移出")],
        method="by_state",
        label="状态",
        empty_label="在册的全部状态",
    )

    class Meta:
        model = Target
        fields = ("words", "kind", "state")

    def filter_queryset(self, queryset: TargetQuerySet) -> QuerySet[Target]:
        asked = self.form.cleaned_data.get("state")
        struck = asked == self.STRUCK
        shown = queryset.exclude(struck_at=None) if struck else queryset.registered()
        found: QuerySet[Target] = super().filter_queryset(shown)
        return found

    def by_words(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset.filter(
            Q(name__icontains=value) | Q(code__icontains=value) | Q(area__name__icontains=value)
        )

    def by_state(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset if value == self.STRUCK else queryset.filter(state=value)


class VisitFilter(filters.FilterSet):
    """The log by words."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "对象、村名、走访人，或完整电话"}),
    )

    class Meta:
        model = Visit
        fields = ("words",)

    def by_words(self, queryset: QuerySet[Visit], name: str, value: Any) -> QuerySet[Visit]:
        return queryset.filter(
            Q(target__name__icontains=value)
            | Q(target__area__name__icontains=value)
            | Q(author__name__icontains=value)
        )
