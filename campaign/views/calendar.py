"""The official calendar: read by all who take part, kept by the office of the whole area."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaign import rules
from campaign.forms.calendar import Checked, ClosureForm, LandForm, NoticeForm, ReopenForm
from core import calendars
from core.calendar_files import read_year, write_year
from core.calendar_months import marks_of, months_of
from core.calendar_year import YearDay, span_text, spans
from core.calendars import CLOSURE, Foreseen, Outcome, Refused
from core.downloads import workbook
from core.permissions import needs
from core.workdays import FIRST_YEAR, LAST_YEAR, statutory_days
from organisation.requests import StaffRequest
from organisation.rules import takes_part

ONLY_PARTICIPANTS = "工作日历给参与专项行动的人看。"
ONLY_KEEPERS = "工作日历由管全域的作风办维护，您可以查看，不能修改。"
AFTERWARDS = (
    "各处在一分钟内都按新日历计算，未办结的期限随之前移或后移，办结了的不动。",
    "已登记的本地停工不受影响。",
    "改动记入审计记录：谁、什么时候、改了哪些天、调整了多少个期限。",
)
AFTERWARDS_CLOSED = (
    "这些天不算工作日，阶段任务和诉求没有办结的期限随之后移，办结了的不动。",
    "问题的整改时限是写定的日期，不随之移动。",
    "停工的日期和理由，所有参与专项行动的人都能在工作日历上看到。",
    "登记错了可以撤销，期限随之移回。",
)
AFTERWARDS_REOPENED = (
    "这一天重新算工作日，阶段任务和诉求没有办结的期限随之移回，办结了的不动。",
    "问题的整改时限是写定的日期，不随之移动。",
    "其他停工的日子不受影响。",
    "撤销和理由记入审计记录。",
)
SHIFTS_SHOWN = 20


@require_safe
@needs(takes_part, ONLY_PARTICIPANTS)
def calendar(request: StaffRequest) -> HttpResponse:
    """A year of the official calendar."""
    return _page(request, _year(request.GET.get("year", "")))


@require_safe
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_template(request: StaffRequest) -> FileResponse:
    """A workbook with every day of a year, to be corrected by the notice and sent in."""
    year = _year(request.GET.get("year", ""))
    notes = dict(calendars.rows_of(year).filter(source="notice").values_list("day", "note"))
    notes = notes or dict(statutory_days(year))
    write = partial(write_year, year, calendars.announced(year), notes)
    return workbook(write, f"{year}年工作日历.xlsx")


@require_POST
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_upload(request: StaffRequest) -> HttpResponse:
    """What the file of a year would change; nothing is written yet."""
    form = NoticeForm(request.POST, request.FILES, auto_id="notice_%s")
    if not form.is_valid():
        return _page(request, _year(request.POST.get("year", "")), notice=form)
    year, source = form.cleaned_data["year"], form.cleaned_data["source"]
    found = read_year(year, name=form.file_name, content=form.cleaned_data["file"])
    if found.faults:
        return _page(request, year, notice=form, faults=found.faults)
    checked = Checked(year, source, list(found.days), calendars.stamp())
    return render(request, "campaign/calendar_check.html", _shown(request, checked))


@require_POST
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_land(request: StaffRequest) -> HttpResponse:
    """Set down the notice that was just shown."""
    form = LandForm(request.POST, user=request.user)
    if not form.is_valid():
        return _page(request, _year(""), faults=tuple(map(str, form.errors["checked"])))
    checked: Checked = form.cleaned_data["checked"]
    try:
        done = calendars.land_year(
            year=checked.year,
            days=checked.days,
            source=checked.source,
            seen=checked.seen,
            actor=request.user,
        )
    except Refused as refusal:
        return _page(request, checked.year, faults=refusal.faults)
    said = f"{checked.year} 年工作日历已生效。{_moved(done)}"
    messages.success(request, said if done.is_change else "与现有日历相同，没有改动。")
    return redirect(_address(checked.year))


@require_POST
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_closure(request: StaffRequest) -> HttpResponse:
    """What it would change to close some days; nothing is written yet."""
    form = ClosureForm(request.POST, auto_id="closure_%s")
    if not form.is_valid():
        return _page(request, _year(request.POST.get("since", "")[:4]), closure=form)
    reason = form.cleaned_data["reason"]
    try:
        seen = calendars.foreseen(
            partial(calendars.close_days, days=form.days, reason=reason, actor=request.user),
            reader=request.user,
        )
    except Refused as refusal:
        return _page(request, form.days[0].year, closure=form, faults=refusal.faults)
    context = {
        "reason": reason,
        "posted": {name: str(value) for name, value in form.cleaned_data.items()},
        "back": f"{_address(form.days[0].year)}#keep",
        "hints": AFTERWARDS_CLOSED,
    }
    return render(request, "campaign/calendar_closure.html", _foreseen(seen) | context)


@require_POST
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_close(request: StaffRequest) -> HttpResponse:
    """Set down that nobody works on some days."""
    form = ClosureForm(request.POST, auto_id="closure_%s")
    if not form.is_valid():
        return _page(request, _year(request.POST.get("since", "")[:4]), closure=form)
    try:
        done = calendars.close_days(
            days=form.days, reason=form.cleaned_data["reason"], actor=request.user
        )
    except Refused as refusal:
        return _page(request, form.days[0].year, closure=form, faults=refusal.faults)
    messages.success(request, f"已登记停工，涉及 {len(done.changed)} 个工作日。{_moved(done)}")
    return redirect(f"{_address(form.days[0].year)}#closures")


@require_POST
@needs(rules.keeps_calendar, ONLY_KEEPERS)
def calendar_reopen(request: StaffRequest) -> HttpResponse:
    """Take back that a day is closed: first what would move with it, then the act itself."""
    form = ReopenForm(request.POST)
    if not form.is_valid():
        return _page(request, _year(""), faults=("没有撤销：日期或理由填写有误，请重试。",))
    day, reason = form.cleaned_data["day"], form.cleaned_data["reason"]
    act = partial(calendars.reopen_day, day=day, reason=reason, actor=request.user)
    try:
        if "confirm" in request.POST:
            done = act()
        else:
            seen = calendars.foreseen(act, reader=request.user)
    except Refused as refusal:
        return _page(request, _year(str(day.year)), faults=refusal.faults)
    if "confirm" not in request.POST:
        context = {
            "reopened": span_text((day, day)),
            "reason": reason,
            "posted": {"day": str(day), "reason": reason, "confirm": "1"},
            "back": f"{_address(day.year)}#closures",
            "hints": AFTERWARDS_REOPENED,
        }
        return render(request, "campaign/calendar_closure.html", _foreseen(seen) | context)
    messages.success(request, f"{span_text((day, day))}不再停工。{_moved(done)}")
    return redirect(f"{_address(day.year)}#closures")


def _foreseen(seen: Foreseen) -> dict[str, Any]:
    """What a closure or its end would change, for the page that asks."""
    changed = seen.outcome.changed
    return {"days": _named(list(changed)), "workdays": len(changed)} | _moving(seen)


def _moving(seen: Foreseen) -> dict[str, Any]:
    """How many deadlines would move, and the first of those that can be named."""
    return {
        "moves": str(seen.outcome.moved),
        "shifts": seen.shifts[:SHIFTS_SHOWN],
        "shifts_left": len(seen.shifts[SHIFTS_SHOWN:]),
    }


def _shown(request: StaffRequest, checked: Checked) -> dict[str, Any]:
    """The year as its file has it, beside the year as it is."""
    year, changed = checked.year, calendars.changes_of(checked.year, checked.days)
    land = partial(
        calendars.land_year,
        year=year,
        days=checked.days,
        source=checked.source,
        actor=request.user,
    )
    return {
        "year": year,
        "source": checked.source,
        "known": calendars.notice_of(year),
        "is_as_landed": calendars.is_as_landed(year, checked.days, checked.source),
        "works": sum(row.is_workday for row in checked.days),
        "to_off": _named([row for row in changed if not row.is_workday]),
        "to_work": _named([row for row in changed if row.is_workday]),
        "checked": checked.sealed(request.user),
        "back": _address(year),
        "hints": AFTERWARDS,
        **_moving(calendars.foreseen(land, reader=request.user)),
    }


def _page(
    request: StaffRequest,
    year: int,
    *,
    notice: NoticeForm | None = None,
    closure: ClosureForm | None = None,
    faults: tuple[str, ...] = (),
) -> HttpResponse:
    """The year; with what was refused, if anything was (422)."""
    if any(form.errors for form in (notice, closure) if form):
        faults = (*faults, "没有保存，请改正下面标红的地方。")
    rows = list(calendars.rows_of(year))
    known = calendars.notice_of(year)
    marks = marks_of(rows, {} if known else statutory_days(year))
    months = months_of(year, marks)
    keeps = rules.keeps_calendar(request.user)
    context = {
        "year": year,
        "known": known,
        "months": months,
        "workdays": sum(month.workdays for month in months),
        "today": timezone.localdate(),
        "weekdays": "一二三四五六日",
        "closures": [row for row in rows if row.source == CLOSURE],
        "before": _address(year - 1) if year > FIRST_YEAR else "",
        "after": _address(year + 1) if year < LAST_YEAR else "",
        "keeps": keeps,
        "faults": faults,
        "in_file": notice is not None and not notice.errors,
        "notice_form": notice or NoticeForm(initial={"year": year}, auto_id="notice_%s"),
        "closure_form": closure or ClosureForm(auto_id="closure_%s"),
    }
    return render(request, "campaign/calendar.html", context, status=422 if faults else 200)


def _year(asked: str) -> int:
    """The year asked for, this one when there is none such."""
    known = map(str, range(FIRST_YEAR, LAST_YEAR + 1))
    return int(asked) if asked in known else timezone.localdate().year


def _address(year: int) -> str:
    return f"{reverse('campaign:calendar')}?year={year}"


def _named(rows: list[YearDay]) -> list[str]:
    """The days as runs of neighbours, in words."""
    return [span_text(span) for span in spans(row.day for row in rows)]


def _moved(done: Outcome) -> str:
    if done.moved:
        return f"{done.moved}的期限已随之调整。"
    return "没有需要调整的期限。"
