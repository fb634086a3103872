"""The coverage of an area as tables: the screen and the Excel file show the same."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils import timezone

from campaign.models import Campaign
from core.exports.table import Column, Kind, Table, share
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from organisation.models import User
from visits.choices import TargetKind, TargetState
from visits.coverage import SMALLEST, TOTAL, Coverage
from visits.queries.picture import (
    KINDS,
    SPLITS,
    Day,
    Line,
    Picture,
    days_of,
    every_area_below,
    picture,
    readable_areas,
    way_to,
)

HIDDEN = f"少于 {SMALLEST} 个的数字，以及能推算出它的数字，不向区域以外的人显示，格内为「—」。"
UNBROKEN = (
    f"有一项少于 {SMALLEST} 个的，以及能推算出它的，不向区域以外的人分状态显示，格内为「—」。"
)
UNPLACED = "区划表里还没有城乡分类，城市、农村暂不分开。"
CUT = "覆盖率按全部登记对象计算，百分数只舍不入。"
NO_AREA = "您现在没有查看这个区域的权限，未生成文件。如有疑问请联系作风办。"


def area_table(found: Picture) -> Table:
    """A row for each area below, one for what is registered at the area itself, and the sum."""
    columns = [Column("区域", width=16, key="name")]
    for key, label in (*TargetKind.choices, (TOTAL, "合计")):
        columns += _rate_columns(str(label), str(key))
    columns.append(Column("未覆盖", Kind.NUMBER, 9, "合计", "left"))
    rows = [(line.name, *rate_cells(line)) for line in found.lines]
    title = "下级区域覆盖情况" if found.lines else "覆盖情况"
    note = HIDDEN if found.is_withheld else CUT
    return Table(title, columns, rows, note=note, total=("合计", *rate_cells(found.whole)))


def split_table(found: Picture) -> Table:
    """The splits that the campaign asks for (domain §1.3), each with its parts.

    Where no village is known as 城市 or 农村, a word takes the place of that split.
    """
    columns = [Column("分类", width=20), Column("部分", width=16), *_rate_columns("", "")]
    columns.append(Column("未覆盖", Kind.NUMBER, 10))
    cells = found.whole.cells
    there = {key for key, cell in cells.items() if cell is None or cell.registered}
    is_placed = any(key.endswith(("_urban", "_rural")) for key in there)
    rows = [
        (title, label, *_rate(cells[part]), _left(cells[part]))
        for title, parts in SPLITS
        for part, label in parts
        if part in there and (is_placed or not part.endswith("_unplaced"))
    ]
    note = HIDDEN if found.is_withheld else "规上看统计登记，小微看企业规模，两者互不包含。"
    return Table("分类覆盖情况", columns, rows, note=note if is_placed else note + UNPLACED)


def state_table(found: Picture) -> Table:
    """Every entry in exactly one state: each row adds up to the register."""
    columns = [Column("对象", width=10), Column("登记", Kind.NUMBER)]
    columns += [Column(state.label, Kind.NUMBER) for state in TargetState]
    rows = [(TargetKind(kind).label, *state_cells(found.whole, kind)) for kind in KINDS]
    note = "「已走访」「空挂」「失联注销」计入已覆盖，其余三项还要继续走访。"
    note += UNBROKEN if found.withholds_states else ""
    total = ("合计", *state_cells(found.whole, TOTAL))
    return Table("走访对象状态", columns, rows, note=note, total=total)


def day_table(days: Sequence[Day]) -> Table:
    """The line of the days in numbers, the newest first."""
    columns = [Column("日期", Kind.DATE, 14), *_rate_columns("", "")]
    rows = [
        (each.day, each.covered, each.registered, share(each.covered, each.registered))
        for each in reversed(days)
    ]
    note = "每天取当天最后一次清点的数，最上面一行是现在。"
    return Table("逐日覆盖情况", columns, rows, note=note)


def below_table(found: Picture) -> Table:
    """Every area below, to the grids."""
    columns = [Column("区划代码", width=18), Column("区域", width=18), Column("上级", width=18)]
    for kind in TargetKind:
        columns += _rate_columns(kind.label, kind.value)
    return Table("各级区域明细", columns, _every_row(found), note=CUT)


def _every_row(found: Picture) -> Iterator[tuple[object, ...]]:
    for area, kinds in every_area_below(found.campaign, found.area):
        rates = [value for kind in KINDS for value in _rate(kinds[kind])]
        yield (area.code, area.name, area.parent.name if area.parent else "", *rates)


def export_coverage(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today. Raises JobError."""
    running.progress(0, 2)
    owner = User.objects.get(pk=running.job.owner_id)
    found = _found_for(owner, running.job.arguments)
    tables = [area_table(found), split_table(found), state_table(found)]
    tables.append(day_table(days_of(found)))
    if found.is_whole:
        tables.append(below_table(found))
    at = timezone.localtime()
    with tempfile.TemporaryFile() as file:
        stamp = f"系统生成，非正式公文。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
        write_workbook(tables, file, footnote=stamp)
        running.progress(1, 2)
        size = file.tell()
        file.seek(0)
        name = f"{found.area}走访覆盖_{at:%Y%m%d_%H%M}.xlsx"
        running.finish(outcome={"bytes": size}, file=file, file_name=name)


def _found_for(owner: User, asked: dict[str, Any]) -> Picture:
    campaign = Campaign.objects.visible_to(owner).filter(pk=asked["campaign"]).first()
    area = campaign and readable_areas(owner, campaign).filter(code=asked["area"]).first()
    if not campaign or not area:
        raise JobError(NO_AREA)
    return picture(owner, campaign, way_to(owner, campaign, area))


def _rate_columns(group: str, key: str) -> list[Column]:
    keys = [f"{key}-{name}" if key else "" for name in ("covered", "registered", "share")]
    return [
        Column("已覆盖", Kind.NUMBER, 9, group, keys[0]),
        Column("登记", Kind.NUMBER, 9, group, keys[1]),
        Column("覆盖率", Kind.PERCENT, 9, group, keys[2]),
    ]


def rate_cells(line: Line) -> list[object]:
    """Covered, registered and their share, by kind and in all, and what is left."""
    rates = [value for key in (*KINDS, TOTAL) for value in _rate(line.cells[key])]
    return [*rates, _left(line.total)]


def _rate(cell: Coverage | None) -> tuple[object, object, object]:
    if cell is None:
        return None, None, None
    return cell.covered, cell.registered, share(cell.covered, cell.registered)


def _left(cell: Coverage | None) -> int | None:
    return None if cell is None else cell.left


def state_cells(
    line: Line, key: str, order: Iterable[TargetState] = TargetState
) -> list[int | None]:
    """What is registered, and each state of it where the reader may tell them apart."""
    cell, states = line.cells[key], line.by_state(key)
    counted = [None if states is None else getattr(states, state) for state in order]
    return [None if cell is None else cell.registered, *counted]
