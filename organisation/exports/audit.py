"""The audit trail as Excel, with the number and the hash of each entry."""

import tempfile
from collections.abc import Iterator
from itertools import islice

from django.conf import settings
from django.utils import timezone

from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from core.models import AuditEntryQuerySet
from organisation.models import User
from organisation.queries.audit import AuditCriteria, Line, lines_of, trail
from organisation.rules import reads_audit

CHUNK = 2000
COLUMNS = (
    Column("编号", Kind.NUMBER, 10),
    Column("时间", width=20),
    Column("操作人", width=12),
    Column("登录名", width=16),
    Column("单位", width=28),
    Column("行为", width=20),
    Column("对象", width=24),
    Column("网络地址", width=18),
    Column("详情", width=48),
    Column("校验值", width=66),
)
NO_RIGHT = "您现在没有查看审计记录的权限，未生成文件。如有疑问请联系安全管理员。"
TOO_LONG = "审计记录超过 {most} 条，不能导出。请缩小时间范围，分几次导出。"


def export_audit(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today, newest first.

    Raises JobError when the owner has lost the right or the list is too long.
    """
    owner = User.objects.get(pk=running.job.owner_id)
    if not reads_audit(owner):
        raise JobError(NO_RIGHT)
    entries = trail(owner, AuditCriteria.read(dict(running.job.arguments)))
    number = entries.count()
    if number > settings.EXPORT_MAX_ROWS:
        raise JobError(TOO_LONG.format(most=settings.EXPORT_MAX_ROWS))
    running.progress(0, max(number, 1))
    at = timezone.localtime()
    stamp = f"系统生成，注意保密。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    with tempfile.TemporaryFile() as file:
        table = Table("审计记录", COLUMNS, _rows(entries, number, running))
        write_workbook([table], file, footnote=stamp)
        size = file.tell()
        file.seek(0)
        name = f"审计记录_{at:%Y%m%d_%H%M}.xlsx"
        running.finish(outcome={"bytes": size, "rows": number}, file=file, file_name=name)


def _rows(entries: AuditEntryQuerySet, number: int, running: Running) -> Iterator[list[object]]:
    found = entries.order_by("-id")[:number].iterator(chunk_size=CHUNK)
    done = 0
    while batch := list(islice(found, CHUNK)):
        yield from map(_row, lines_of(batch))
        done += len(batch)
        running.progress(done, max(number, 1))


def _row(line: Line) -> list[object]:
    return [
        line.number,
        f"{line.at:%Y-%m-%d %H:%M:%S}",
        line.person,
        line.username,
        line.unit,
        line.act,
        line.subject,
        line.address,
        line.detail,
        line.hash,
    ]
