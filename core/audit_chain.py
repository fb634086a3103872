"""How the audit rows hang together: each holds the hash of the one before. No database here.

What an attacker with the database in his hands can do, and where it shows:

- edit a row: its hash no longer fits; with its hash made anew, the next row's ``previous``
- delete, move or insert a row: numbers have gaps, hashes do not fit their numbers
- cut the end off: the head says how long the chain was
- do all of it again from some row on, head included: the heads kept outside contradict
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from cryptography.hazmat.primitives.hashes import SM3, Hash

BEGINNING = ""  # what the first entry has for its predecessor's hash
LISTED = 100  # faults that are named one by one
HASHED = (
    "id",
    "at",
    "actor_id",
    "act",
    "subject",
    "detail",
    "address",
    "algorithm",
    "previous",
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), allow_nan=False).encode


def _sm3(content: bytes) -> bytes:
    state = Hash(SM3())
    state.update(content)
    return state.finalize()


_ALGORITHMS: dict[str, Callable[[bytes], bytes]] = {
    "sha256": lambda content: sha256(content).digest(),
    "sm3": _sm3,
}


def digest(entry: Any) -> str:
    """The hash of everything in the entry but its own hash, as hexadecimal digits.

    The content is JSON with sorted keys, without blanks; the time counts microseconds, so
    that neither the database nor the time zone changes it. Never change this form: rows
    written long ago are checked with it.
    """
    content = [getattr(entry, name) for name in HASHED]
    content[1] = (entry.at - _EPOCH) // _MICROSECOND
    return _ALGORITHMS[entry.algorithm](_canonical(content).encode()).hex()


def seal(entry: Any, *, number: int, previous: str, algorithm: str) -> None:
    """Give the entry its place at the end of the chain."""
    entry.id, entry.previous, entry.algorithm = number, previous, algorithm
    entry.hash = digest(entry)


class Kind(Enum):
    """What was done to the chain."""

    EDITED = "edited"
    MISSING = "missing"
    MOVED = "moved"
    FORGED = "forged"
    CUT = "cut"
    REWRITTEN = "rewritten"
    HEAD = "head"
    OUTSIDE = "outside"
    UNGUARDED = "unguarded"
    MORE = "more"


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, at which entry (0: at none), and the sentence that says it."""

    kind: Kind
    number: int
    text: str


@dataclass(frozen=True)
class KeptHead:
    """One line of the heads kept outside the database."""

    day: str
    number: int
    hash: str


class Walk:
    """Goes along the chain from its beginning, entry by entry, and collects the faults."""

    def __init__(self, heads: Iterable[KeptHead] = ()) -> None:
        self.number = 0
        self.hash: str | None = BEGINNING  # None: unknown, after a gap or a broken entry
        self.seen = 0
        self.faults: list[Fault] = []
        self._heads: dict[int, list[KeptHead]] = defaultdict(list)
        for head in heads:
            self._heads[head.number].append(head)
        self._expected = 0  # how long the database says the chain is
        self._confirmed = 0  # up to this entry a head from outside agrees
        self._broken: list[Any] = []
        self._missing: list[int] = []

    @property
    def is_full(self) -> bool:
        """Whether enough has been found to stop looking."""
        return len(self.faults) + len(self._broken) >= LISTED

    def step(self, entry: Any) -> None:
        """Look at the next entry, in the order of the numbers."""
        self.seen += 1
        if not isinstance(entry.id, int) or entry.id < 1:
            self.alien(entry.id)
            return
        if entry.id > self.number + 1:
            self._gap(entry.id)
        if not _is_sound(entry):
            self._broken.append(entry)
        elif self.hash is not None and entry.previous != self.hash:
            self._fault(
                Kind.REWRITTEN,
                entry.id,
                f"第 {entry.id} 条与前一条接不上：第 {self.number} 条或更早的内容被改写过。",
            )
        self._compare_outside(entry)
        self.hash = entry.hash if _is_sound(entry) else None
        self.number = entry.id

    def alien(self, number: object) -> None:
        """A row under what is no number of the chain."""
        self._fault(Kind.FORGED, 0, f"编号为「{number}」的一条不在链上，是伪造的。")

    def unreadable(self, number: int) -> None:
        """The database holds something under this number that is no audit row any more."""
        if number > self.number + 1:
            self._gap(number)
        self.seen += 1
        self._fault(Kind.EDITED, number, f"第 {number} 条被改动：内容已无法读取。")
        self.hash, self.number = None, number

    def end(self, number: int, last_hash: str) -> None:
        """Compare with the head that the database holds."""
        self._expected = number
        if self.number < number:
            self._cut(number, f"链尾登记到第 {number} 条")
        elif self.number > number:
            self._fault(
                Kind.FORGED,
                number + 1,
                f"{_span(number + 1, self.number)}不在链上（链尾登记到第 {number} 条），是伪造的。",
            )
        elif self.hash is not None and self.hash != last_hash:
            self._fault(
                Kind.HEAD, number, f"链尾登记的校验值与第 {number} 条不符：其中一个被改动过。"
            )

    def result(self) -> Iterator[Fault]:
        """All faults in the order of the entries."""
        latest = max((number for number in self._heads), default=0)
        if latest > max(self.number, self._expected):
            day = self._heads[latest][-1].day
            self._cut(latest, f"{day} 在库外留存的链尾是第 {latest} 条")
        found = sorted(self.faults + self._explained(), key=lambda fault: fault.number)
        yield from found[:LISTED]
        if len(found) >= LISTED:
            yield Fault(Kind.MORE, 0, f"已列出 {LISTED} 处，其余不再逐条列出。")

    def _fault(self, kind: Kind, number: int, text: str) -> None:
        self.faults.append(Fault(kind, number, text))

    def _gap(self, number: int) -> None:
        first, last = self.number + 1, number - 1
        self._fault(Kind.MISSING, first, f"{_span(first, last)}缺失。")
        self._missing += range(first, min(last, first + LISTED) + 1)
        self.hash = None

    def _cut(self, number: int, source: str) -> None:
        first = self.number + 1
        self._fault(Kind.CUT, first, f"末尾被截断：{_span(first, number)}不在了（{source}）。")

    def _compare_outside(self, entry: Any) -> None:
        for head in self._heads.get(entry.id, ()):
            if head.hash == entry.hash:
                self._confirmed = entry.id
                continue
            span = _span(self._confirmed + 1, entry.id)
            self._fault(
                Kind.REWRITTEN,
                entry.id,
                f"第 {entry.id} 条的校验值与 {head.day} 在库外留存的不同：{span}中有内容被改写过。",
            )

    def _explained(self) -> list[Fault]:
        """Each broken entry: was it moved from another place, or changed where it stands?"""
        places = [entry.id for entry in self._broken] + self._missing
        return [_explanation(entry, places) for entry in self._broken]


def _explanation(entry: Any, places: list[int]) -> Fault:
    for place in places:
        if place != entry.id and _fits(entry, place):
            text = f"第 {entry.id} 条被调换：它原是第 {place} 条。"
            return Fault(Kind.MOVED, entry.id, text)
    return Fault(Kind.EDITED, entry.id, f"第 {entry.id} 条被改动：内容与校验值不符。")


def _is_sound(entry: Any) -> bool:
    try:
        return bool(digest(entry) == entry.hash)
    except (AttributeError, KeyError, TypeError, ValueError):
        return False  # a value that no audit row was ever written with


def _fits(entry: Any, place: int) -> bool:
    content = {name: getattr(entry, name) for name in HASHED} | {"id": place}
    return _is_sound(SimpleNamespace(**content, hash=entry.hash))


def _span(first: int, last: int) -> str:
    return f"第 {first} 条" if first == last else f"第 {first} 至 {last} 条"
