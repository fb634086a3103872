"""The numbers of an archived campaign as tables, for the screen and for Excel."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO

from campaign.archiving import Measure
from campaign.models import Campaign, Total
from campaign.queries import Line
from core.exports.table import Column, Kind, Table, share
from core.exports.xlsx import write_workbook
from organisation.models import Unit, User

PART = "　"  # before a part of the number above it
RATE_NOTE = "比例＝完成÷总数，百分数只舍不入。"


def group_table(name: str, lines: Sequence[Line]) -> Table:
    """The numbers of one app; a rate stands beside its parts and what is left."""
    has_rates = any(line.total.d is not None for line in lines)
    columns = [Column("项目", width=40), Column("数量", Kind.NUMBER, 12)]
    if has_rates:
        columns += [
            Column("总数", Kind.NUMBER, 12),
            Column("比例", Kind.PERCENT, 10),
            Column("还差", Kind.NUMBER, 12),
        ]
    rows = [_row(line, has_rates) for line in _with_headings(lines)]
    return Table(name, columns, rows, note=RATE_NOTE if has_rates else "")


def unit_table(
    measures: Sequence[Measure],
    units: Iterable[Unit],
    totals: Mapping[tuple[int | None, str], Total],
    links: Sequence[str] = (),
) -> Table:
    """A unit a row, its whole figures in columns; nothing counted is a nought."""
    columns = [Column("单位", width=30)]
    for measure in measures:
        if measure.is_rate:
            columns += [
                Column("完成", Kind.NUMBER, 9, measure.label),
                Column("总数", Kind.NUMBER, 9, measure.label),
            ]
        else:
            columns.append(Column(measure.label, Kind.NUMBER, 12))
    rows = [(unit.name, *_cells(unit, measures, totals)) for unit in units]
    return Table("各单位", columns, rows, links=links)


def write_totals(
    campaign: Campaign, tables: Sequence[Table], target: IO[bytes], *, reader: User, at: datetime
) -> None:
    """All tables as a workbook, with who took it out and when under each."""
    stamp = f"{campaign.name}归档数字。{reader.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    write_workbook(tables, target, footnote=stamp)


def _with_headings(lines: Sequence[Line]) -> Iterable[Line | Measure]:
    """A measure that has only parts gets its name above them."""
    before = None
    for line in lines:
        if line.is_part and line.measure != before:
            yield line.measure
        before = line.measure
        yield line


def _row(line: Line | Measure, has_rates: bool) -> tuple[object, ...]:
    if isinstance(line, Measure):
        return (line.label, *[None] * (4 if has_rates else 1))
    total = line.total
    name = f"{PART}{line.name}" if line.is_part else line.name
    if not has_rates:
        return (name, total.n)
    if total.d is None:
        return (name, total.n, None, None, None)
    return (name, total.n, total.d, share(total.n, total.d), total.d - total.n)


def _cells(
    unit: Unit, measures: Sequence[Measure], totals: Mapping[tuple[int | None, str], Total]
) -> list[object]:
    cells: list[object] = []
    for measure in measures:
        total = totals.get((unit.pk, measure.key))
        cells.append(total.n if total else 0)
        if measure.is_rate:
            cells.append(total.d if total else 0)
    return cells
