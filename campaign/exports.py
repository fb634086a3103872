"""The numbers of an archived campaign as tables, for the screen and for Excel; its lists."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import IO

from campaign.archiving import Measure
from campaign.models import Campaign, Taxonomy, Total
from campaign.queries import Line
from campaign.services.list_files import FIELDS, MAX_ROWS
from core.exports.table import Column, Kind, Table, share
from core.exports.template import write_template
from core.exports.xlsx import write_workbook
from organisation.models import Unit, User

PART = "　"  # before a part of the number above it


def group_tables(name: str, lines: Sequence[Line]) -> list[Table]:
    """The numbers of one app: its rates, each beside its parts and what is left, and the rest."""
    rates = [line for line in lines if line.total.d is not None]
    counts = [line for line in lines if line.total.d is None]
    columns = [
        Column("完成", Kind.NUMBER, 10),
        Column("总数", Kind.NUMBER, 10),
        Column("比例", Kind.PERCENT, 10),
        Column("还差", Kind.NUMBER, 10),
    ]
    number = [Column("数量", Kind.NUMBER, 12)]
    made = [
        _table(f"{name} · 完成情况", columns, rates, _rate, "比例＝完成÷总数，百分数只舍不入。"),
        _table(f"{name} · 数量", number, counts, lambda total: [total.n]),
    ]
    return [table for table in made if table.rows]


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


def write_list(taxonomy: Taxonomy | None, target: IO[bytes]) -> None:
    """A list as the upload reads it; without one the empty form, with hints and an example."""
    if taxonomy is None:
        write_template("清单", FIELDS, target, rows=MAX_ROWS)
        return
    rows = taxonomy.categories.order_by("number").values_list("aspect", "name", "gloss")
    columns = [Column(field.heading, width=field.width) for field in FIELDS]
    write_workbook([Table(taxonomy.name, columns, list(rows))], target)


def _with_headings(lines: Sequence[Line]) -> Iterable[Line | Measure]:
    """A measure that has only parts gets its name above them."""
    before = None
    for line in lines:
        if line.is_part and line.measure != before:
            yield line.measure
        before = line.measure
        yield line


def _table(
    title: str,
    columns: Sequence[Column],
    lines: Sequence[Line],
    cells: Callable[[Total], list[object]],
    note: str = "",
) -> Table:
    rows: list[list[object]] = []
    for line in _with_headings(lines):
        if isinstance(line, Measure):
            rows.append([line.label, *[None] * len(columns)])
        else:
            rows.append([f"{PART if line.is_part else ''}{line.name}", *cells(line.total)])
    return Table(title, [Column("项目", width=40), *columns], rows, note=note)


def _rate(total: Total) -> list[object]:
    assert total.d is not None
    return [total.n, total.d, share(total.n, total.d), total.d - total.n]


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
