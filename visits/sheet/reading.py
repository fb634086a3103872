"""From rows to visits: every fault of every row, by the rules of the page. No database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import TYPE_CHECKING

from core.columns import Field, Rejected, RowError, RowReader
from visits.choices import (
    AT_ONCE,
    OUTCOMES_OF,
    Handling,
    Matter,
    Outcome,
    PaperFault,
    TargetKind,
    Way,
)
from visits.entry import LATE_WITHOUT_REASON, fault_of_day, is_late
from visits.sheet.fields import (
    ANSWER,
    APPEAL,
    BEGAN,
    CATEGORY,
    CODE,
    COMPANIONS,
    DAY,
    HANDLING,
    HEARD,
    KIND,
    LATE,
    OUTCOME,
    WAY,
    WRITTEN,
)

if TYPE_CHECKING:
    from core.workbook import Row

_TIME = re.compile(r"([01]?\d|2[0-3])[:：.]([0-5]\d)(?::[0-5]\d)?")
_KINDS = {kind.label: kind for kind in TargetKind}
_WAYS = {way.label: way for way in Way}
_OUTCOMES = {outcome.label: outcome for outcome in Outcome}
_MATTERS = {matter.label: matter for matter in Matter}
_HANDLINGS = {handling.label: handling for handling in Handling}
WITHOUT_APPEAL = "写了怎么处理，没有写诉求。请写明诉求，或把这一格清空"
WITHOUT_HANDLING = "写了诉求，请选怎么处理"
WITHOUT_ANSWER = "当场答复了的，请写明怎么答复的，抽查回访时读给群众听"
NOT_ANSWERED = "没有当场答复的，请把这一格清空，或把处理方式改为现场答复、做好解释"


@dataclass(frozen=True)
class Span:
    """Which days a visit can have been on: the campaign's, up to today."""

    starts_on: date
    ends_on: date
    today: date


@dataclass(frozen=True)
class Line:
    """One visit as its row tells it."""

    row: int
    kind: TargetKind
    code: str
    visited_on: date
    began: time | None
    way: Way
    outcome: Outcome
    companions: str
    heard: str
    late_reason: str
    appeal: str
    category: str
    handling: Handling | None
    answer: str = ""

    @property
    def content(self) -> tuple[object, ...]:
        """What the visit says, beside whom it was to and on which day."""
        said = (self.began, self.way, self.outcome, self.companions, self.heard, self.late_reason)
        answer = [self.answer] if self.answer else []  # a row without it says what it always did
        return (*said, self.appeal, self.category, self.handling, *answer)


def is_filled(row: Row) -> bool:
    """Whether somebody wrote about a visit in the row."""
    return any(row.values.get(field.heading) for field in WRITTEN) or bool(row.unreadable)


def read_lines(rows: Sequence[Row], span: Span) -> tuple[list[Line], list[RowError]]:
    """The visits of the sound rows, and every fault of the others."""
    lines: list[Line] = []
    errors: list[RowError] = []
    for row in rows:
        reader = _RowReader(row)
        line = reader.line(span)
        errors += reader.errors
        if line and not reader.errors:
            lines.append(line)
    return lines, errors


class _RowReader(RowReader):
    faults = PaperFault

    def line(self, span: Span) -> Line | None:
        kind = self.meaning(KIND, _KINDS)
        code = self.text(CODE)
        day = self._day(span)
        way = self.meaning(WAY, _WAYS) or Way.HOME
        outcome = self._outcome(kind)
        began = self._time()
        appeal, handling = self.text(APPEAL), self.meaning(HANDLING, _HANDLINGS)
        late = self._late(day, span)
        category = self.meaning(CATEGORY, _MATTERS) or ""
        if appeal and not handling:
            self._wrong(HANDLING, PaperFault.MISSING, WITHOUT_HANDLING)
        if handling and not appeal:
            self._wrong(APPEAL, PaperFault.MISSING, WITHOUT_APPEAL)
        answer = self._answer(handling)
        heard, companions = self.text(HEARD), self.text(COMPANIONS)
        if not (kind and code and day):
            return None
        return Line(
            row=self.row.number,
            kind=kind,
            code=code.upper() if kind == TargetKind.ENTERPRISE else code,
            visited_on=day,
            began=began,
            way=way,
            outcome=outcome,
            companions=companions,
            heard=heard,
            late_reason=late,
            appeal=appeal,
            category=str(category),
            handling=handling,
            answer=answer,
        )

    def _answer(self, handling: Handling | None) -> str:
        answer = self.text(ANSWER)
        if handling in AT_ONCE and not answer:
            self._wrong(ANSWER, PaperFault.MISSING, WITHOUT_ANSWER)
        if answer and handling not in AT_ONCE:
            self._wrong(ANSWER, PaperFault.FORMAT, NOT_ANSWERED)
        return answer

    def _day(self, span: Span) -> date | None:
        day = self.day(DAY)
        fault = day and fault_of_day(
            day, today=span.today, starts_on=span.starts_on, ends_on=span.ends_on
        )
        if fault:
            self._wrong(DAY, PaperFault.DAY, fault)
        return day

    def _late(self, day: date | None, span: Span) -> str:
        reason = self.text(LATE).strip()
        if day and is_late(day, span.today) and not reason:
            self._wrong(LATE, PaperFault.LATE, LATE_WITHOUT_REASON)
        return reason

    def _outcome(self, kind: TargetKind | None) -> Outcome:
        outcome = self.meaning(OUTCOME, _OUTCOMES) or Outcome.EFFECTIVE
        if kind and outcome not in OUTCOMES_OF[kind]:
            fitting = "、".join(each.label for each in OUTCOMES_OF[kind])
            text = f"{kind.label}的结果应为{fitting}之一"
            self._wrong(OUTCOME, PaperFault.OUTCOME, text)
        return outcome

    def _time(self) -> time | None:
        text = self.text(BEGAN)
        found = _TIME.fullmatch(text) if text else None
        if text and not found:
            self._wrong(BEGAN, PaperFault.FORMAT, f"「{text}」不是几点几分，请写成 9:30 的样子")
        return time(int(found[1]), int(found[2])) if found else None

    def _wrong(self, field: Field, kind: PaperFault, text: str) -> None:
        self.reject(field.heading, Rejected(kind, text))
