"""The filter bars of the work list and of the log."""

from functools import cached_property
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from core.lights import Light, bounds_on
from core.paging import is_key
from organisation.choices import AreaLevel
from organisation.models import Area
from organisation.requests import StaffRequest
from organisation.scope import scope_of
from visits.choices import (
    ENDED,
    RUNNING,
    AppealState,
    FlagKind,
    Matter,
    TargetKind,
    TargetState,
)
from visits.models import TRUTH_READERS, Appeal, Target, TargetQuerySet, TruthFlag, Visit
from visits.queries.appeals import APPEAL_YELLOW_DAYS, townships_of, waiting_for
from visits.queries.to_visit import ALL

SEARCH = {"type": "search"}


def _placed(value: str, at: str = "area") -> Q:
    """In an area of this name, or in a grid of a village of this name."""
    in_grid = {f"{at}__level": AreaLevel.GRID, f"{at}__parent__name__icontains": value}
    return Q(**{f"{at}__name__icontains": value}) | Q(**in_grid)


def _called(value: str) -> Q:
    """An entry of the register by a word that somebody types."""
    return Q(name__icontains=value) | Q(code__icontains=value) | _placed(value)


TEAM = "team"  # of the whole team, also for who has been given something


class WorkListFilter(filters.FilterSet):
    """What is left, by kind and area; with words everything, so that a covered one is found.

    Whoever has been given something sees that first, and the others of the team on request.
    """

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "姓名、编号、村名，或完整电话"}),
    )
    kind = filters.ChoiceFilter(choices=TargetKind, label="类别", empty_label="全部类别")
    own = filters.BooleanFilter(method="by_own", label="我认领的", widget=forms.CheckboxInput)
    area = filters.CharFilter(method="by_area", label="区域", widget=forms.HiddenInput)
    whose = filters.ChoiceFilter(
        choices=[(TEAM, "全队")], method="by_whose", widget=forms.HiddenInput
    )

    class Meta:
        model = Target
        fields = ("words", "kind", "own", "area", "whose")

    @cached_property
    def given(self) -> int:
        """How much is left of what the person has been given."""
        everything: TargetQuerySet = self.queryset
        return everything.given_to(self.request.user).left().count()

    @property
    def is_mine(self) -> bool:
        """Whether the list shows what the person has been given, and nothing else."""
        return bool(self.given) and not self.is_search and self._cleaned("whose") != TEAM

    @property
    def whose_asked(self) -> str:
        """What an address begins with to stay with the whole team."""
        return f"whose={TEAM}&" if self.given and not self.is_mine else ""

    @cached_property
    def chosen_area(self) -> Area | None:
        """The area the list is narrowed to; None without one, and for a code nobody knows."""
        code = self.area_code if self.area_code != ALL else ""
        return Area.objects.select_related("parent").filter(code=code).first() if code else None

    @property
    def area_code(self) -> str:
        """What the address asks for in place of the nearest village."""
        return self._cleaned("area")

    @property
    def is_narrowed(self) -> bool:
        """Whether something is looked for that any village may have."""
        return any(self._cleaned(name) for name in ("words", "kind", "own"))

    @property
    def is_search(self) -> bool:
        return bool(self._cleaned("words"))

    def filter_queryset(self, queryset: TargetQuerySet) -> QuerySet[Target]:
        shown = queryset if self.is_search else queryset.left()
        if self.is_mine:
            shown = shown.given_to(self.request.user)
        found: QuerySet[Target] = super().filter_queryset(shown)
        return found

    def _cleaned(self, name: str) -> str:
        """The field's value; empty when it, but not another field, is wrong."""
        self.form.is_valid()
        return str(self.form.cleaned_data.get(name) or "")

    def by_words(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset.filter(_called(value))

    def by_own(self, queryset: TargetQuerySet, name: str, value: Any) -> QuerySet[Target]:
        return queryset.taken_by_now(self.request.user) if value else queryset

    def by_area(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        if value == ALL:
            return queryset
        area = self.chosen_area
        return queryset.filter(area__path__under=area.path) if area else queryset.none()

    def by_whose(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset  # ``is_mine`` decides


class LeftFilter(filters.FilterSet):
    """What is left of an area, by words and kind."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "名称、编号或村名"}),
    )
    kind = filters.ChoiceFilter(choices=TargetKind, label="类别", empty_label="全部类别")

    class Meta:
        model = Target
        fields = ("words", "kind")

    def by_words(self, queryset: QuerySet[Target], name: str, value: Any) -> QuerySet[Target]:
        return queryset.filter(_called(value))


def _townships_to_check(request: StaffRequest | None) -> QuerySet[Area]:
    if request is None:
        return Area.objects.none()
    inside = scope_of(request.user).areas(TRUTH_READERS, field="")
    return Area.objects.filter(inside, level=AreaLevel.TOWNSHIP).order_by("code")


class FlagFilter(filters.FilterSet):
    """The hints by kind and township."""

    kind = filters.ChoiceFilter(choices=FlagKind, label="类型", empty_label="全部类型")
    township = filters.ModelChoiceFilter(
        queryset=_townships_to_check,
        method="by_township",
        label="区域",
        empty_label="全部乡镇",
        to_field_name="code",
    )

    class Meta:
        model = TruthFlag
        fields = ("kind", "township")

    def by_township(self, queryset: QuerySet[TruthFlag], name: str, value: Any) -> Any:
        return queryset.filter(area__path__under=value.path) if value else queryset


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
        return queryset.filter(_called(value))

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
            | _placed(value, "target__area")
            | Q(author__name__icontains=value)
        )


TABS = {  # of the board: the states of each, in the order of the way
    "unassigned": (AppealState.UNASSIGNED.label, [AppealState.UNASSIGNED]),
    "issued": (AppealState.ISSUED.label, [AppealState.ISSUED]),
    "handling": (AppealState.HANDLING.label, [AppealState.HANDLING]),
    "paused": (AppealState.PAUSED.label, [AppealState.PAUSED]),
    "hotline": (AppealState.HOTLINE.label, [AppealState.HOTLINE]),
    "answered": (AppealState.ANSWERED.label, [AppealState.ANSWERED]),
    "settled": (AppealState.SETTLED.label, [AppealState.SETTLED]),
    "ended": ("已办结", [*sorted(ENDED), AppealState.MERGED]),
}
LAMPS = [Light.RED, Light.YELLOW, Light.GREEN]


def _townships(request: StaffRequest | None) -> QuerySet[Area]:
    return townships_of(request.user) if request else Area.objects.none()


class AppealFilter(filters.FilterSet):
    """The board by words, category, township, unit, lamp, and whether a step waits here."""

    words = filters.CharFilter(
        method="by_words",
        label="搜索",
        widget=forms.TextInput(attrs=SEARCH | {"placeholder": "诉求、编号、单位、村名"}),
    )
    category = filters.ChoiceFilter(choices=Matter, label="类别", empty_label="全部类别")
    township = filters.ModelChoiceFilter(
        queryset=_townships, method="by_township", label="区域", empty_label="全部乡镇"
    )
    lamp = filters.ChoiceFilter(
        choices=[(each, each.label) for each in LAMPS],
        method="by_lamp",
        label="时限",
        empty_label="全部时限",
    )
    waiting = filters.BooleanFilter(
        method="by_waiting", label="等我办理", widget=forms.CheckboxInput
    )
    state = filters.CharFilter(method="by_state", widget=forms.HiddenInput)
    held_by = filters.CharFilter(method="by_holder", widget=forms.HiddenInput)

    class Meta:
        model = Appeal
        fields = ("words", "category", "township", "lamp", "waiting", "state", "held_by")

    def by_words(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        found = Q(content__icontains=value) | Q(unit__name__icontains=value) | _placed(value)
        number = value.strip().removeprefix("诉求").removesuffix("号")
        if number.isdecimal() and len(number) < 10:
            found |= Q(number=int(number))
        return queryset.filter(found)

    def by_township(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        return queryset.filter(area__path__under=value.path) if value else queryset

    def by_lamp(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        bounds = bounds_on(timezone.localdate(), APPEAL_YELLOW_DAYS)
        rows = queryset.filter(state__in=sorted(RUNNING))
        if value == Light.RED:
            return rows.filter(due_on__lt=bounds.red_before)
        if value == Light.YELLOW:
            return rows.filter(due_on__range=(bounds.red_before, bounds.yellow_until))
        return rows.filter(due_on__gt=bounds.yellow_until)

    def by_waiting(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        if not value:
            return queryset
        return queryset.filter(pk__in=waiting_for(self.request.user).order_by().values("pk"))

    def by_state(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        return queryset.filter(state__in=TABS[value][1]) if value in TABS else queryset

    def by_holder(self, queryset: QuerySet[Appeal], name: str, value: Any) -> QuerySet[Appeal]:
        return queryset.filter(unit=int(value)) if is_key(value) else queryset.none()
