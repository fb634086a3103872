"""Keyset paging: a page costs the same at row 20 and at row 4,000,000.

A list that is computed, and in an order of its own, is cut into pages by position.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import BigIntegerField, BooleanField, F, Func, QuerySet, Value
from django.http import HttpRequest

LONGEST_ID = 19  # digits of the largest 64-bit number
LARGEST_ID = 2**63 - 1
PARTED = "~"  # between the value and the id of a position


class _Row(Func):
    """(a, b): a row value."""

    template = "(%(expressions)s)"


class _Beyond(Func):
    """One row value beyond another.

    Both databases find it in one step by an index. Django's own comparison of tuples becomes
    an OR on SQLite, which reads the list from its beginning.
    """

    template = "%(expressions)s"
    arg_joiner = " > "
    output_field = BooleanField()


class _UpTo(_Beyond):
    arg_joiner = " <= "


@dataclass(frozen=True)
class Order:
    """Rows by a column, rising, then by id; or without a column by id, the newest first.

    Where the column may be empty, those rows come last. An index over (column, id) makes a
    page cost the same wherever it begins.
    """

    column: str = ""
    nullable: bool = False

    def key(self, row: Any) -> tuple[Any, ...]:
        """By what Python puts rows into this order."""
        if not self.column:
            return (-row.pk,)
        value = getattr(row, self.column)
        return (True, row.pk) if value is None else (False, value, row.pk)

    def position(self, row: Any) -> str:
        """The row as an address says it."""
        if not self.column:
            return str(row.pk)
        value = getattr(row, self.column)
        return f"{'' if value is None else value}{PARTED}{row.pk}"

    def parts(self, rows: QuerySet[Any], after: str) -> Iterator[QuerySet[Any]]:
        """What comes after the position, in order, in parts that an index can answer each."""
        value, _, number = after.rpartition(PARTED)
        last = _number(number)
        if value and (last is None or not self.column):
            raise SuspiciousOperation("page position of another order")
        if not self.column:
            yield rows.order_by("-id") if last is None else rows.order_by("-id").filter(id__lt=last)
            return
        if value or last is None or not self.nullable:
            yield self._valued(rows, value, last)
        if self.nullable:
            empty = rows.filter(**{f"{self.column}__isnull": True}).order_by("id")
            yield empty.filter(id__gt=last) if last is not None and not value else empty

    def _valued(self, rows: QuerySet[Any], value: str, last: int | None) -> QuerySet[Any]:
        if self.nullable:
            rows = rows.filter(**{f"{self.column}__isnull": False})
        if last is not None:
            place = self._place(rows, value, last)
            rows = rows.filter(_Beyond(_Row(F(self.column), F("id")), place))
        return rows.order_by(self.column, "id")

    def until(self, part: QuerySet[Any], row: Any) -> QuerySet[Any]:
        """Of a part what comes up to the row, itself among them."""
        if not self.column:
            return part.filter(id__gte=row.pk)
        value = getattr(row, self.column)
        if value is None:
            return part.filter(id__lte=row.pk)
        return part.filter(_UpTo(_Row(F(self.column), F("id")), self._place(part, value, row.pk)))

    def _place(self, rows: QuerySet[Any], value: Any, number: int) -> _Row:
        field = rows.model._meta.get_field(self.column.removesuffix("_id"))
        return _Row(
            Value(_read(field, value), output_field=_plain(field)),
            Value(min(number, LARGEST_ID), output_field=BigIntegerField()),
        )


def _plain(field: Any) -> Any:
    return BigIntegerField() if field.is_relation else field


def _read(field: Any, value: str) -> Any:
    if field.is_relation:
        return min(_number(str(value)) or 0, LARGEST_ID)
    try:
        return field.to_python(value)
    except ValidationError as error:
        raise SuspiciousOperation("page position is no value of its column") from error


NEWEST = Order()


class Listed(NamedTuple):
    """Rows in an order that an index has.

    Where they are narrowed by more than an index knows, ``within`` are the rows that one leads
    to: a page looks through ``settings.PAGE_SPAN`` of them and goes on from there.
    """

    rows: QuerySet[Any]
    order: Order = NEWEST
    within: QuerySet[Any] | None = None


@dataclass(frozen=True)
class Page:
    """One page of rows and the query strings of its neighbours (empty: none).

    ``is_partial`` where it ended before it was full, and more is to be looked through.
    """

    rows: Sequence[Any]
    first: str
    following: str
    is_partial: bool = False

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def page_of(rows: QuerySet[Any], request: HttpRequest, order: Order = NEWEST) -> Page:
    """The page after ``?after=<position>``; the other parameters stay in the links."""
    return page_of_all([Listed(rows, order)], request)


def page_of_all(lists: Sequence[Listed], request: HttpRequest) -> Page:
    """The same of several lists shown as one: each answered by an index of its own.

    All by the same column; a row that stands in two of them is shown once.
    """
    after = request.GET.get("after", "")
    order = lists[0].order
    looks = [_look(each, after) for each in lists]
    rows = {row.pk: row for found, _ in looks for row in found}
    ends = [end for _, end in looks if end]
    found = sorted(rows.values(), key=order.key)
    if ends:
        end = min(ends, key=order.key)
        found = [row for row in found if order.key(row) <= order.key(end)]
    shown = found[: settings.PAGE_SIZE]
    first = _link(request) if after else ""
    if len(found) > len(shown):
        return Page(shown, first, _link(request, after=order.position(shown[-1])))
    if ends:
        return Page(shown, first, _link(request, after=order.position(end)), is_partial=True)
    return Page(shown, first, "")


def _look(listed: Listed, after: str) -> tuple[list[Any], Any]:
    """Rows for a page and one more; and where the search ended before the rows did."""
    wanted = settings.PAGE_SIZE + 1
    order, found = listed.order, list[Any]()
    wholes = order.parts(listed.within, after) if listed.within is not None else repeat(None)
    for part, whole in zip(order.parts(listed.rows, after), wholes, strict=False):
        if len(found) == wanted:
            break
        end = _end_of_span(whole, order) if whole is not None else None
        found += (order.until(part, end) if end else part)[: wanted - len(found)]
        if end and len(found) < wanted:
            return found, end
    return found, None


def _end_of_span(whole: QuerySet[Any], order: Order) -> Any:
    """The last row that a page may look at, read from the index alone; None: it has them all."""
    rows = whole.only(*filter(None, [order.column.removesuffix("_id")]), "id")
    return next(iter(rows[settings.PAGE_SPAN - 1 : settings.PAGE_SPAN]), None)


def part_of(rows: Sequence[Any], request: HttpRequest) -> Page:
    """The page of a computed list after the first ``?after=<number>`` of its rows."""
    passed = _after(request) or 0
    end = passed + settings.PAGE_SIZE
    following = _link(request, after=str(end)) if end < len(rows) else ""
    return Page(rows[passed:end], _link(request) if passed else "", following)


def is_key(text: str) -> bool:
    """Whether the text can be the key of a row: a number of 64 bits."""
    return text.isdecimal() and len(text) <= LONGEST_ID and int(text) <= LARGEST_ID


def _after(request: HttpRequest) -> int | None:
    """How many rows are passed; raises SuspiciousOperation when the address says no number."""
    return _number(request.GET.get("after", ""))


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or len(text) > LONGEST_ID:
        raise SuspiciousOperation("page position is not a number")
    return int(text)


def _link(request: HttpRequest, **changes: str) -> str:
    parameters = request.GET.copy()
    parameters.pop("after", None)
    parameters.update(changes)
    return f"?{parameters.urlencode()}"
