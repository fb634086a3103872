"""The audit trail: who did what, written with the act or not at all.

Every act runs in ``audit.atomic``, which is ``transaction.atomic`` with one addition: what
``record`` noted inside is written at the end of the outermost block, within its transaction.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar, overload

from django.conf import settings
from django.db import connection, models, transaction
from django.http import HttpRequest
from django.utils import timezone

from core.audit_chain import seal
from core.models import AuditEntry, AuditHead

_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass
class _Block:
    """One open ``audit.atomic``: how deep its transaction is nested, what was recorded in it."""

    depth: int
    entries: list[AuditEntry] = field(default_factory=list)


class _OpenBlocks(threading.local):
    """The open blocks of this thread, outermost first; a thread has a connection of its own."""

    def __init__(self) -> None:
        self.stack: list[_Block] = []


_open = _OpenBlocks()

_request: ContextVar[HttpRequest | None] = ContextVar("audited request", default=None)
ADDRESS_LENGTH = 45  # the longest IPv6 address as text

# Such a block could roll back without the trail's knowing.
_PLAIN_BLOCK = "inside audit.atomic use audit.atomic, not transaction.atomic"


@overload
def atomic() -> AbstractContextManager[None]: ...
@overload
def atomic(act: Callable[_P, _R]) -> Callable[_P, _R]: ...
def atomic(
    act: Callable[_P, _R] | None = None,
) -> AbstractContextManager[None] | Callable[_P, _R]:
    """``@audit.atomic`` or ``with audit.atomic():`` around an act and its audit rows.

    A block inside another is a savepoint: when it fails, what was recorded in it is
    dropped. When the rows of the outermost cannot be written, the whole act fails.
    """
    return _block() if act is None else _block()(act)


@contextmanager
def _block() -> Iterator[None]:
    with transaction.atomic():
        block = _Block(depth=_depth())
        if _open.stack and block.depth != _open.stack[-1].depth + 1:
            raise RuntimeError(_PLAIN_BLOCK)
        _open.stack.append(block)
        try:
            yield
            kept = [] if connection.needs_rollback else block.entries
            if len(_open.stack) == 1 and kept:
                _append(kept)
        finally:
            _open.stack.pop()
    if _open.stack:
        _open.stack[-1].entries += kept


def _depth() -> int:
    return len(connection.savepoint_ids)


def record(
    *, actor: models.Model | None, act: str, subject: models.Model, **detail: object
) -> None:
    """Note one audit row for the act under way; must be called inside ``audit.atomic``.

    ``act`` is a verb such as ``"issues.sign_off"``; ``detail`` holds texts, whole numbers,
    switches and lists or dictionaries of them. The address is kept when the actor is the
    person of the request under way.
    """
    if not _open.stack:
        raise RuntimeError("an audit row belongs into the audit.atomic of its act")
    if _open.stack[-1].depth != _depth():
        raise RuntimeError(_PLAIN_BLOCK)
    entry = AuditEntry(
        at=timezone.now(),
        actor_id=actor.pk if actor else None,
        act=act,
        subject=f"{subject._meta.label}:{subject.pk}",
        detail=_plain(detail),
        address=_address_of(actor) if actor else "",
    )
    _open.stack[-1].entries.append(entry)


def _plain(detail: dict[str, object]) -> dict[str, object]:
    """As the database gives it back, or the hash would not fit; it rounds broken numbers."""
    plain: dict[str, object] = _DECODER.decode(json.dumps(detail))
    return plain


def _refuse_number(text: str) -> float:
    raise TypeError(f"the audit trail keeps whole numbers and texts, not {text}")


_DECODER = json.JSONDecoder(parse_float=_refuse_number, parse_constant=_refuse_number)


@contextmanager
def origin(request: HttpRequest) -> Iterator[None]:
    """While it is open, acts of the request's person are recorded with the client's address."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


def _address_of(actor: models.Model) -> str:
    request = _request.get()
    if request is None or not request.user.is_authenticated or request.user.pk != actor.pk:
        return ""
    return str(request.META.get("REMOTE_ADDR", ""))[:ADDRESS_LENGTH]


def record_alone(
    *, actor: models.Model | None, act: str, subject: models.Model, **detail: object
) -> None:
    """Write an audit row for an act that changes no data, such as handing out a file."""
    with atomic():
        record(actor=actor, act=act, subject=subject, **detail)


def _append(entries: list[AuditEntry]) -> None:
    """Chain and insert; from here to the commit no other act can append."""
    head = _locked_head()
    for entry in entries:
        seal(entry, number=head.number + 1, previous=head.hash, algorithm=settings.AUDIT_HASH)
        head.number, head.hash = entry.id, entry.hash
    AuditEntry.objects.bulk_create(entries)
    head.save(update_fields=["number", "hash"])


def _locked_head() -> AuditHead:
    return AuditHead.objects.select_for_update().get()
