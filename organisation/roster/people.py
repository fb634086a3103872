"""From the rows of a roster to entries: every fault of every row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from core.columns import Rejected, RowError, RowReader
from core.phones import parse_phone
from organisation.choices import Tier
from organisation.roster.faults import Fault
from organisation.roster.fields import (
    IN_OFFICE,
    LEFT,
    LOGIN,
    NAME,
    PHONE,
    POSITION,
    POWERS,
    SINCE,
    STATUS,
    TIER,
    UNIT,
    as_written,
)

if TYPE_CHECKING:
    from core.workbook import Row

GOOD_LOGIN = re.compile(r"[0-9A-Za-z][0-9A-Za-z._@-]{1,39}")
_TIERS = {label: Tier(value) for value, label in Tier.choices}
_STATUSES = {IN_OFFICE: True, LEFT: False}


@dataclass(frozen=True)
class KnownUnit:
    """A unit as the checks need it."""

    pk: int
    code: str
    name: str
    is_open: bool
    in_scope: bool


class Directory:
    """Finds the unit that a row means, by its code or its full name."""

    def __init__(self, units: Iterable[KnownUnit]) -> None:
        self.by_pk: dict[int, KnownUnit] = {}
        self._found: dict[str, KnownUnit] = {}
        for unit in units:
            self.by_pk[unit.pk] = unit
            self._found.setdefault(as_written(unit.name), unit)
        self._found |= {unit.code: unit for unit in self.by_pk.values() if unit.code}

    def find(self, text: str) -> KnownUnit:
        """Raises Rejected."""
        found = self._found.get(text) or self._found.get(as_written(text))
        if found is None:
            raise Rejected(
                Fault.UNIT, f"没有编号或全称为「{text}」的单位，请对照单位清单改正，或先导入单位"
            )
        if not found.in_scope:
            raise Rejected(Fault.SCOPE, f"「{text}」不在您负责的范围")
        return found

    def names(self, pk: int) -> str:
        return self.by_pk[pk].name


@dataclass(frozen=True)
class Entry:
    """One person as the row describes him; ``since`` None leaves the day to the import."""

    row: int
    login: str
    name: str
    unit_id: int
    position: str
    tier: str
    powers: frozenset[str]
    phone: str
    since: date | None
    in_office: bool


def read_people(
    rows: Iterable[Row], directory: Directory, today: date
) -> tuple[list[Entry], list[RowError]]:
    """Entries of the rows without fault, and every fault of the others, in row order."""
    entries: list[Entry] = []
    errors: list[RowError] = []
    first: dict[str, tuple[int, str]] = {}
    for row in rows:
        reader = _PersonReader(row, directory, today)
        entry = reader.entry()
        login, unit = entry.login.casefold(), reader.unit_text
        if login in first:
            number, other = first[login]
            where = f"，单位分别是「{other}」和「{unit}」" if other != unit else ""
            text = f"「{entry.login}」与第 {number} 行是同一个登录名{where}，一个人只留一行"
            reader.reject(LOGIN.heading, Rejected(Fault.REPEATED, text))
        elif login:
            first[login] = (row.number, unit)
        if not reader.errors:
            entries.append(entry)
        errors.extend(reader.errors)
    return entries, errors


class _PersonReader(RowReader):
    faults = Fault

    def __init__(self, row: Row, directory: Directory, today: date) -> None:
        super().__init__(row)
        self.directory = directory
        self.today = today
        self.unit_text = ""

    def entry(self) -> Entry:
        """The entry as far as it is sound; the caller looks at ``errors`` first."""
        in_office = self.meaning(STATUS, _STATUSES)
        entry = Entry(
            row=self.row.number,
            login=self.text(LOGIN),
            name=self.text(NAME),
            unit_id=self._unit(in_office is not False),
            position=as_written(self.text(POSITION)),
            tier=self.meaning(TIER, _TIERS) or Tier.ORDINARY,
            powers=frozenset(name for name, field in POWERS.items() if self.yes(field)),
            phone=self._phone(),
            since=self._since(),
            in_office=in_office is not False,
        )
        self._check_powers(entry)
        return entry

    def _unit(self, must_be_open: bool) -> int:
        self.unit_text = self.text(UNIT)
        if not self.unit_text:
            return 0
        try:
            found = self.directory.find(self.unit_text)
            if must_be_open and not found.is_open:
                raise Rejected(Fault.CLOSED, f"「{found.name}」已撤销，不能再任职，请填现在的单位")
            return found.pk
        except Rejected as why:
            self.reject(UNIT.heading, why)
            return 0

    def _phone(self) -> str:
        text = self.text(PHONE)
        try:
            return parse_phone(text) if text else ""
        except ValueError as why:
            self.reject(PHONE.heading, Rejected(Fault.FORMAT, str(why)))
            return ""

    def _since(self) -> date | None:
        day = self.day(SINCE)
        if day and not date(1950, 1, 1) <= day <= self.today:
            text = f"{day} 还没有到" if day > self.today else f"{day} 太早"
            self.reject(SINCE.heading, Rejected(Fault.FORMAT, f"{text}，请填任职开始的日期"))
        return day

    def _check_powers(self, entry: Entry) -> None:
        if entry.powers and entry.tier == Tier.ORDINARY and self.row.values.get(TIER.heading):
            named = "、".join(field.heading for key, field in POWERS.items() if key in entry.powers)
            text = f"有{named}的不能是「{Tier.ORDINARY.label}」，应为「{Tier.KEY_POST.label}」"
            self.reject(TIER.heading, Rejected(Fault.POWER, text))
