"""Which village a row means, and which grid of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from core.columns import Rejected
from core.workbook import clean_text
from visits.choices import Fault

_ENDINGS = ("村民委员会", "居民委员会", "村委会", "居委会", "委员会")
_VILLAGE_ENDING = re.compile(rf"({'|'.join(_ENDINGS)})$")
GRID_CODE_LENGTH = 15
TOLD_GRIDS = 8  # of a village, when none of them is meant


@dataclass(frozen=True)
class Village:
    """A village as the checks need it."""

    pk: int
    code: str
    name: str
    township: str
    in_scope: bool


class Grid(NamedTuple):
    """A grid of a village."""

    pk: int
    code: str
    name: str
    village_id: int


class Place(NamedTuple):
    """Where an entry is registered."""

    village: Village
    grid: Grid | None


def short_name(name: str) -> str:
    """What people call a village: its name without the word for its committee."""
    return _VILLAGE_ENDING.sub("", clean_text(name))


def full_names(name: str) -> set[str]:
    """Every name that a village called so may have in the tree of areas."""
    short = short_name(name)
    return {name, short, *(short + ending for ending in _ENDINGS)} if short else {name}


def is_grid_code(text: str) -> bool:
    return len(text) == GRID_CODE_LENGTH and text.isdecimal()


class Gazetteer:
    """Finds the village that a row means, and the grid.

    ``grids`` gives all grids; it is called once, and not before a row asks for one.
    """

    def __init__(
        self, villages: Iterable[Village], grids: Callable[[], Iterable[Grid]] = tuple
    ) -> None:
        self.by_code: dict[str, Village] = {}
        self.by_pk: dict[int, Village] = {}
        self._by_name: dict[tuple[str, str], list[Village]] = {}
        self._all_grids = grids
        for village in villages:
            self.by_code[village.code] = village
            self.by_pk[village.pk] = village
            key = (village.township, short_name(village.name))
            self._by_name.setdefault(key, []).append(village)

    def find(self, place: str, township: str) -> Village:
        """The village of a code, also of a grid's, or of a name with its township.

        Raises Rejected.
        """
        found = self._of_code(place) if place.isdecimal() else self._of_name(place, township)
        if township and found.township != township:
            raise Rejected(
                Fault.PLACE, f"「{place}」属于「{found.township}」，与所填的「{township}」不一致"
            )
        if not found.in_scope:
            raise Rejected(Fault.SCOPE, f"「{place}」不在您的管辖范围")
        return found

    def grid_in(self, village: Village, text: str) -> Grid:
        """The grid of the village that has this code or name. Raises Rejected."""
        if is_grid_code(text):
            return self._grid_of_code(village, text)
        own = self._grids.of_village.get(village.pk, {})
        if not own:
            raise Rejected(
                Fault.PLACE, f"区划表里「{village.name}」没有网格，请把「{text}」这一格留空"
            )
        found = own.get(text) or own.get(_grid_name(text, village), [])
        if not found:
            raise Rejected(Fault.PLACE, _unknown(village, text, own.values()))
        if len(found) > 1:
            codes = "、".join(grid.code for grid in found)
            raise Rejected(
                Fault.PLACE, f"「{village.name}」有 {len(found)} 个「{text}」，请改填代码：{codes}"
            )
        return found[0]

    def place_of(self, area_id: int) -> Place | None:
        """The village of this key, or the grid with its village; None for any other area."""
        if village := self.by_pk.get(area_id):
            return Place(village, None)
        grid = self._grids.by_pk.get(area_id)
        return Place(self.by_pk[grid.village_id], grid) if grid else None

    def areas_of(self, village_id: int) -> list[int]:
        """The village and its grids, by key."""
        own = self._grids.of_village.get(village_id, {})
        return [village_id, *(grid.pk for alike in own.values() for grid in alike)]

    @cached_property
    def _grids(self) -> _Grids:
        return _Grids(self._all_grids(), self.by_pk)

    def _grid_of_code(self, village: Village, code: str) -> Grid:
        grid = self._grids.by_code.get(code)
        if grid is None:
            raise Rejected(
                Fault.PLACE, f"区划表里没有代码为「{code}」的网格，请核对；不分网格的留空"
            )
        if grid.village_id != village.pk:
            other = self.by_pk[grid.village_id].name
            raise Rejected(
                Fault.PLACE,
                f"「{code}」是「{other}」的网格，不属于「{village.name}」，请改正其中一栏",
            )
        return grid

    def _of_code(self, code: str) -> Village:
        if is_grid_code(code):
            grid = self._grids.by_code.get(code)
            if grid is None:
                raise Rejected(Fault.PLACE, f"区划表里没有代码为「{code}」的网格，请核对")
            return self.by_pk[grid.village_id]
        if len(code) != 12:
            raise Rejected(
                Fault.PLACE, f"「{code}」有 {len(code)} 位，区划代码应为 12 位（网格 15 位）"
            )
        if code not in self.by_code:
            raise Rejected(Fault.PLACE, f"区划表里没有代码为「{code}」的村（社区）")
        return self.by_code[code]

    def _of_name(self, name: str, township: str) -> Village:
        if not township:
            raise Rejected(Fault.PLACE, f"只填了村名「{name}」，请同时填写乡镇（街道），或改填代码")
        found = self._by_name.get((township, short_name(name)), [])
        if not found:
            raise Rejected(Fault.PLACE, f"区划表里没有「{township}」的「{name}」")
        if len(found) > 1:
            codes = "、".join(village.code for village in found)
            raise Rejected(
                Fault.PLACE, f"「{township}」有 {len(found)} 个「{name}」，请改填代码：{codes}"
            )
        return found[0]


class _Grids:
    """The grids of the villages by code, by key, and by village and name."""

    def __init__(self, grids: Iterable[Grid], villages: dict[int, Village]) -> None:
        self.by_code: dict[str, Grid] = {}
        self.by_pk: dict[int, Grid] = {}
        self.of_village: dict[int, dict[str, list[Grid]]] = {}
        for grid in grids:
            village = villages.get(grid.village_id)
            if village is None:
                continue  # a grid of something else than a village is not told apart
            self.by_code[grid.code] = self.by_pk[grid.pk] = grid
            own = self.of_village.setdefault(village.pk, {})
            own.setdefault(_grid_name(grid.name, village), []).append(grid)


def _unknown(village: Village, text: str, own: Iterable[Sequence[Grid]]) -> str:
    if text.isdecimal() and len(text) >= 12:
        return f"「{text}」有 {len(text)} 位，网格代码应为 {GRID_CODE_LENGTH} 位"
    names = [grid.name for alike in own for grid in alike]
    some = "、".join(names[:TOLD_GRIDS]) + ("等" if len(names) > TOLD_GRIDS else "")
    return f"「{village.name}」没有网格「{text}」，有{some}。请改成其中一个，或填 15 位代码"


def _grid_name(name: str, village: Village) -> str:
    """As it is looked up: without blanks, and without the village's name before it."""
    text = clean_text(name).replace(" ", "")
    for before in (clean_text(village.name), short_name(village.name)):
        if text.startswith(before) and len(text) > len(before):
            return text[len(before) :]
    return text
