"""Entries of a file against the register: new, the same, or different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.columns import RowError
from visits.choices import Fault, Size, TargetKind
from visits.register.fields import (
    ABOVE_SCALE,
    ADDRESS,
    INDUSTRIAL,
    KEY_OF,
    MEMBERS,
    NAME_OF,
    SIZE,
    VILLAGE,
)
from visits.register.places import Gazetteer
from visits.register.rows import Entry


def compare(
    kind: TargetKind,
    entries: Sequence[Entry],
    registered: Mapping[str, Entry],
    gazetteer: Gazetteer,
) -> tuple[list[Entry], list[RowError]]:
    """The entries that are new, and an error per value that differs from the register.

    An entry that is registered with the very same values is passed over.
    """
    new: list[Entry] = []
    errors: list[RowError] = []
    for entry in entries:
        known = registered.get(entry.code)
        if known is None:
            new.append(entry)
        else:
            errors.extend(_differences(kind, entry, known, gazetteer))
    return new, errors


def _differences(
    kind: TargetKind, entry: Entry, known: Entry, gazetteer: Gazetteer
) -> list[RowError]:
    here = gazetteer.by_pk.get(known.area_id)
    if here is None or not here.in_scope:
        # Whose it is stays untold: the other values belong to somebody else's area.
        text = f"「{entry.code}」已由管辖范围以外的地方登记，请核对编号"
        return [RowError(entry.row, KEY_OF[kind], Fault.CHANGED, text)]
    old, new = _shown(kind, known, gazetteer), _shown(kind, entry, gazetteer)
    return [
        RowError(
            entry.row,
            heading,
            Fault.CHANGED,
            f"登记册里是「{old[heading] or '空'}」，文件里是「{new[heading] or '空'}」。"
            "导入只新增、不改动，请核对后改成一致，或删除这一行",
        )
        for heading in new
        if old[heading] != new[heading]
    ]


def _shown(kind: TargetKind, entry: Entry, gazetteer: Gazetteer) -> dict[str, str]:
    """The values under their headings, as a person reads them."""
    village = gazetteer.by_pk[entry.area_id]
    values = {
        NAME_OF.get(kind, VILLAGE): entry.name,
        VILLAGE: f"{village.township}{village.name}",
        ADDRESS: entry.address,
    }
    if kind == TargetKind.HOUSEHOLD:
        values[MEMBERS] = "" if entry.members is None else str(entry.members)
    if kind == TargetKind.ENTERPRISE:
        values[ABOVE_SCALE] = "是" if entry.above_scale else "否"
        values[INDUSTRIAL] = "是" if entry.industrial else "否"
        values[SIZE] = Size(entry.size).label if entry.size else ""
    return values
