"""Area trees from files."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO

from core import audit
from organisation.choices import AreaLevel, Settlement
from organisation.models import Area
from organisation.services.tree import place

AREA_COLUMNS = ("code", "name", "level", "parent")
SETTLEMENT = "settlement"  # a column that a file may leave out
CODE_LENGTH = 12
GRID_CODE_LENGTH = 15
LEVELS = list(AreaLevel.values)  # from the city down
LONGEST_NAME = 60


class AreaFileError(ValueError):
    """A row of an area file that cannot be taken; the text names row and column."""


@dataclass(frozen=True)
class AreaRow:
    """One row of an area file, each value good in itself."""

    number: int
    code: str
    name: str
    level: str
    parent: str
    settlement: str | None  # None: the file says nothing of it

    def fault(self, text: str) -> AreaFileError:
        return AreaFileError(f"第 {self.number} 行{text}")


@dataclass(frozen=True)
class AreaImport:
    """What an import of areas did; ``renamed`` took another name or 城乡分类."""

    created: int
    renamed: int
    unchanged: int


@audit.atomic
def import_areas(source: IO[str]) -> AreaImport:
    """Read an area tree (CSV: code,name,level,parent[,settlement]) in any order; all or nothing.

    Safe to repeat: a known code keeps its row and takes the new name and 城乡分类; its place
    in the tree may not change. Raises AreaFileError.
    """
    rows = _area_rows(source)
    known = {area.code: area for area in Area.objects.all()}
    before = len(known)
    renamed = 0
    for row in sorted(rows, key=lambda row: LEVELS.index(row.level)):
        existing = known.get(row.code)
        parent = _parent_of(row, known)
        if existing is None:
            known[row.code] = place(
                Area(
                    code=row.code,
                    name=row.name,
                    level=row.level,
                    parent=parent,
                    settlement=row.settlement or "",
                )
            )
        else:
            renamed += _renamed(existing, row, parent)
    created = len(known) - before
    if rows:
        top = known[rows[0].code]
        counts = {"created": created, "renamed": renamed}
        audit.record(actor=None, act="organisation.import_areas", subject=top, **counts)
    return AreaImport(created, renamed, len(rows) - created - renamed)


def _area_rows(source: IO[str]) -> list[AreaRow]:
    reader = csv.DictReader(source, restval="")
    missing = [column for column in AREA_COLUMNS if column not in (reader.fieldnames or [])]
    if missing:
        raise AreaFileError(f"第 1 行缺少列：{'、'.join(missing)}")
    lines: dict[str, int] = {}
    rows = []
    for values in reader:
        settlement = values[SETTLEMENT].strip() if SETTLEMENT in values else None
        code, name, level, parent = (values[column].strip() for column in AREA_COLUMNS)
        row = AreaRow(reader.line_num, code, name, level, parent, settlement)
        _check_area_row(row)
        if row.code in lines:
            raise row.fault(f" code 列：{row.code} 与第 {lines[row.code]} 行重复")
        lines[row.code] = row.number
        rows.append(row)
    return rows


def _check_area_row(row: AreaRow) -> None:
    if not (
        row.code.isascii()
        and row.code.isdigit()
        and len(row.code) in {CODE_LENGTH, GRID_CODE_LENGTH}
    ):
        raise row.fault(f" code 列：「{row.code}」不是 12 位或 15 位代码")
    if not 0 < len(row.name) <= LONGEST_NAME:
        raise row.fault(f" name 列：名称要有 1 到 {LONGEST_NAME} 个字")
    if row.level not in LEVELS:
        raise row.fault(f" level 列：不认识层级「{row.level}」")
    if (row.level == AreaLevel.GRID) != (len(row.code) == GRID_CODE_LENGTH):
        raise row.fault(f" code 列：「{row.code}」的位数不对，网格是 15 位，其他是 12 位")
    if row.settlement and row.settlement not in Settlement:
        raise row.fault(f" settlement 列：不认识城乡分类代码「{row.settlement}」")


def _parent_of(row: AreaRow, known: Mapping[str, Area]) -> Area | None:
    """The area above, which must stand on a higher level; only a city may have none."""
    if not row.parent:
        if row.level != AreaLevel.CITY:
            raise row.fault(f" parent 列：{row.name}没有上级，只有市可以没有")
        return None
    parent = known.get(row.parent)
    if parent is None or LEVELS.index(parent.level) >= LEVELS.index(row.level):
        raise row.fault(f" parent 列：{row.name}的上级 {row.parent} 不在文件中，或层级不比它高")
    return parent


def _renamed(area: Area, row: AreaRow, parent: Area | None) -> bool:
    """Take the row's name and 城乡分类; whether they were others. A new place is refused."""
    if (area.level, area.parent_id) != (row.level, parent.pk if parent else None):
        raise row.fault(f"：{row.name}（{row.code}）的层级或上级与系统中不同，导入不能移动区划")
    settlement = area.settlement if row.settlement is None else row.settlement
    if (area.name, area.settlement) == (row.name, settlement):
        return False
    area.name, area.settlement = row.name, settlement
    area.save(update_fields=["name", "settlement"])
    return True
