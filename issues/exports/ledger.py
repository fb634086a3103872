"""The narrowed ledger as Excel, in the columns of a rectification ledger (domain §2.1)."""

import tempfile
from collections.abc import Iterator
from datetime import date
from heapq import merge
from itertools import chain, islice

from django.conf import settings
from django.utils import timezone

from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from core.lights import Light
from issues.choices import State
from issues.models import Issue, IssueEvent
from issues.queries import Criteria
from issues.services import criteria_of
from organisation.models import User
from organisation.rules import takes_part

CHUNK = 1000
COLUMNS = (
    Column("问题编号", width=12),
    Column("单位", width=22),
    Column("层级", width=8),
    Column("问题", width=30),
    Column("时间", Kind.DATE, 12),
    Column("地点", width=16),
    Column("事情经过", width=48),
    Column("涉及对象", width=18),
    Column("来源", width=12),
    Column("类别", width=16),
    Column("性质", width=10),
    Column("作风上的原因", width=30),
    Column("根源", width=24),
    Column("整改方向", width=24),
    Column("整改措施", width=36),
    Column("整改类型", width=10),
    Column("时限", Kind.DATE, 12),
    Column("责任领导", width=10),
    Column("责任人", width=10),
    Column("状态", width=12),
    Column("期限灯", width=16),
    Column("佐证数", Kind.NUMBER, 8),
    Column("延期", Kind.NUMBER, 8),
    Column("反弹", Kind.NUMBER, 8),
    Column("申请销号日", Kind.DATE, 12),
    Column("销号日期", Kind.DATE, 12),
    Column("销号人", width=10),
    Column("备注", width=16),
)
NO_PART = "您现在不参与专项行动，未生成文件。如有疑问请联系作风办。"
TOO_LONG = "符合条件的问题超过 {most:,} 个，不能导出。请按单位、状态或时限分几次导出。"


def export_ledger(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today.

    Raises JobError when the owner has lost the right or the list is too long.
    """
    owner = User.objects.get(pk=running.job.owner_id)
    if not takes_part(owner):
        raise JobError(NO_PART)
    criteria = criteria_of(running.job)
    most = settings.EXPORT_MAX_ROWS
    number = _count(criteria, owner, most)
    if number > most:
        raise JobError(TOO_LONG.format(most=most))
    running.progress(0, max(number, 1))
    at = timezone.localtime()
    stamp = f"系统生成，注意保密。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    with tempfile.TemporaryFile() as file:
        table = Table("问题台账", COLUMNS, _rows(criteria, owner, number, running))
        write_workbook([table], file, footnote=stamp)
        size = file.tell()
        file.seek(0)
        name = f"问题台账_{at:%Y%m%d_%H%M}.xlsx"
        running.finish(outcome={"bytes": size, "rows": number}, file=file, file_name=name)


def _count(criteria: Criteria, owner: User, most: int) -> int:
    lists = criteria.lists(owner)
    return sum(each.rows.order_by()[: most + 1].count() for each in lists)


def _rows(criteria: Criteria, owner: User, number: int, running: Running) -> Iterator[list[object]]:
    """In the order of the page, a thousand at a time."""
    lights = {str(each): each.label for each in Light}
    found = merge(*_streams(criteria, owner), key=criteria.order.key)
    done = 0
    while batch := list(islice(found, min(CHUNK, number - done))):
        applied = _applied_on([issue.pk for issue in batch])
        for issue in batch:
            yield _cells(issue, applied.get(issue.pk), lights)
        done += len(batch)
        running.progress(done, max(number, 1))


def _streams(criteria: Criteria, owner: User) -> Iterator[Iterator[Issue]]:
    """All the columns of the items, read through a cursor."""
    today = timezone.localdate()
    for rows, order, _ in criteria.lists(owner):
        people = ("leader", "responsible", "signed_off_by")
        whole = rows.defer(None).select_related("unit", "category", *people)
        parts = order.parts(whole.with_lights(today), "")  # type: ignore[attr-defined]
        yield chain.from_iterable(part.iterator(chunk_size=CHUNK) for part in parts)


def _applied_on(keys: list[int]) -> dict[int, date]:
    """When the sign-off was last applied for."""
    events = IssueEvent.objects.filter(issue__in=keys, to_state=State.APPLIED).order_by("id")
    return {issue: timezone.localdate(at) for issue, at in events.values_list("issue", "at")}


def _cells(issue: Issue, applied: date | None, lights: dict[str, str]) -> list[object]:
    signer = issue.signed_off_by
    return [
        issue.number,
        issue.unit.name,
        issue.get_level_display(),
        issue.title,
        issue.happened_on,
        issue.place,
        issue.event,
        issue.affected,
        issue.get_source_display(),
        f"{issue.category.number}. {issue.category.name}",
        issue.get_nature_display(),
        issue.cause,
        issue.root_cause,
        issue.direction,
        issue.measures,
        issue.get_kind_display(),
        issue.due_on,
        issue.leader.name if issue.leader else "",
        issue.responsible.name,
        issue.get_state_display(),
        lights.get(issue.light, ""),  # type: ignore[attr-defined]
        issue.evidence_count,
        issue.extension_count,
        issue.relapse_count,
        applied,
        timezone.localdate(issue.closed_at) if issue.closed_at else None,
        signer.name if signer else "",
        "",
    ]
