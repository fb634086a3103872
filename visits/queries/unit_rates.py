"""The rates of units: what each had to sign and to answer, whoever has the appeal today.

An appeal that goes from one unit to another is late with the unit that was late. So signing
and answering are counted by the step, and everything else with the unit that has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of
from visits.appeal_rates import BY_UNIT, Counts, Rate, rates_of
from visits.choices import AppealState
from visits.models import Appeal, AppealEvent
from visits.queries.appeals import is_appeal_late, numbers_of_appeals, numbers_of_dispatches

BY_STEP = ("signed_in_time", "signed_late", "answered_in_time", "answered_late")


@dataclass(frozen=True)
class UnitRates:
    """One unit with its counts, for a table by name."""

    unit: Unit
    counts: Counts

    @property
    def rates(self) -> list[Rate]:
        return [rate for rate in rates_of(self.counts) if rate.name in BY_UNIT]


def units_with_appeals(user: User) -> QuerySet[Unit]:
    """The units of the office's ground that have one of its appeals, by name."""
    inside = scope_of(user).areas([Role.OFFICE])
    has = Appeal.objects.filter(inside, unit=OuterRef("pk"))
    return Unit.objects.filter(inside, Exists(has)).order_by("name", "pk")


def rates_by_unit(user: User) -> list[UnitRates]:
    """Of all units that have or had an appeal in the areas of the person's office, by name."""
    ours = Appeal.objects.filter(scope_of(user).areas([Role.OFFICE]))
    counts = counts_by_unit(ours)
    units = Unit.objects.in_bulk(list(counts)).values()
    rows = [UnitRates(unit, counts[unit.pk]) for unit in units]
    return sorted(rows, key=lambda row: (row.unit.name, row.unit.pk))


def counts_by_unit(rows: QuerySet[Appeal]) -> dict[int, Counts]:
    """The counts of the rates by the key of the unit; four queries, whatever the number."""
    steps = AppealEvent.objects.filter(appeal__in=rows.order_by().values("pk"))
    of_appeals = _grouped(rows, "unit", _of_appeals())
    of_steps = _grouped(steps, "unit", _of_steps())
    standing = steps.exclude(Exists(_taken_out_again()), step="merge")
    unsigned = _grouped(standing, "late_to_sign", {"number": Count("pk")})
    unanswered = _grouped(standing, "late_to_answer", {"number": Count("pk")})
    found = {}
    for unit in {*of_appeals, *of_steps, *unsigned, *unanswered}:
        numbers = of_appeals.get(unit, {}) | of_steps.get(unit, {})
        for name, told in (("signed_late", unsigned), ("answered_late", unanswered)):
            numbers[name] = numbers.get(name, 0) + told.get(unit, {}).get("number", 0)
        found[unit] = Counts(**numbers)
    return found


def _taken_out_again() -> QuerySet[AppealEvent]:
    """That a merge was undone: its clock goes on, so what was late by then is told later."""
    return AppealEvent.objects.filter(
        appeal=OuterRef("appeal"), number__gt=OuterRef("number"), step="unmerge"
    )


def _of_appeals() -> dict[str, Count]:
    """As of all, but of lateness only what runs now: the rest the steps tell."""
    late = is_appeal_late()
    running = {
        "signed_late": Count("pk", filter=Q(state=AppealState.ISSUED) & late),
        "answered_late": Count("pk", filter=Q(state=AppealState.HANDLING) & late),
    }
    numbers = numbers_of_appeals().items()
    return {name: each for name, each in numbers if name not in BY_STEP} | running


def _of_steps() -> dict[str, Count]:
    signed = Q(step="sign", late_to_sign=None)
    answered = Q(step="answer", late_to_answer=None)
    in_time = {
        "signed_in_time": Count("pk", filter=signed),
        "answered_in_time": Count("pk", filter=answered),
    }
    return in_time | numbers_of_dispatches()


def _grouped(
    rows: QuerySet[Any], by: str, numbers: Mapping[str, Count]
) -> dict[int, dict[str, int]]:
    named = {f"n_{name}": each for name, each in numbers.items()}  # not as columns are
    found: Any = rows.order_by().exclude(**{by: None}).values(by).annotate(**named)
    return {row.pop(by): {k.removeprefix("n_"): n for k, n in row.items()} for row in found}
