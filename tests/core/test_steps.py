"""When a reminder comes: working days before and after, and nothing lost by a missed day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.notices.steps import KEPT, STEPS, Step, span_on, steps_on
from core.workdays import Calendar

PLAIN = Calendar(announced=frozenset(range(2020, 2040)))  # Monday to Friday, no holidays
DUE = date(2030, 3, 15)  # a Friday


def names(today: date, calendar: Calendar = PLAIN, due_on: date = DUE) -> list[str]:
    return [step.name for step in steps_on(today, due_on, calendar)]


def test_three_working_days_before_one_before_the_first_after_and_then_upwards() -> None:
    days = [date(2030, 3, 11) + timedelta(days=n) for n in range(22)]
    said = {day.isoformat()[5:]: names(day)[-1] for day in days if names(day)}
    assert list(dict.fromkeys(said.values())) == [
        "person-3", "person-1", "person+1", "liaison+3", "head+5", "office+10",
    ]  # fmt: skip
    firsts = {name: day for day, name in reversed(said.items())}
    assert firsts == {
        "person-3": "03-12",
        "person-1": "03-14",
        "person+1": "03-18",
        "liaison+3": "03-20",
        "head+5": "03-22",
        "office+10": "03-29",
    }


def test_nothing_comes_before_the_first_step() -> None:
    assert names(date(2030, 3, 11)) == []


def test_on_the_last_day_itself_the_day_before_is_made_up_for() -> None:
    assert names(DUE) == ["person-1"]


def test_after_a_long_silence_everybody_hears_once() -> None:
    assert names(date(2030, 4, 1)) == ["person+1", "liaison+3", "head+5", "office+10"]


def test_a_holiday_does_not_make_it_go_up_earlier() -> None:
    closed = {date(2030, 3, 18) + timedelta(days=n): False for n in range(5)}
    holiday = Calendar(exceptions=closed, announced=PLAIN.announced)
    assert names(date(2030, 3, 22), holiday) == ["person-1"]
    assert names(date(2030, 3, 25), holiday) == ["person+1"]
    assert names(date(2030, 3, 22)) == ["person+1", "liaison+3", "head+5"]


def test_a_day_of_rest_brings_nothing_new() -> None:
    assert names(date(2030, 3, 17)) == names(date(2030, 3, 15))


def test_a_deadline_on_a_day_of_rest_is_late_after_the_next_working_day_began() -> None:
    sunday = date(2030, 3, 17)
    assert names(date(2030, 3, 15), due_on=sunday) == ["person-1"]
    assert names(date(2030, 3, 18), due_on=sunday) == ["person+1"]


dates = st.dates(date(2025, 1, 1), date(2032, 12, 31))
calendars = st.dictionaries(dates, st.booleans(), max_size=40).map(
    lambda days: Calendar(exceptions=days, announced=frozenset(range(2020, 2040)))
)


@given(calendars, dates, st.integers(0, 80))
def test_each_step_comes_whatever_days_are_missed(calendar: Calendar, due: date, skip: int) -> None:
    """One run long after the deadline says to each addressee what many runs would have said."""
    late = calendar.due(due, STEPS[-1].days) + timedelta(days=skip)
    assert [step.addressee for step in steps_on(late, due, calendar)] == [
        "person", "liaison", "head", "office",
    ]  # fmt: skip


@given(calendars, dates, st.integers(-20, 30))
def test_whatever_has_come_lies_in_the_span(calendar: Calendar, due: date, shift: int) -> None:
    today = due + timedelta(days=shift)
    span = span_on(today, calendar)
    if steps_on(today, due, calendar) and today - due <= KEPT:
        assert span.first <= due <= span.last


@given(calendars, dates, st.integers(-20, 30), dates)
def test_another_day_of_rest_never_lets_a_step_come_earlier(
    calendar: Calendar, due: date, shift: int, rest: date
) -> None:
    today = due + timedelta(days=shift)
    if rest <= today and not calendar.is_workday(rest):
        return
    more = Calendar(exceptions={**calendar.exceptions, rest: False}, announced=calendar.announced)
    if rest <= due:
        return  # a rest day before the deadline brings its -3 and -1 nearer, as it must
    assert len(steps_on(today, due, more)) <= len(steps_on(today, due, calendar))


def test_steps_may_differ_by_kind() -> None:
    assert steps_on(DUE, DUE, PLAIN, [Step(0, STEPS[0].addressee)])[0].days == 0
