"""From the rows of a list of units to steps: which units come, change and move."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from core.columns import Rejected, RowError, RowReader
from organisation.choices import UnitKind
from organisation.roster.faults import Fault
from organisation.roster.fields import AREA, CODE, KIND, PARENT, UNIT_NAME, as_written

if TYPE_CHECKING:
    from core.workbook import Row

DEEPEST = 10  # levels of units; a county has three or four
_GOOD_CODE = re.compile(r"[0-9A-Za-z-]{1,20}")
# Reading a workbook makes brackets half-width.
_KINDS = {label.replace("（", "(").replace("）", ")"): UnitKind(v) for v, label in UnitKind.choices}


class UnitAct(Enum):
    CREATE = "created"
    CHANGE = "changed"
    MOVE = "moved"


@dataclass(frozen=True)
class PresentUnit:
    """A unit that there is. ``parent`` is the number of the unit above, 0 at the top."""

    pk: int
    code: str
    name: str
    kind: str
    area: str
    parent: int
    is_open: bool
    in_scope: bool


@dataclass(frozen=True)
class UnitEntry:
    """One unit as its row describes it; ``parent`` is the code of the unit above."""

    row: int
    code: str
    name: str
    kind: str
    area: str
    parent: str


@dataclass(frozen=True)
class UnitStep:
    """What is done with one unit, parents before children."""

    entry: UnitEntry
    present: PresentUnit | None
    acts: frozenset[UnitAct]


@dataclass(frozen=True)
class Ground:
    """The codes of all areas, and those of the importer's."""

    known: frozenset[str]
    own: frozenset[str]


def read_units(rows: Iterable[Row], ground: Ground) -> tuple[list[UnitEntry], list[RowError]]:
    """An entry per row with a code, faulty or not, and every fault, in row order."""
    entries: list[UnitEntry] = []
    errors: list[RowError] = []
    codes: dict[str, int] = {}
    names: dict[str, int] = {}
    for row in rows:
        reader = _UnitReader(row, ground)
        entry = reader.entry()
        reader.once(CODE.heading, entry.code, codes)
        reader.once(UNIT_NAME.heading, entry.name, names)
        entries.append(entry)
        errors.extend(reader.errors)
    return entries, errors


class _UnitReader(RowReader):
    faults = Fault

    def __init__(self, row: Row, ground: Ground) -> None:
        super().__init__(row)
        self.ground = ground

    def entry(self) -> UnitEntry:
        return UnitEntry(
            row=self.row.number,
            code=self._code(),
            name=as_written(self.text(UNIT_NAME)),
            kind=self.meaning(KIND, _KINDS) or "",
            area=self._area(),
            parent=self.text(PARENT),
        )

    def once(self, heading: str, value: str, seen: dict[str, int]) -> None:
        """A value that stands in one row only."""
        if value and value in seen:
            text = f"「{value}」与第 {seen[value]} 行重复"
            self.reject(heading, Rejected(Fault.REPEATED, text))
        elif value:
            seen[value] = self.row.number

    def _code(self) -> str:
        text = self.text(CODE)
        if text and not _GOOD_CODE.fullmatch(text):
            why = f"「{text}」应为数字、字母或短横，不超过 20 位"
            self.reject(CODE.heading, Rejected(Fault.FORMAT, why))
        return text

    def _area(self) -> str:
        code = self.text(AREA)
        if code and code not in self.ground.known:
            why = f"区划表里没有代码「{code}」，应为 12 位区划代码"
            self.reject(AREA.heading, Rejected(Fault.AREA, why))
        elif code and code not in self.ground.own:
            self.reject(AREA.heading, Rejected(Fault.SCOPE, f"「{code}」不在您负责的区划内"))
        return code


def plan_units(
    entries: Sequence[UnitEntry], units: Iterable[PresentUnit]
) -> tuple[list[UnitStep], list[RowError]]:
    """The steps that make the units as the entries say, and what forbids one of them."""
    tree = _Tree(entries, units)
    steps: list[tuple[int, UnitStep]] = []
    errors: list[RowError] = []
    for entry in entries:
        found = tree.faults(entry)
        errors += [RowError(entry.row, column, why.kind, why.text) for column, why in found]
        if not found:
            present = tree.present(entry)
            if acts := tree.acts(entry, present):
                steps.append((tree.depth(entry), UnitStep(entry, present, acts)))
    steps.sort(key=lambda step: (step[0], step[1].entry.row))
    return [step for _, step in steps], errors


class _Tree:
    """The units as they are and as the file wants them, by code."""

    def __init__(self, entries: Sequence[UnitEntry], units: Iterable[PresentUnit]) -> None:
        self.entries: Mapping[str, UnitEntry] = {entry.code: entry for entry in entries}
        self.by_pk = {unit.pk: unit for unit in units}
        self.by_code = {unit.code: unit for unit in self.by_pk.values() if unit.code}
        self.by_name = {as_written(unit.name): unit for unit in self.by_pk.values()}
        self.keys = {self._key(entry): entry for entry in entries}

    def present(self, entry: UnitEntry) -> PresentUnit | None:
        """The unit of that code; or the one of that name which has no code yet."""
        found = self.by_code.get(entry.code)
        named = self.by_name.get(entry.name)
        return found or (named if named and named.in_scope and not named.code else None)

    def acts(self, entry: UnitEntry, present: PresentUnit | None) -> frozenset[UnitAct]:
        if present is None:
            return frozenset({UnitAct.CREATE})
        is_same = (entry.code, entry.name, entry.kind, entry.area) == (
            present.code,
            as_written(present.name),
            present.kind,
            present.area,
        )
        moves = self._wanted_parent(entry) != self._present_parent(present)
        return frozenset(
            ({UnitAct.MOVE} if moves else set()) | (set() if is_same else {UnitAct.CHANGE})
        )

    def faults(self, entry: UnitEntry) -> list[tuple[str, Rejected]]:
        if not entry.code:
            return []  # told already, and nothing can be said about its place
        checks = (
            (CODE.heading, self._own(entry)),
            (UNIT_NAME.heading, self._free_name(entry)),
            (PARENT.heading, self._parent(entry)),
        )
        return [(heading, why) for heading, why in checks if why]

    def depth(self, entry: UnitEntry) -> int:
        """How many units stand above; more than DEEPEST of a circle."""
        depth, key = 0, self._above(self._key(entry))
        while key and depth <= DEEPEST:
            depth, key = depth + 1, self._above(key)
        return depth

    def _own(self, entry: UnitEntry) -> Rejected | None:
        present = self.present(entry)
        if present and not present.in_scope:
            # Whose it is stays untold.
            return Rejected(Fault.SCOPE, f"「{entry.code}」已由您负责范围以外的单位使用，请核对")
        if present and not present.is_open:
            return Rejected(Fault.CLOSED, f"「{present.name}」已撤销，请删除这一行，或改用新的编号")
        return None

    def _free_name(self, entry: UnitEntry) -> Rejected | None:
        holder, present = self.by_name.get(entry.name), self.present(entry)
        if holder is None or holder == present:
            return None
        text = f"已有名为「{entry.name}」的单位（编号 {holder.code}）。要互换名称的请分两次导入"
        return Rejected(Fault.TAKEN, text if holder.in_scope else "这个名称已被别的单位使用")

    def _parent(self, entry: UnitEntry) -> Rejected | None:
        above = self.by_code.get(entry.parent)
        if entry.parent and above is None and entry.parent not in self.entries:
            return Rejected(Fault.UNIT, f"本表和系统里都没有编号为「{entry.parent}」的单位")
        if above and not above.in_scope and above.pk != self._kept_parent(entry):
            return Rejected(Fault.SCOPE, f"「{entry.parent}」不在您负责的范围，不能作上级")
        if above and not above.is_open:
            return Rejected(Fault.CLOSED, f"「{above.name}」已撤销，不能作上级")
        if self._comes_back(entry):
            text = f"「{entry.name}」绕一圈又成了自己的上级，请检查这几行的上级单位编号"
            return Rejected(Fault.CYCLE, text)
        if self.depth(entry) >= DEEPEST:
            return Rejected(Fault.FORMAT, f"上下级超过 {DEEPEST} 层，请检查上级单位编号")
        return None

    def _kept_parent(self, entry: UnitEntry) -> int:
        present = self.present(entry)
        return present.parent if present else 0

    def _comes_back(self, entry: UnitEntry) -> bool:
        start = key = self._key(entry)
        for _ in range(len(self.by_pk) + len(self.entries)):
            key = self._above(key)
            if not key or key == start:
                break
        return key == start

    # Keys name units of the file and of the database alike: the number of one that there
    # is, the code of one that is new.

    def _key(self, entry: UnitEntry) -> str:
        present = self.present(entry)
        return f"#{present.pk}" if present else entry.code

    def _above(self, key: str) -> str:
        if key in self.keys:
            return self._wanted_parent(self.keys[key])
        present = self.by_pk.get(int(key[1:])) if key.startswith("#") else None
        return self._present_parent(present) if present else ""

    def _wanted_parent(self, entry: UnitEntry) -> str:
        """A blank leaves a parent alone that has no code to be named by."""
        if not entry.parent:
            kept = self.by_pk.get(self._kept_parent(entry))
            return f"#{kept.pk}" if kept and not kept.code else ""
        if entry.parent in self.entries:
            return self._key(self.entries[entry.parent])
        above = self.by_code.get(entry.parent)
        return f"#{above.pk}" if above else ""

    def _present_parent(self, present: PresentUnit) -> str:
        return f"#{present.parent}" if present.parent else ""
