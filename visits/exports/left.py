"""What is left of an area as Excel: the rows of the page, names masked as there."""

import tempfile
from collections.abc import Iterator
from itertools import chain, islice

from django.conf import settings
from django.utils import timezone

from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from organisation.models import User
from visits.choices import TargetState
from visits.exports.coverage import NO_AREA
from visits.queries import shown_to
from visits.queries.left import BY_AREA, Left, asked_for

CHUNK = 500  # entries whose reader is asked for at once: SQLite takes 999 parameters
COLUMNS = (
    Column("乡镇（街道）", width=16),
    Column("村（社区）", width=18),
    Column("网格", width=14),
    Column("类别", width=8),
    Column("编号", width=22),
    Column("名称", width=28),
    Column("状态", width=12),
    Column("最近走访", Kind.DATE, 12),
)
TOO_LONG = "符合条件的对象超过 {most:,} 个，不能导出。请到下一级区域分几次导出。"


def export_left(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today. Raises JobError."""
    owner = User.objects.get(pk=running.job.owner_id)
    left = asked_for(owner, running.job.arguments)
    if left is None:
        raise JobError(NO_AREA)
    most = settings.EXPORT_MAX_ROWS
    number = left.rows().order_by()[: most + 1].count()
    if number > most:
        raise JobError(TOO_LONG.format(most=most))
    at = timezone.localtime()
    stamp = f"系统生成，注意保密。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    title = f"{left.area}{TargetState(left.state).label}名单"
    with tempfile.TemporaryFile() as file:
        table = Table(title, COLUMNS, _rows(owner, left, number, running))
        write_workbook([table], file, footnote=stamp)
        size = file.tell()
        file.seek(0)
        name = f"{title}_{at:%Y%m%d_%H%M}.xlsx"
        running.finish(outcome={"bytes": size, "rows": number}, file=file, file_name=name)


def _rows(owner: User, left: Left, number: int, running: Running) -> Iterator[list[object]]:
    """In the order of the page."""
    parts = (part.iterator(chunk_size=CHUNK) for part in BY_AREA.parts(left.rows(), ""))
    found, done = chain.from_iterable(parts), 0
    running.progress(0, max(number, 1))
    while batch := list(islice(found, CHUNK)):
        for shown in shown_to(owner, batch):
            entry = shown.entry
            kind, state = entry.get_kind_display(), entry.get_state_display()
            yield [
                *entry.area.in_parts,
                kind,
                entry.code,
                shown.name,
                state,
                entry.last_visited_on,
            ]
        done += len(batch)
        running.progress(min(done, number), max(number, 1))
