"""Keyset paging: a page costs the same at row 20 and at row 4,000,000.

A list that is computed, and in an order of its own, is cut into pages by position.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.db.models import QuerySet
from django.http import HttpRequest

LONGEST_ID = 19  # digits of the largest 64-bit number


@dataclass(frozen=True)
class Page:
    """One page of rows and the query strings of its neighbours (empty: none)."""

    rows: Sequence[Any]
    first: str
    following: str

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(queryset: QuerySet[Any], request: HttpRequest) -> Page:
    """The page after ``?after=<id>``, newest first; the other parameters stay in the links."""
    after = _after(request)
    rows = queryset.order_by("-id")
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows[: settings.PAGE_SIZE + 1])
    shown = found[: settings.PAGE_SIZE]
    following = _link(request, after=str(shown[-1].pk)) if len(found) > len(shown) else ""
    return Page(shown, _link(request) if after is not None else "", following)


def part_of(rows: Sequence[Any], request: HttpRequest) -> Page:
    """The page of a computed list after the first ``?after=<number>`` of its rows."""
    passed = _after(request) or 0
    end = passed + settings.PAGE_SIZE
    following = _link(request, after=str(end)) if end < len(rows) else ""
    return Page(rows[passed:end], _link(request) if passed else "", following)


def _after(request: HttpRequest) -> int | None:
    """What the address says; raises SuspiciousOperation when that is no position."""
    after = request.GET.get("after", "")
    if after and (not after.isdecimal() or len(after) > LONGEST_ID):
        raise SuspiciousOperation("page position is not a number")
    return int(after) if after else None


def _link(request: HttpRequest, **changes: str) -> str:
    parameters = request.GET.copy()
    parameters.pop("after", None)
    parameters.update(changes)
    return f"?{parameters.urlencode()}"
