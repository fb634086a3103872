"""Entries of a file against the register: new, the same, or different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.columns import RowError
from visits.choices import EnterpriseStatus, Fault, Size, TargetKind
from visits.register.fields import (
    ABOVE_SCALE,
    ADDRESS,
    GRID,
    INDUSTRIAL,
    KEY_OF,
    MEMBERS,
    NAME_OF,
    PHONE,
    SIZE,
    STATUS,
    VILLAGE,
)
from visits.register.places import Gazetteer
from visits.register.rows import Entry

UNCHANGED = "导入只新增、不改动，请核对后改成一致，或删除这一行"
MOVES = f"{UNCHANGED}；确实换了网格的，请在登记册里办理迁移"


@dataclass(frozen=True)
class Comparison:
    """What a file adds: new entries, telephones that the register lacks; and what differs."""

    new: tuple[Entry, ...]
    phones: tuple[Entry, ...]
    errors: tuple[RowError, ...]


def compare(
    kind: TargetKind,
    entries: Sequence[Entry],
    registered: Mapping[str, Entry],
    gazetteer: Gazetteer,
) -> Comparison:
    """The entries that are new, and an error per value that differs from the register.

    An entry that is registered with the very same values is passed over. An empty
    telephone says nothing; one that the register does not have yet is added to it. An empty
    grid says nothing either, so that a file without that column differs nowhere.
    """
    new: list[Entry] = []
    phones: list[Entry] = []
    errors: list[RowError] = []
    for entry in entries:
        known = registered.get(entry.code)
        if known is None:
            new.append(entry)
            continue
        found = _differences(kind, entry, known, gazetteer)
        errors.extend(found)
        if entry.phone and not known.phone and not found:
            phones.append(entry)
    return Comparison(tuple(new), tuple(phones), tuple(errors))


def _differences(
    kind: TargetKind, entry: Entry, known: Entry, gazetteer: Gazetteer
) -> list[RowError]:
    here = gazetteer.place_of(known.area_id)
    if here is None or not here.village.in_scope:
        # Whose it is stays untold: the other values belong to somebody else's area.
        text = f"「{entry.code}」已由管辖范围以外的地方登记，请核对编号"
        return [RowError(entry.row, KEY_OF[kind], Fault.CHANGED, text)]
    old, new = _shown(kind, known, gazetteer), _shown(kind, entry, gazetteer)
    if not (entry.phone and known.phone):
        new.pop(PHONE, None)
    if not new.get(GRID):
        new.pop(GRID, None)
    return [
        RowError(entry.row, heading, Fault.CHANGED, _told(kind, heading, old, new))
        for heading in new
        if old[heading] != new[heading]
    ]


def _told(kind: TargetKind, heading: str, old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What differs. Personal values are not quoted: that would show them to whoever guesses."""
    personal = heading in {ADDRESS, PHONE} or (
        kind == TargetKind.HOUSEHOLD and heading == NAME_OF[kind]
    )
    if personal:
        return f"与登记册里的不一致（个人信息，不显示原值）。{UNCHANGED}"
    shown = f"登记册里是「{old[heading] or '空'}」，文件里是「{new[heading] or '空'}」。"
    return shown + (MOVES if heading == GRID else UNCHANGED)


def _shown(kind: TargetKind, entry: Entry, gazetteer: Gazetteer) -> dict[str, str]:
    """The values under their headings, as a person reads them."""
    place = gazetteer.place_of(entry.area_id)
    assert place is not None  # both were found there
    village, grid = place
    values = {
        NAME_OF.get(kind, VILLAGE): entry.name,
        VILLAGE: f"{village.township}{village.name}",
        ADDRESS: entry.address,
        PHONE: entry.phone,
    }
    if kind != TargetKind.VILLAGE:
        values[GRID] = f"{grid.name}（{grid.code}）" if grid else ""
    if kind == TargetKind.HOUSEHOLD:
        values[MEMBERS] = "" if entry.members is None else str(entry.members)
    if kind == TargetKind.ENTERPRISE:
        values[ABOVE_SCALE] = "是" if entry.above_scale else "否"
        values[INDUSTRIAL] = "是" if entry.industrial else "否"
        values[SIZE] = Size(entry.size).label if entry.size else ""
        values[STATUS] = EnterpriseStatus(entry.status).label if entry.status else ""
    return values
