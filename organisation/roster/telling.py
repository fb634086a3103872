"""What an import would do with somebody, as the page says it before the confirmation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from organisation.choices import Tier
from organisation.roster.comparison import Act, Held, Step
from organisation.roster.fields import POWERS, as_written
from organisation.roster.people import Directory, Entry

WORDS = {
    Act.CREATE: "新增",
    Act.MOVE: "调动",
    Act.CHANGE: "改职",
    Act.CORRECT: "更正",
    Act.RETIRE: "离职",
}


def told(step: Step, directory: Directory, today: date) -> list[object]:
    """The act, the row, the name and a sentence, as JSON."""
    return [
        WORDS[step.act],
        step.entry.row,
        step.entry.name,
        "；".join(_sentence(step, directory, today)),
    ]


def _sentence(step: Step, directory: Directory, today: date) -> Iterator[str]:
    entry, present = step.entry, step.present
    held = present.posting if present else None
    since = entry.since or today
    if held is None or present is None:
        yield f"{directory.names(entry.unit_id)}{entry.position}，自 {since}"
    elif step.act is Act.MOVE:
        yield f"{directory.names(held.unit_id)} → {directory.names(entry.unit_id)}，自 {since}"
        yield from _office(entry, held)
    elif step.act is Act.CHANGE:
        yield from _office(entry, held)
        yield f"自 {since}" if since > held.since else f"按更正处理，仍自 {held.since}"
    elif step.act is Act.RETIRE:
        yield f"{directory.names(held.unit_id)}{held.position}，离任日期 {today}，账号停用"
    else:
        if present.name != entry.name:
            yield f"姓名 {present.name} → {entry.name}"
        if entry.phone and present.phone != entry.phone:
            yield "更新联系电话"


def _office(entry: Entry, held: Held) -> Iterator[str]:
    """What of position, tier and powers becomes another."""
    if as_written(held.position) != entry.position:
        yield f"职务 {held.position} → {entry.position}"
    if held.tier != entry.tier:
        yield f"类别 {Tier(held.tier).label} → {Tier(entry.tier).label}"
    if held.powers != entry.powers:
        yield f"权力 {_powers(held.powers)} → {_powers(entry.powers)}"


def _powers(powers: frozenset[str]) -> str:
    return "、".join(field.heading for key, field in POWERS.items() if key in powers) or "无"
