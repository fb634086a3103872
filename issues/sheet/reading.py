"""From the rows of a ledger to drafts: every fault of every row.

A row that stands in the campaign already is passed over before anything of it is judged, so
that an exported ledger can be filled on and read back, whatever has become of its items.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING

from core.columns import Field, Rejected, RowError, RowReader
from core.workbook import clean_text
from issues.choices import Kind, Level, Nature, Source
from issues.sheet.faults import Fault
from issues.sheet.fields import (
    CATEGORY,
    DUE,
    EVENT,
    HAPPENED,
    KIND,
    LEADER,
    LEVEL,
    NATURE,
    NUMBER,
    PERSON,
    READ,
    SOURCE,
    TEXTS,
    UNIT,
)

if TYPE_CHECKING:
    from core.workbook import Row

_NUMBER = re.compile(r"[Ww]0*([0-9]{1,18})")
_SERIAL = re.compile(r"[0-9]{5}")
_WRITTEN_DAY = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日?")
_EPOCH = date(1899, 12, 30)  # Excel's day 0
_SPACES = re.compile(r"\s+")
_SOURCES = {each.label: each.value for each in Source}
_NATURES = {each.label: each.value for each in Nature}
_KINDS = {each.label: each.value for each in Kind}


@dataclass(frozen=True)
class KnownPerson:
    """Somebody for whom the reader may bring in problems."""

    pk: int
    login: str
    name: str
    unit: int


@dataclass(frozen=True)
class KnownUnit:
    pk: int
    code: str
    name: str
    leaders: tuple[tuple[int, str, str], ...] = ()  # number, login name, name


@dataclass(frozen=True)
class Ground:
    """What rows are compared with: whom they may name, the categories, the days allowed.

    ``own`` is the reader: whose problems they are when a row names nobody, unless the reader
    brings in those of others too (``for_others``).
    """

    people: Sequence[KnownPerson]
    units: Mapping[int, KnownUnit]
    categories: Iterable[tuple[int, int, str]]  # key, number, name
    own: int
    for_others: bool
    today: date
    last: date
    called: dict[str, list[KnownPerson]] = field(default_factory=lambda: defaultdict(list))
    kinds: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for person in self.people:
            for word in {bare(person.name), bare(person.login)}:
                self.called[word].append(person)
        for key, number, name in self.categories:
            for words in (name, f"{number}.{name}"):
                self.kinds[bare(words)].add(key)


@dataclass(frozen=True)
class Present:
    """What stands in the campaign: events by number, and by whose they are."""

    numbered: Mapping[int, str]
    events: Mapping[int, frozenset[str]]


@dataclass(frozen=True)
class Line:
    """One problem as its row describes it, to become a draft of its person."""

    row: int
    person: KnownPerson
    category: int
    leader: int | None
    text: Mapping[str, object]


@dataclass(frozen=True)
class Reading:
    """The new problems, how many rows stand there already, and every fault."""

    lines: tuple[Line, ...]
    known: int
    errors: tuple[RowError, ...]


def bare(text: str) -> str:
    """By what texts are the same: without spaces, and brackets and digits of one width."""
    return _SPACES.sub("", clean_text(text))


def as_written(text: str) -> str:
    """Brackets as Chinese text has them: reading a workbook makes them half-width."""
    return text.replace("(", "（").replace(")", "）")


def number_of(row: Row) -> int:
    """The number of the item that an exported row tells of; 0 for none."""
    found = _NUMBER.fullmatch(str(row.values.get(NUMBER.heading, "")))
    return int(found.group(1)) if found else 0


def says_something(row: Row) -> bool:
    """Whether anything stands in the columns that people write, as under a list does not."""
    filled = {heading for heading, value in row.values.items() if value} | set(row.unreadable)
    return bool(filled - {NUMBER.heading} & READ)


def people_in(rows: Iterable[Row], ground: Ground) -> set[int]:
    """Whose problems the rows tell of, as far as they can be told apart."""
    found = (_LineReader(row, ground).person() for row in rows)
    return {person.pk for person in found if person}


def read_lines(rows: Iterable[Row], ground: Ground, present: Present) -> Reading:
    """The drafts of the rows without fault, and every fault of the others, in row order."""
    lines: list[Line] = []
    errors: list[RowError] = []
    first: dict[tuple[int, str], int] = {}
    known = 0
    for row in rows:
        reader = _LineReader(row, ground)
        person = reader.person()
        event = bare(str(row.values.get(EVENT.heading, "")))
        if _stands(row, person, event, present):
            known += 1
            continue
        if person and event:
            at = first.setdefault((person.pk, event), row.number)
            if at != row.number:
                text = f"与第 {at} 行是同一个人的同一件事，请只留一行"
                reader.reject(EVENT.heading, Rejected(Fault.REPEATED, text))
        line = reader.line(person, present)
        if line and not reader.errors:
            lines.append(line)
        errors.extend(reader.errors)
    return Reading(tuple(lines), known, tuple(errors))


def _stands(row: Row, person: KnownPerson | None, event: str, present: Present) -> bool:
    numbered = present.numbered.get(number_of(row))
    if numbered is not None:
        return numbered == event
    return bool(event and person and event in present.events.get(person.pk, ()))


class _LineReader(RowReader):
    faults = Fault

    def __init__(self, row: Row, ground: Ground) -> None:
        super().__init__(row)
        self.ground = ground
        reckoned = set(row.values) - READ
        self.errors = [error for error in self.errors if error.column not in reckoned]

    def line(self, person: KnownPerson | None, present: Present) -> Line | None:
        """The draft as far as it is sound; the caller looks at ``errors`` first."""
        self._check_kind(present)
        text: dict[str, object] = {
            name: as_written(self.text(each)) for name, each in TEXTS.items()
        }
        text["source"] = self.meaning(SOURCE, _SOURCES) or Source.SELF.value
        text["nature"] = self.meaning(NATURE, _NATURES) or Nature.INDIVIDUAL.value
        text["kind"] = self.meaning(KIND, _KINDS) or Kind.BY_DATE.value
        text["happened_on"] = self._happened()
        text["due_on"] = self._due()
        category = self._category()
        if person is None:
            self._tell_person()
            return None
        return Line(self.row.number, person, category, self._leader(person), text)

    def person(self) -> KnownPerson | None:
        """Whose problem it is; None when that is not clear."""
        found = self._called()
        return found[0] if len(found) == 1 else None

    def day(self, field: Field) -> date | None:
        """Also as 2026年3月1日, and as the number that Excel keeps for a day."""
        value = self.row.values.get(field.heading, "")
        if isinstance(value, str) and _SERIAL.fullmatch(value):
            return _EPOCH + timedelta(days=int(value))
        if isinstance(value, str) and (found := _WRITTEN_DAY.fullmatch(value)):
            try:
                return date(*map(int, found.groups()))
            except ValueError:
                pass
        return super().day(field)

    def _called(self) -> list[KnownPerson]:
        ground = self.ground
        name = bare(str(self.row.values.get(PERSON.heading, "")))
        if not name:
            own = [person for person in ground.people if person.pk == ground.own]
            return [] if ground.for_others or self._is_unread(PERSON) else own
        unit = self._unit_text()
        found = ground.called.get(name, [])
        return [each for each in found if not unit or self._is_in(each, unit)]

    def _is_unread(self, field: Field) -> bool:
        return field.heading in self.row.unreadable

    def _unit_text(self) -> str:
        return bare(str(self.row.values.get(UNIT.heading, "")))

    def _is_in(self, person: KnownPerson, unit: str) -> bool:
        own = self.ground.units[person.unit]
        return unit in {bare(own.name), bare(own.code)}

    def _tell_person(self) -> None:
        name, unit = self.text(PERSON), self.text(UNIT)
        if self._is_unread(PERSON):
            return
        if not name:
            reason = "必填：写清是谁的问题，写姓名或登录名"
            self.reject(PERSON.heading, Rejected(Fault.MISSING, reason))
            return
        called = self.ground.called.get(bare(name), [])
        if not called:
            said = f"您负责的单位里没有「{name}」，请核对姓名"
            own = f"这里只能写本人的问题，「{name}」的请由他本人或本单位联络员导入"
            said = said if self.ground.for_others else own
            self.reject(PERSON.heading, Rejected(Fault.PERSON, said))
        elif unit and not any(self._is_in(each, bare(unit)) for each in called):
            said = f"「{name}」不在「{unit}」，请改成他现在的单位，或把单位一栏留空"
            self.reject(UNIT.heading, Rejected(Fault.UNIT, said))
        else:
            said = f"有 {len(called)} 个「{name}」，请改写登录名"
            self.reject(PERSON.heading, Rejected(Fault.PERSON, said))

    def _check_kind(self, present: Present) -> None:
        """Of an item that is there nothing is changed, and of a unit none is made."""
        number = number_of(self.row)
        if number in present.numbered:
            text = (
                f"{self.row.values[NUMBER.heading]} 的事情经过与系统里的不一样。"
                "已有的问题请在网页上修改；要写成新的一题，请清空这一行的问题编号"
            )
            self.reject(EVENT.heading, Rejected(Fault.CHANGED, text))
        elif self.text(LEVEL) == Level.UNIT.label:
            text = "这里只导入个人的问题，单位的问题请到「单位清单」里写"
            self.reject(LEVEL.heading, Rejected(Fault.LEVEL, text))

    def _happened(self) -> date | None:
        day = self.day(HAPPENED)
        if day and day > self.ground.today:
            text = f"{day} 还没有到，发生的时间不能晚于今天"
            self.reject(HAPPENED.heading, Rejected(Fault.FORMAT, text))
        return day

    def _due(self) -> date | None:
        day, today, last = self.day(DUE), self.ground.today, self.ground.last
        if day and not today <= day <= last:
            text = f"{day} 不在范围内，整改时限要在今天到专项行动结束（{last}）之间"
            self.reject(DUE.heading, Rejected(Fault.FORMAT, text))
        return day

    def _category(self) -> int:
        name = self.text(CATEGORY)
        found = self.ground.kinds.get(bare(name), set())
        if name and len(found) != 1:
            why = "有几类都叫" if found else "没有这个类别"
            text = f"{why}「{name}」，请照「每一列怎么填」里的类别写"
            self.reject(CATEGORY.heading, Rejected(Fault.CATEGORY, text))
        return min(found, default=0)

    def _leader(self, person: KnownPerson) -> int | None:
        name = bare(self.text(LEADER))
        if not name:
            return None
        leaders = self.ground.units[person.unit].leaders
        found = {key for key, *words in leaders if name in map(bare, words)}
        if len(found) != 1:
            why = "不止一位" if found else "没有找到"
            text = f"本单位的班子成员里{why}「{self.text(LEADER)}」，请核对，或留空"
            self.reject(LEADER.heading, Rejected(Fault.LEADER, text))
            return None
        return found.pop()
