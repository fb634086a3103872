"""The filtered roster as Excel, with masked telephone numbers."""

import tempfile
from collections.abc import Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from organisation.models import Posting, User
from organisation.queries.people import POWERS, Criteria, roster
from organisation.rules import reads_roster, sees_business

CHUNK = 2000
ACCOUNT_COLUMNS = (
    Column("姓名", width=12),
    Column("登录名", width=16),
    Column("单位", width=28),
    Column("职务", width=16),
    Column("任职起", Kind.DATE, 12),
    Column("角色", width=24),
    Column("账号", width=14),
)
BUSINESS_COLUMNS = (
    Column("人员类别", width=20),
    Column("手中权力", width=24),
    Column("手机", width=16),
)


def export_roster(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today.

    Raises JobError when the owner has lost the right or the list is too long.
    """
    owner = User.objects.get(pk=running.job.owner_id)
    if not reads_roster(owner):
        raise JobError("您现在没有查看人员名册的权限，未生成文件。如有疑问请联系作风办。")
    people = roster(owner, Criteria.read(dict(running.job.arguments)))
    number = people.count()
    if number > settings.EXPORT_MAX_ROWS:
        raise JobError(f"名册超过 {settings.EXPORT_MAX_ROWS} 人，不能导出。请按单位分别导出。")
    running.progress(0, max(number, 1))
    at = timezone.localtime()
    stamp = f"系统生成，注意保密。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    with tempfile.TemporaryFile() as file:
        rows = _rows(people, number, running, business=sees_business(owner))
        write_workbook([_table(rows, business=sees_business(owner))], file, footnote=stamp)
        size = file.tell()
        file.seek(0)
        name = f"人员名册_{at:%Y%m%d_%H%M}.xlsx"
        running.finish(outcome={"bytes": size, "rows": number}, file=file, file_name=name)


def _table(rows: Iterator[list[object]], *, business: bool) -> Table:
    columns = [*ACCOUNT_COLUMNS, *(BUSINESS_COLUMNS if business else ())]
    return Table("人员名册", columns, rows, note="手机只显示前三位和后四位。" if business else "")


def _rows(
    people: QuerySet[User], number: int, running: Running, *, business: bool
) -> Iterator[list[object]]:
    found = people.order_by("unit__path", "id").iterator(chunk_size=CHUNK)
    for done, person in enumerate(found, start=1):
        if done % CHUNK == 0:
            running.progress(min(done, number), max(number, 1))
        yield _cells(person, business=business)


def _cells(person: User, *, business: bool) -> list[object]:
    posting: Posting | None = next(iter(person.open_postings), None)  # type: ignore[attr-defined]
    rights = person.rights  # type: ignore[attr-defined]
    roles = dict.fromkeys(right.get_role_display() for right in rights)
    cells: list[object] = [
        person.name,
        person.username,
        person.unit.name if person.unit else "",
        posting.position if posting else "已离任",
        posting.since if posting else None,
        "、".join(roles),
        state_of(person),
    ]
    if not business:
        return cells
    powers = [label for name, label in POWERS.items() if posting and getattr(posting, name)]
    tier = posting.get_tier_display() if posting else ""
    return [*cells, tier, "、".join(powers), str(person.phone)]


def state_of(person: User) -> str:
    """The account in a word."""
    if not person.is_active:
        return "已停用"
    return "未改初始密码" if person.password_is_initial else "启用"
