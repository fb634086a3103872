"""The progress report as tables, Excel and PDF; the screen draws the same tables."""

import re
import tempfile
from datetime import datetime

from django.conf import settings
from django.utils import timezone

from campaign.models import Campaign
from core.exports.pdf import render_pdf
from core.exports.table import Column, Kind, Table, share
from core.exports.xlsx import write_workbook
from core.jobs import JobError, Running
from core.models import Job
from organisation.models import User
from reports.choices import FileFormat
from reports.queries.progress import (
    FILED_STATES,
    Measure,
    Problems,
    Progress,
    Withheld,
    progress,
    readable_areas,
    way_to,
)
from visits.choices import TargetKind, TargetState
from visits.coverage import TOTAL
from visits.exports.coverage import CUT, HIDDEN, UNBROKEN, rate_cells, state_cells

PDF_MAX_ROWS = 5_000  # about 200 pages: half a minute and 400 MB; longer lists go to Excel
STEPS = 3
TITLE_CHARACTERS = 20  # of 22 pt on a line of 156 mm
STATE_ORDER = (
    TargetState.VISITED,
    TargetState.EMPTY,
    TargetState.GONE,
    TargetState.ABSENT,
    TargetState.REFUSED,
    TargetState.PENDING,
)


def summary_table(found: Progress) -> Table:
    """The figures of the first page: every rate with its parts and what is left."""
    columns = [
        Column("项目", width=18),
        Column("已完成", Kind.NUMBER, 10),
        Column("总数", Kind.NUMBER, 10),
        Column("完成率", Kind.PERCENT, 10),
        Column("还剩", Kind.NUMBER, 10),
        Column("其中逾期", Kind.NUMBER, 10),
    ]
    rows = [_measure_cells(each) for each in found.measures]
    is_withheld = any(isinstance(each, Withheld) for each in found.measures)
    return Table("总体进展", columns, rows, note=HIDDEN if is_withheld else CUT)


def _measure_cells(each: Measure | Withheld) -> tuple[object, ...]:
    if isinstance(each, Withheld):
        return (each.name, *[None] * 5)
    return (each.name, each.done, each.whole, share(each.done, each.whole), each.left, each.late)


def area_table(found: Progress) -> Table:
    """Coverage by child area and kind; n and d stand before each rate."""
    columns = [Column("区域", width=16, key="name")]
    for kind in TargetKind:
        columns += _share_columns(kind.label, kind.value)
    columns += _share_columns("合计", "total")
    columns.append(Column("未覆盖", Kind.NUMBER, 10, "合计", "left"))
    rows = [(line.name, *rate_cells(line)) for line in found.areas]
    total = ("合计", *rate_cells(found.picture.whole))
    note = HIDDEN if found.picture.is_withheld else ""
    return Table("分区域走访覆盖", columns, rows, note=note, total=total)


def _share_columns(group: str, key: str) -> list[Column]:
    return [
        Column("已覆盖", Kind.NUMBER, 9, group, f"{key}-covered"),
        Column("应访", Kind.NUMBER, 9, group, f"{key}-registered"),
        Column("覆盖率", Kind.PERCENT, 9, group, f"{key}-share"),
    ]


def state_table(found: Progress) -> Table:
    """Every target in exactly one state; each row adds up to the register."""
    columns = [Column("对象", width=10), Column("应访", Kind.NUMBER)]
    columns += [Column(state.label, Kind.NUMBER) for state in STATE_ORDER]
    whole = found.picture.whole
    rows = [(kind.label, *state_cells(whole, kind, STATE_ORDER)) for kind in TargetKind]
    note = "「已走访」「空挂」「失联注销」计入已覆盖，其余三项还要继续走访。"
    note += UNBROKEN if found.picture.withholds_states else ""
    total = ("合计", *state_cells(whole, TOTAL, STATE_ORDER))
    return Table("走访对象状态", columns, rows, note=note, total=total)


def rate_table(found: Progress) -> Table:
    """The eight rates of appeals, each with its parts and with the rest beside it."""
    columns = [
        Column("指标", width=14),
        Column("件数", Kind.NUMBER, 9),
        Column("应有", Kind.NUMBER, 9),
        Column("比例", Kind.PERCENT, 10),
        Column("其余", Kind.NUMBER, 9),
        Column("怎么算", width=46),
    ]
    rows = [
        (each.name, each.n, each.d, share(each.n, each.d), each.rest, each.formula)
        for each in found.rates
    ]
    note = (
        "没到期的不算进时限类的应有数，联系不上的不算进满意率和解决率。"
        f"{found.counts.spot_line}，没有回访的当场答复不算进任何一个比例。"
    )
    return Table("诉求办理情况", columns, rows, note=note)


def category_table(found: Progress, *, with_empty: bool = True) -> Table:
    """Filed problems by category and state.

    ``with_empty``: those without any are rows too; else a note says how many there are.
    """
    lists = {row.list_name for row in found.categories}
    columns = [Column("类别", width=30), *_problem_columns()]
    rows = [
        (
            f"{row.list_name} {row.number}. {row.name}"
            if len(lists) > 1
            else f"{row.number}. {row.name}",
            *_problem_cells(row.problems),
        )
        for row in found.categories
        if with_empty or row.problems.filed
    ]
    title = f"{next(iter(lists))}问题" if len(lists) == 1 else "分类别问题"
    empty = len(found.categories) - len(rows)
    note = f"另有 {empty} 类还没有备案的问题，导出的表里都列出。" if empty else ""
    return Table(title, columns, rows, note=note, total=("合计", *_problem_cells(found.problems)))


def unit_table(found: Progress) -> Table:
    """Filed problems by unit, in the order of names."""
    columns = [Column("单位", width=30), *_problem_columns()]
    rows = [(row.name, *_problem_cells(row.problems)) for row in found.units]
    note = "只列有已备案问题的单位。"
    total = ("合计", *_problem_cells(found.problems))
    return Table("分单位问题", columns, rows, note=note, total=total)


def _problem_columns() -> list[Column]:
    states = [Column(state.label, Kind.NUMBER, 10) for state in FILED_STATES]
    return [Column("已备案", Kind.NUMBER, 9), *states, Column("逾期", Kind.NUMBER, 8)]


def _problem_cells(problems: Problems) -> list[object]:
    states = [problems.by_state.get(state, 0) for state in FILED_STATES]
    return [problems.filed, *states, problems.late]


def late_table(found: Progress) -> Table:
    """Late problems, the oldest first; it says so when it does not hold them all."""
    columns = [
        Column("编号", width=13),
        Column("问题", width=36),
        Column("单位", width=24),
        Column("整改时限", Kind.DATE, 15),
        Column("逾期工作日", Kind.NUMBER, 13),
    ]
    rows = [(row.number, row.title, row.unit, row.due_on, row.workdays_late) for row in found.late]
    every, shown = found.problems.late, len(rows)
    note = f"共 {every} 条。"
    if shown < every:
        note = f"共 {every} 条，这里列出时限最早的 {shown} 条；导出的文件列出全部。"
    return Table("逾期未销号问题", columns, rows, note=note)


def all_tables(found: Progress) -> list[Table]:
    """What the report is made of, in its order."""
    return [
        summary_table(found),
        area_table(found),
        state_table(found),
        rate_table(found),
        category_table(found),
        unit_table(found),
        late_table(found),
    ]


def export_progress(running: Running) -> None:
    """Build the file that the job asks for, for its owner as he stands today.

    Raises JobError when the owner has lost the right or the list is too long.
    """
    running.progress(0, STEPS)
    form = FileFormat(str(running.job.arguments["format"]))
    owner = User.objects.get(pk=running.job.owner_id)
    found = _numbers_for(running.job, owner)
    _refuse_too_long(found, form)
    running.progress(1, STEPS)
    with tempfile.TemporaryFile() as file:
        stamp = _stamp(owner, timezone.localtime())
        if form == FileFormat.PDF:
            file.write(_pdf(found, stamp))
        else:
            write_workbook(all_tables(found), file, footnote=stamp)
        running.progress(2, STEPS)
        size = file.tell()
        file.seek(0)
        name = f"{found.area}专项行动进展_{timezone.localtime(found.at):%Y%m%d_%H%M}.{form}"
        running.finish(outcome={"bytes": size}, file=file, file_name=name)


def _numbers_for(job: Job, owner: User) -> Progress:
    campaign = Campaign.objects.visible_to(owner).filter(pk=job.arguments["campaign"]).first()
    area = campaign and readable_areas(owner, campaign).filter(code=job.arguments["area"]).first()
    if not campaign or not area:
        raise JobError("您现在没有查看这个区域的权限，未生成文件。如有疑问请联系作风办。")
    way = way_to(owner, campaign, area)
    return progress(owner, campaign, way, timezone.now(), listed=settings.EXPORT_MAX_ROWS)


def _refuse_too_long(found: Progress, form: FileFormat) -> None:
    longest = max(found.problems.late, len(found.units), len(found.areas))
    if longest > settings.EXPORT_MAX_ROWS:
        raise JobError(
            f"有一张表超过 {settings.EXPORT_MAX_ROWS} 行，不能导出。请选择下一级区域分别导出。"
        )
    if form == FileFormat.PDF and longest > PDF_MAX_ROWS:
        raise JobError(
            f"有一张表超过 {PDF_MAX_ROWS} 行，不适合做成 PDF。请导出 Excel，或选择下一级区域。"
        )


def _stamp(owner: User, at: datetime) -> str:
    """Who took the report out, and when; stands on every sheet and page."""
    return f"系统生成，非正式公文。{owner.name} {at:%Y年%-m月%-d日 %H:%M} 导出"


def _pdf(found: Progress, stamp: str) -> bytes:
    context = {
        "found": found,
        "title": _title_lines(found),
        "document_title": f"{found.area}{found.campaign}进展情况报告",
        "stamp": stamp,
        "summary": summary_table(found),
        "areas": area_table(found),
        "states": state_table(found),
        "rates": rate_table(found),
        "categories": category_table(found),
        "units": unit_table(found),
        "late": late_table(found),
    }
    return render_pdf("exports/progress.html", context)


def _title_lines(found: Progress) -> list[str]:
    """The title in lines that break no word: a long name after its quoted middle."""
    name = found.campaign.name
    long_name = len(name) > TITLE_CHARACTERS
    parts = re.split(r"(?<=[”》」])", name, maxsplit=1) if long_name else [name]
    return [part for part in (*parts, f"{found.area}进展情况报告") if part]
