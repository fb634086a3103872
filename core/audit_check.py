"""Whether the audit trail is as it was written."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from core import append_only
from core.audit_chain import HASHED, Fault, Kind, Walk
from core.audit_heads import read_heads
from core.models import AuditEntry, AuditHead

BATCH = 2000
BEFORE_ALL = -(2**63)
COLUMNS = (*HASHED, "hash")


@dataclass(frozen=True)
class Report:
    """What a check has looked at, and what it found."""

    entries: int
    kept_heads: int
    faults: list[Fault]


def verify() -> Report:
    """Recompute the whole chain and compare it with its head and the heads kept outside.

    Goes through the table once, in batches. Acts may go on meanwhile: only the last few
    entries are read while nobody can append.
    """
    heads, faults = read_heads()
    walk = Walk(heads)
    known = AuditHead.objects.first()
    last = _go_along(walk, after=BEFORE_ALL, until=known.number if known else 0)
    with transaction.atomic():
        head = AuditHead.objects.select_for_update().first()
        _go_along(walk, after=last, until=None)
        if head is None:
            faults.append(Fault(Kind.HEAD, 0, "链尾登记不见了。"))
        elif not walk.is_full:
            walk.end(head.number, head.hash)
    return Report(walk.seen, len(heads), [*_unguarded(), *faults, *walk.result()])


def _go_along(walk: Walk, *, after: int, until: int | None) -> int:
    """Walk through the entries above ``after``, up to ``until``; the last number read."""
    for numbers in _batches(walk, after, until):
        for entry in _read(numbers):
            if isinstance(entry, int):
                walk.unreadable(entry)
            else:
                walk.step(entry)
        after = numbers[-1]
    return after


def _batches(walk: Walk, after: int, until: int | None) -> Iterator[list[int]]:
    """The numbers in use, in order, until the walk has found enough."""
    limit = {} if until is None else {"id__lte": until}
    while not walk.is_full:
        entries = AuditEntry.objects.filter(id__gt=after, **limit).order_by("id")
        found = list(entries.values_list("id", flat=True)[:BATCH])
        for stray in (each for each in found if not isinstance(each, int)):
            walk.alien(stray)  # SQLite takes any text for a number
        numbers = [each for each in found if isinstance(each, int)]
        if numbers:
            yield numbers
            after = numbers[-1]
        if len(found) < BATCH or not numbers:
            break


def _read(numbers: list[int]) -> list[Any]:
    """The entries; of one that cannot be read, its number."""
    try:
        return list(_rows(numbers))
    except (AttributeError, TypeError, ValueError):  # SQLite takes any text for a time
        if len(numbers) == 1:
            return numbers
        middle = len(numbers) // 2
        return _read(numbers[:middle]) + _read(numbers[middle:])


def _rows(numbers: list[int]) -> Iterator[Any]:
    between = AuditEntry.objects.filter(id__gte=numbers[0], id__lte=numbers[-1])
    return between.order_by("id").values_list(*COLUMNS, named=True).iterator(BATCH)


def _unguarded() -> list[Fault]:
    table = AuditEntry._meta.db_table
    if table in append_only.guarded(connection):
        return []
    text = "数据库里禁止改写审计记录的触发器不在了或已停用，请查明是谁取消的。"
    return [Fault(Kind.UNGUARDED, 0, text)]
