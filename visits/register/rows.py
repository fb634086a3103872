"""From rows to entries: every fault of every row, by row, column and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.columns import Rejected, RowError, RowReader
from core.phones import parse_phone
from visits.choices import EnterpriseStatus, Fault, Likeness, Size, TargetKind
from visits.register.codes import (
    IDENTITY_LENGTH,
    check_credit_code,
    check_household_code,
    holds_identity,
    is_of_known_authority,
    resembles_identity,
)
from visits.register.fields import (
    ABOVE_SCALE,
    ADDRESS,
    FIELDS,
    GRID,
    INDUSTRIAL,
    KEY_OF,
    MAX_MEMBERS,
    MEMBERS,
    NAME_OF,
    PHONE,
    SIZE,
    STATUS,
    TOWNSHIP,
    VILLAGE,
)
from visits.register.places import Gazetteer, Village, is_grid_code

if TYPE_CHECKING:
    from core.workbook import Row

NO_IDENTITY = "里面像是身份证号。登记册不收集证件号码，请删除（户编号请另行编制）"
_SIZES = {label: Size(value) for value, label in Size.choices}
_STATUSES = {label: value for value, label in EnterpriseStatus.choices}
_SIZES |= {label[0]: size for label, size in _SIZES.items()}


@dataclass(frozen=True)
class Entry:
    """One target as its row describes it; ``row`` 0 means it stands in the register.

    ``area_id`` is its village or a grid of it; ``village_id`` the village, where a row says so.
    """

    row: int
    code: str
    name: str
    area_id: int
    address: str = ""
    members: int | None = None
    above_scale: bool = False
    industrial: bool = False
    size: str = ""
    status: str = ""
    phone: str = ""
    village_id: int = field(default=0, compare=False)


def read_entry(
    kind: TargetKind, row: Row, gazetteer: Gazetteer
) -> tuple[Entry | None, list[RowError]]:
    """What the row describes, as far as its key is sound, and every fault of it."""
    reader = _RowReader(kind, row, gazetteer)
    return reader.entry(), reader.errors


def repeated(kind: TargetKind, row: Row, code: str, first: int) -> RowError:
    """The row has the code of an earlier one."""
    return RowError(row.number, KEY_OF[kind], Fault.REPEATED, f"「{code}」与第 {first} 行重复")


def strange_code(kind: TargetKind, entry: Entry) -> list[RowError]:
    """A credit code whose check digit holds, of an authority nobody has heard of."""
    if kind != TargetKind.ENTERPRISE or is_of_known_authority(entry.code):
        return []
    text = f"「{entry.code}」第 1 位「{entry.code[0]}」少见，请按执照核对；没有错可以不改"
    return [RowError(entry.row, KEY_OF[kind], Likeness.STRANGE_CODE, text)]


class _RowReader(RowReader):
    faults = Fault

    def __init__(self, kind: TargetKind, row: Row, gazetteer: Gazetteer) -> None:
        super().__init__(row)
        self.kind = kind
        self.gazetteer = gazetteer

    def entry(self) -> Entry | None:
        """The entry as far as its key is sound; the caller looks at ``errors`` too."""
        texts = {field.heading: self.text(field) for field in FIELDS[self.kind]}
        self._refuse_identities(texts)
        village = self._village(texts)
        if self.kind == TargetKind.VILLAGE:
            code, name = (village.code, village.name) if village else ("", "")
        else:
            code, name = self._code(texts[KEY_OF[self.kind]]), texts[NAME_OF[self.kind]]
        entry = Entry(
            row=self.row.number,
            code=code,
            name=name,
            area_id=self._area(village, texts) if village else 0,
            village_id=village.pk if village else 0,
            address=texts[ADDRESS],
            phone=self._phone(texts.get(PHONE, "")),
            members=self._members(texts.get(MEMBERS, "")),
            above_scale=self._yes(ABOVE_SCALE, texts),
            industrial=self._yes(INDUSTRIAL, texts),
            size=self._size(texts.get(SIZE, "")),
            status=self._status(texts.get(STATUS, "")),
        )
        return entry if code else None

    def _refuse_identities(self, texts: Mapping[str, str]) -> None:
        """Nobody's identity card belongs into the register; the number is not quoted."""
        for heading, text in texts.items():
            if len(text) >= IDENTITY_LENGTH and self._tells_identity(heading, text):
                self.reject(heading, Rejected(Fault.FORBIDDEN, NO_IDENTITY))

    def _tells_identity(self, heading: str, text: str) -> bool:
        if heading == KEY_OF[TargetKind.ENTERPRISE]:
            return False
        is_number = heading in {KEY_OF[TargetKind.HOUSEHOLD], PHONE}
        return holds_identity(text) if is_number else resembles_identity(text)

    def _village(self, texts: Mapping[str, str]) -> Village | None:
        place = texts[VILLAGE]
        if not place:
            return None
        try:
            if self.kind == TargetKind.VILLAGE and is_grid_code(place):
                raise Rejected(Fault.PLACE, f"「{place}」是网格代码，登记村居请填 12 位代码")
            return self.gazetteer.find(place, texts[TOWNSHIP])
        except Rejected as why:
            self.reject(VILLAGE, why)
            return None

    def _area(self, village: Village, texts: Mapping[str, str]) -> int:
        """The grid that either column names; without one, or when it is refused, the village."""
        written, place = texts.get(GRID, ""), texts[VILLAGE]
        inside = place if is_grid_code(place) else ""
        if not (written or inside):
            return village.pk
        try:
            grid = self.gazetteer.grid_in(village, written or inside)
            if inside not in {"", grid.code}:
                text = f"「{written}」与「{VILLAGE}」一栏的网格代码「{inside}」不一致，请改成一致"
                raise Rejected(Fault.PLACE, text)
        except Rejected as why:
            self.reject(GRID, why)
            return village.pk
        return grid.pk

    def _code(self, text: str) -> str:
        check = check_credit_code if self.kind == TargetKind.ENTERPRISE else check_household_code
        try:
            return check(text) if text else ""
        except Rejected as why:
            self.reject(KEY_OF[self.kind], why)
            return ""

    def _phone(self, text: str) -> str:
        """The number as it is kept; a refusal does not quote it, for reports are kept too."""
        try:
            return parse_phone(text) if text else ""
        except ValueError as why:
            self.reject(PHONE, Rejected(Fault.FORMAT, str(why)))
            return ""

    def _members(self, text: str) -> int | None:
        if not text:
            return None
        if text.isdecimal() and int(text) <= MAX_MEMBERS:
            return int(text)
        self.reject(MEMBERS, Rejected(Fault.FORMAT, f"「{text}」应为 0 至 {MAX_MEMBERS} 的整数"))
        return None

    def _yes(self, heading: str, texts: Mapping[str, str]) -> bool:
        text = texts.get(heading, "")
        if text not in {"", "是", "否"}:
            self.reject(heading, Rejected(Fault.FORMAT, f"「{text}」应为「是」或「否」"))
        return text == "是"

    def _size(self, text: str) -> str:
        if text and text not in _SIZES:
            labels = "、".join(Size.labels)
            self.reject(SIZE, Rejected(Fault.FORMAT, f"「{text}」应为{labels}之一"))
        return _SIZES[text].value if text in _SIZES else ""

    def _status(self, text: str) -> str:
        if text and text not in _STATUSES:
            labels = "、".join(EnterpriseStatus.labels)
            self.reject(STATUS, Rejected(Fault.FORMAT, f"「{text}」应为{labels}之一"))
        return _STATUSES.get(text, "")
