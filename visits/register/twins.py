"""Rows of one file that name the same thing twice, or may: found without keeping the rows.

Of each row only hashes are kept, so that a million of them take 40 MB. A hash of 64 bits
that two different values share is not to be expected in a thousand such files.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator

from core.columns import RowError
from visits.choices import IN_FILE, Likeness, TargetKind
from visits.register.fields import KEY_OF, NAME_OF, PHONE, VILLAGE
from visits.register.names import place_and_name
from visits.register.rows import Entry

_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None})
NOTHING = 0
_TOLD = {
    Likeness.SAME_NAME: "与第 {} 行在同一个村（社区），名称相同或相近，请核对是不是同一个",
    Likeness.SAME_PHONE: "与第 {} 行的联系电话相同，请核对",
    Likeness.LIKE_CODE: "与第 {} 行的编号很像（可能抄错了一位，如 O 和 0、I 和 1），请核对",
    Likeness.KNOWN_NAME: "与在册的{}在同一个村（社区），名称相同或相近，请核对是不是同一个",
    Likeness.KNOWN_PHONE: "与在册的{}联系电话相同，请核对是不是同一个",
}


def resemblance(kind: TargetKind, row: int, likeness: Likeness, first: int) -> RowError:
    """The row resembles an earlier one."""
    heading = {
        Likeness.SAME_NAME: NAME_OF.get(kind, VILLAGE),
        Likeness.SAME_PHONE: PHONE,
        Likeness.LIKE_CODE: KEY_OF[kind],
    }[likeness]
    return RowError(row, heading, likeness, _TOLD[likeness].format(first))


def known_alike(kind: TargetKind, row: int, likeness: Likeness, entry: str) -> RowError:
    """The row resembles an entry of the register, which ``entry`` names."""
    heading = PHONE if likeness == Likeness.KNOWN_PHONE else NAME_OF.get(kind, VILLAGE)
    return RowError(row, heading, likeness, _TOLD[likeness].format(entry))


class Twins:
    """Takes the entries in the order of the file; asked when all are in."""

    def __init__(self, kind: TargetKind) -> None:
        self.kind = kind
        self._rows = array("L")  # the number of each entry's row
        self._codes = array("q")
        self._like = {each: array("q") for each in IN_FILE}
        self._pairs: dict[str, tuple[array[int], array[int]]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, entry: Entry) -> None:
        """One more entry; an empty code or telephone is like nothing."""
        self._rows.append(entry.row)
        code = entry.code
        self._codes.append(hash(code) if code else NOTHING)
        like = self._like
        phone = hash(entry.phone) if entry.phone else NOTHING
        like[Likeness.SAME_PHONE].append(phone)
        if self.kind == TargetKind.VILLAGE:
            folded = named = NOTHING  # of the area table, which knows no slips of the pen
        elif self.kind == TargetKind.HOUSEHOLD:
            folded = hash(code.upper().translate(_LOOKALIKES)) if code else NOTHING
            named = _named(entry)
        else:  # the check digit of a credit code tells a slip of the pen, not another enterprise
            folded = hash(code[:17]) if code else NOTHING
            named = _named(entry)
        like[Likeness.LIKE_CODE].append(folded)
        like[Likeness.SAME_NAME].append(named)

    def settle(self) -> None:
        """Find the pairs; what was kept of the rows is let go."""
        repeated = _pairs(self._codes)
        self._pairs = {"": repeated}
        again = set(repeated[0])
        for each, hashes in self._like.items():
            later, first = _pairs(hashes)
            kept = [(a, b) for a, b in zip(later, first, strict=True) if a not in again]
            self._pairs[each] = (
                array("L", [a for a, _ in kept]),
                array("L", [b for _, b in kept]),
            )
        self._codes = array("q")
        self._like = {}

    @property
    def found(self) -> bool:
        return any(len(later) for later, _ in self._pairs.values())

    @property
    def repeats(self) -> int:
        return len(self._pairs[""][0])

    def repeated(self, place: int) -> int | None:
        """The row that has the code of the entry at this place before it."""
        return self._first(place, "")

    def like(self, place: int) -> Iterator[tuple[Likeness, int]]:
        """How the entry resembles an earlier one, and the row of that."""
        for each in IN_FILE:
            row = self._first(place, each)
            if row is not None:
                yield each, row

    def _first(self, place: int, what: str) -> int | None:
        later, first = self._pairs[what]
        at = bisect_left(later, place)
        found = at < len(later) and later[at] == place
        return self._rows[first[at]] if found else None


def _named(entry: Entry) -> int:
    """Equal for what is called nearly the same in one village, as beside the register."""
    place = entry.village_id or entry.area_id
    return hash(place_and_name(place, entry.name)) if place else NOTHING


def _pairs(hashes: array[int]) -> tuple[array[int], array[int]]:
    """Places whose value stood before, and for each the first place of the value."""
    seen: set[int] = set()
    again: set[int] = set()
    if len(set(hashes)) < len(hashes):
        for value in hashes:
            (again if value in seen else seen).add(value)
    again.discard(NOTHING)
    del seen
    later, first = array("L"), array("L")
    begun: dict[int, int] = {}
    if again:
        for place, value in enumerate(hashes):
            if value in again and begun.setdefault(value, place) != place:
                later.append(place)
                first.append(begun[value])
    return later, first
