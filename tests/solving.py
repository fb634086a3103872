"""What follows from equations: an attacker's way from what is shown to what is not."""

from collections.abc import Hashable, Iterable, Mapping
from fractions import Fraction
from typing import Any

Equation = Mapping[Any, int]  # the factor of each unknown; what they come to is known


def determined(equations: Iterable[Equation]) -> set[Hashable]:
    """The unknowns that the equations fix, by elimination."""
    place: dict[Hashable, int] = {}
    rows: dict[int, dict[int, Fraction]] = {}
    for equation in equations:
        row = {place.setdefault(name, len(place)): Fraction(n) for name, n in equation.items()}
        while row:
            lead = min(row)
            if lead not in rows:
                rows[lead] = {k: v / row[lead] for k, v in row.items()}
                break
            row = _minus(row, rows[lead], row[lead])
    for lead in sorted(rows, reverse=True):
        for other in [k for k in rows[lead] if k != lead and k in rows]:
            rows[lead] = _minus(rows[lead], rows[other], rows[lead].get(other, Fraction(0)))
    names = list(place)
    return {names[lead] for lead, row in rows.items() if len(row) == 1}


def _minus(
    row: Mapping[int, Fraction], other: Mapping[int, Fraction], factor: Fraction
) -> dict[int, Fraction]:
    found = dict(row)
    for k, v in other.items():
        found[k] = found.get(k, Fraction(0)) - factor * v
    return {k: v for k, v in found.items() if v}
