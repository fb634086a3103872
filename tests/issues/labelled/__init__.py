"""Problem items written for the purpose and labelled by hand.

The half of an item is fixed by its key. Rules are tuned on TUNED only; whoever looks at the
mistakes in HELD_OUT writes new items first. c001 to c130 and v001 to v120 were written before
there was a rule; the rest, in another tone, when the first rules stood: vague ones with a real
date and a real name, concrete ones in the third person.

- ``concrete.csv``: a reader who was not there knows what happened and what will be done;
  some are clumsy, some carry stock phrases beside the example.
- ``vague.csv``: with the fields in which they are vague (column ``vague``); some are long, some
  carry numbers, documents or places that say nothing, some are vague in one field only.
- ``copied.csv``: an event taken from another item (``of``) with names and numbers changed, or
  from a template that goes round.
- ``distinct.csv``: another event of the same kind as an item's (``near``): not a copy.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from issues.concreteness import CLAIMED, Text, check
from issues.concreteness.reading import template_in
from issues.likeness import likeness

TUNED, HELD_OUT = "tuned", "held out"
HALVES = (TUNED, HELD_OUT)
DAY = date(2026, 6, 1)
TEMPLATE = "template"
ALIKE = 0.6  # from which likeness on the product calls an event a copy


@dataclass(frozen=True)
class Item:
    key: str
    text: Text
    vague: frozenset[str]  # the fields that say nothing


@dataclass(frozen=True)
class Pair:
    key: str
    event: str
    other: str  # the key of the item it is held against, or "template"
    is_copy: bool


def half_of(key: str) -> str:
    return HALVES[sha256(key.encode()).digest()[0] % 2 == 0]


def items(half: str) -> list[Item]:
    rows = _rows("concrete", half) + _rows("vague", half)
    return [Item(row["key"], _text(row), frozenset(row.get("vague", "").split())) for row in rows]


def pairs(half: str) -> list[Pair]:
    copies = [Pair(r["key"], r["event"], r["of"], True) for r in _rows("copied", half)]
    others = [Pair(r["key"], r["event"], r["near"], False) for r in _rows("distinct", half)]
    return copies + others


def events() -> dict[str, str]:
    """The event of every concrete and vague item, of both halves."""
    return {item.key: item.text.event for half in HALVES for item in items(half)}


def flagged(item: Item) -> frozenset[str]:
    """The fields at which something is said, refusal or warning."""
    return frozenset(finding.field for finding in check(item.text))


@dataclass(frozen=True)
class Score:
    """What was found against what is there."""

    found: int
    right: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.found

    @property
    def recall(self) -> float:
        return self.right / self.there


def score(pairs: Iterable[tuple[bool, bool]]) -> Score:
    """Of (is said, is so)."""
    rows = list(pairs)
    right = sum(said and so for said, so in rows)
    return Score(sum(said for said, _ in rows), right, sum(so for _, so in rows))


def score_of_items(half: str) -> Score:
    """Is something said of an item, and is it vague."""
    return score((bool(flagged(item)), bool(item.vague)) for item in items(half))


def score_of_fields(half: str) -> Score:
    """The same of each field by itself."""
    names = ("place", *CLAIMED)
    return score(
        (name in flagged(item), name in item.vague) for item in items(half) for name in names
    )


def score_of_copies(half: str) -> Score:
    """Is an item or a template found for an event, and is it one that it was taken from."""
    rows = list(_origins(half, events()))
    return Score(
        found=sum(bool(origin) for _, origin in rows),
        right=sum(pair.is_copy and origin in {pair.other, TEMPLATE} for pair, origin in rows),
        there=sum(pair.is_copy for pair, _ in rows),
    )


def _origins(half: str, known: dict[str, str]) -> Iterator[tuple[Pair, str]]:
    for pair in pairs(half):
        if template_in(pair.event):
            yield pair, TEMPLATE
        else:
            best = max(known, key=lambda key: likeness(pair.event, known[key]))
            yield pair, best if likeness(pair.event, known[best]) >= ALIKE else ""


def _text(row: dict[str, str]) -> Text:
    words = {name: row[name] for name in ("place", *CLAIMED)}
    return Text(happened_on=DAY, due_on=DAY, **words)


def _rows(name: str, half: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if half_of(row["key"]) == half]
