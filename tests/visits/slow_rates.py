"""The counts of the rates once more, by a plain loop over what happened to each appeal.

Knows the limits of domain §4.5 and the days of the steps, and none of the columns in which an
appeal keeps its clock or what it was late with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from core import calendars
from core.lights import bounds_on
from visits.appeal_rates import Counts
from visits.models import Appeal, AppealEvent

Days = Mapping[tuple[int, int], date]  # of the steps, by appeal and number
DUTIES = {"issued": "signed", "handling": "answered"}
LIMITS = {"unassigned": 1, "issued": 1, "handling": 5, "answered": 2}


@dataclass
class Life:
    """One appeal as far as the loop has read it."""

    state: str = ""
    unit: int | None = None
    start: date = date.min
    workdays: int | None = None
    kept: int = 0  # of them, while it waits
    sent: int = 0
    returned: int = 0
    rounds: int = 0
    ever: set[str] = field(default_factory=set)
    signed: bool = False
    answered: bool = False
    last: tuple[str, bool | None] = ("", None)
    before: tuple[str, date, int | None, str] = ("", date.min, None, "")  # it was merged

    def enter(self, state: str, day: date) -> None:
        self.state, self.start, self.workdays = state, day, LIMITS.get(state)

    def is_late(self, day: date) -> bool:
        if self.workdays is None:
            return False
        due = calendars.current().due(self.start, self.workdays)
        return due < bounds_on(day).red_before


def slow_counts(
    appeals: Iterable[Appeal], days: Days, today: date
) -> tuple[Counts, dict[int, Counter]]:
    """Of all together, and of each unit what it signed and answered."""
    whole: Counter = Counter()
    units: dict[int, Counter] = defaultdict(Counter)
    for appeal in appeals:
        life = Life(unit=appeal.events.get(number=0).unit_id)
        for event in appeal.events.order_by("number"):
            _happened(life, appeal, event, days[appeal.pk, event.number], units)
        _stands(life, today, units)
        whole.update(_told(life, life.is_late(today)))
    return Counts(**whole), dict(units)


def _happened(
    life: Life, appeal: Appeal, event: AppealEvent, day: date, units: dict[int, Counter]
) -> None:
    step, late = event.step, life.is_late(day)
    if step == "merge":
        duty = DUTIES.get(life.state, "") if late else ""
        life.before = (life.state, life.start, life.workdays, duty)
    if step in {"sign", "answer", "return", "reassign", "merge"}:
        _left_its_clock(life, step, late, units)
    _went(life, appeal, event)
    if step == "decide_on_days" and "：同意" in event.label:
        granted = appeal.extensions.get(decision="granted")
        life.workdays = (life.workdays or 0) + granted.workdays
    if step == "unmerge":
        _goes_on(life, units)
    elif step not in {"decide_on_days", "call_back", "take_in", "give_out"}:
        _heard(life, appeal, step)
        _moved(life, event, day)


def _went(life: Life, appeal: Appeal, event: AppealEvent) -> None:
    """From whom to whom."""
    if event.step in {"assign", "reassign"}:
        life.sent, life.unit = life.sent + 1, event.unit_id
    if event.step == "return":
        life.returned += 1
    if event.step == "raise" and event.to_state == "handling":
        life.unit = appeal.visit.author.unit_id


def _moved(life: Life, event: AppealEvent, day: date) -> None:
    """The clock of the state it comes to; what has waited goes on with what was left."""
    if event.step == "pause":
        life.kept = max(calendars.current().workdays_left(day, _due(life)), 0)
    life.enter(event.to_state, day)
    if event.step == "resume":
        life.workdays = life.kept


def _goes_on(life: Life, units: dict[int, Counter]) -> None:
    """The clock that it had, which is told once: when it ends, or by now."""
    life.state, life.start, life.workdays, duty = life.before
    if duty:
        units[life.unit or 0][f"{duty}_late"] -= 1


def _due(life: Life) -> date:
    assert life.workdays is not None
    return calendars.current().due(life.start, life.workdays)


def _left_its_clock(life: Life, step: str, late: bool, units: dict[int, Counter]) -> None:
    duty = {"issued": "signed", "handling": "answered"}.get(life.state)
    if duty is None:
        return
    if late:
        life.ever.add(duty)
        units[life.unit or 0][f"{duty}_late"] += 1
    elif step in {"sign", "answer"}:
        units[life.unit or 0][f"{duty}_in_time"] += 1
    if step == "sign":
        life.signed = True
    if step == "answer":
        life.answered = True


def _heard(life: Life, appeal: Appeal, step: str) -> None:
    calls = list(appeal.call_backs.filter(round=life.rounds).order_by("pk"))
    if step == "close":
        basically = any(call.result == "basically" for call in calls)
        life.last = ("basically" if basically else "satisfied", True)
    if step == "lapse":
        life.last = ("unreachable", None)
    if step == "redo":
        life.last = (calls[-1].result, calls[-1].solved)
        life.rounds += 1


def _stands(life: Life, today: date, units: dict[int, Counter]) -> None:
    duty = {"issued": "signed", "handling": "answered"}.get(life.state)
    if duty and life.is_late(today):
        units[life.unit or 0][f"{duty}_late"] += 1


def _told(life: Life, late: bool) -> dict[str, int]:
    state, whole = life.state, life.state != "merged"
    called = state in {"closed", "lapsed"}
    result, solved = life.last if whole else ("", None)
    found = {
        "raised": whole,
        "ended": called or state == "settled",
        "called": called,
        "uncalled_late": state == "answered" and late,
        "redone": life.rounds > 0,
        "judged": called or life.rounds > 0,
        "solved": bool(solved),
        "signed_late": "signed" in life.ever or (state == "issued" and late),
        "answered_late": "answered" in life.ever or (state == "handling" and late),
    }
    found |= {name: result == name for name in ("satisfied", "basically", "dissatisfied")}
    found["signed_in_time"] = (
        whole and life.signed and state != "issued" and not found["signed_late"]
    )
    over = state in {"answered", "closed", "lapsed"}
    found["answered_in_time"] = over and life.answered and not found["answered_late"]
    return {name: int(each) for name, each in found.items()} | {
        "dispatched": life.sent,
        "returned": life.returned,
    }
