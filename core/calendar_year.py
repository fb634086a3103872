"""A year's notice as a list of all its days: whether it is whole, and what is kept of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from core.workdays import is_weekday


@dataclass(frozen=True)
class YearDay:
    """One line of a year's notice, or of the file that holds it."""

    day: date
    is_workday: bool
    note: str = ""


def days_in(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def spans(days: Iterable[date]) -> list[tuple[date, date]]:
    """The days as runs of neighbours, each from-to."""
    numbered = enumerate(sorted(set(days)))
    runs = (list(run) for _, run in groupby(numbered, lambda pair: pair[1].toordinal() - pair[0]))
    return [(run[0][1], run[-1][1]) for run in runs]


def span_text(span: tuple[date, date]) -> str:
    """「3月5日」 or 「3月5日至3月9日」."""
    return "至".join(f"{day.month}月{day.day}日" for day in dict.fromkeys(span))


def faults_of(year: int, days: Sequence[YearDay]) -> list[str]:
    """Why these are not all days of the year, each once; empty when they are."""
    whole, given = set(days_in(year)), Counter(row.day for row in days)
    found = [f"缺少{span_text(span)}。" for span in spans(whole - set(given))]
    found += [f"{span_text(span)}重复。" for span in spans(day for day in given if given[day] > 1)]
    found += [f"{day}不在 {year} 年。" for day in sorted(set(given) - whole)]
    if not found and all(row.is_workday == is_weekday(row.day) for row in days):
        found.append("全年没有一个放假或补班的日子，请按国务院办公厅的通知填写。")
    return found


def exceptions_of(days: Iterable[YearDay]) -> list[YearDay]:
    """The days that get a row, in order."""
    return sorted(
        (row for row in days if row.is_workday != is_weekday(row.day)), key=lambda row: row.day
    )


def whole_year(year: int, exceptions: Iterable[YearDay]) -> list[YearDay]:
    """All days of the year, those not named as their day of the week says."""
    known = {row.day: row for row in exceptions}
    return [known.get(day, YearDay(day, is_weekday(day))) for day in days_in(year)]
