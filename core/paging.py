"""Keyset paging: a page costs the same at row 20 and at row 4,000,000."""

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
    after = request.GET.get("after", "")
    rows = queryset.order_by("-id")
    if after:
        if not after.isdecimal() or len(after) > LONGEST_ID:
            raise SuspiciousOperation("page position is not a number")
        rows = rows.filter(id__lt=int(after))
    found = list(rows[: settings.PAGE_SIZE + 1])
    shown = found[: settings.PAGE_SIZE]
    following = _link(request, after=str(shown[-1].pk)) if len(found) > len(shown) else ""
    return Page(shown, _link(request) if after else "", following)


def _link(request: HttpRequest, **changes: str) -> str:
    parameters = request.GET.copy()
    parameters.pop("after", None)
    parameters.update(changes)
    return f"?{parameters.urlencode()}"
