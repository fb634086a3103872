"""The first rows of an uploaded register, from which somebody tells what its columns are."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from core.masking import mask_address, mask_all, mask_name, mask_phone
from core.sheets.values import ErrorValue, Formula, Raw, column_name
from core.workbook import (
    HEADING_ROWS,
    SAMPLE_ROWS,
    Layout,
    Top,
    clean_text,
    fingerprint,
    meant_by,
)
from visits.choices import TargetKind
from visits.register.codes import without_identity
from visits.register.fields import ADDRESS, FIELDS, IGNORED, NAME_OF, PHONE, SYNONYMS

LONGEST_TEXT = 40  # characters of a cell that are kept
SHORT = 12  # a heading, not a note
_FORBIDDEN = re.compile("身份证|证件号|收入|宗教|信仰|银行卡|银行账|病史|健康状况|疾病")
_PRIVATE = re.compile(  # a mobile, a landline with its area, a card; not the code of a village
    r"(?<!\d)(?:1[3-9]\d{9}|0\d{2,3}-?\d{7,8}|\d{15,})(?!\d)"
)


@dataclass(frozen=True)
class HeadRow:
    """One of the first rows, which may be that of the headings."""

    number: int
    fingerprint: str
    texts: Sequence[str]
    meant: Mapping[int, str]  # what the texts seem to name, by place


@dataclass(frozen=True)
class SheetTop:
    name: str
    rows: Sequence[HeadRow]


@dataclass(frozen=True)
class Column:
    """A column as the uploader sees it; ``samples`` stand below the headings."""

    place: int
    text: str
    samples: Sequence[str]

    @property
    def name(self) -> str:
        return column_name(self.place)


def layout_of(kind: TargetKind, chosen: Mapping[str, Sequence[str]] | None = None) -> Layout:
    """The columns of a register, and what has been said of those of other files."""
    fields = FIELDS[kind]
    return Layout(
        headings=[each.heading for each in fields],
        optional=[each.heading for each in fields if each.optional],
        synonyms=SYNONYMS[kind],
        ignored=IGNORED,
        chosen=chosen or {},
    )


def forbidden_in(tops: Sequence[Top]) -> str:
    """A heading of what no register may ask for (domain §4.1); empty where there is none."""
    for top in tops:
        for line in top.lines[:HEADING_ROWS]:
            for raw in line.cells:
                text = _text(raw)
                if len(text) <= SHORT and _FORBIDDEN.search(text):
                    return text
    return ""


def to_keep(tops: Sequence[Top], kind: TargetKind) -> str:
    """The first rows as JSON, without numbers of identity cards."""
    layout = layout_of(kind)
    return json.dumps(
        [
            {
                "sheet": top.sheet,
                "rows": [
                    {
                        "number": line.number,
                        "fingerprint": fingerprint(line),
                        "texts": [_short(raw) for raw in line.cells],
                        "meant": meant_by(line, layout),
                    }
                    for line in top.lines
                ],
            }
            for top in tops
        ]
    )


def kept(text: str) -> list[SheetTop]:
    """What ``to_keep`` has kept."""
    return [
        SheetTop(
            top["sheet"],
            [
                HeadRow(
                    row["number"],
                    row["fingerprint"],
                    row["texts"],
                    {int(place): heading for place, heading in row["meant"].items()},
                )
                for row in top["rows"]
            ],
        )
        for top in json.loads(text or "[]")
    ]


def likely_head(tops: Sequence[SheetTop], known: Mapping[str, object]) -> tuple[int, int]:
    """Which sheet and row of it the headings are: spoken of before, or with most to say."""
    candidates = [
        (row.fingerprint in known, len(set(row.meant.values())), _filled(row), -sheet, -place)
        for sheet, top in enumerate(tops)
        for place, row in enumerate(top.rows[:HEADING_ROWS])
    ]
    *_, sheet, place = max(candidates)
    return -sheet, -place


def columns_of(top: SheetTop, place: int) -> list[Column]:
    """The columns under the row at this place, with three samples each."""
    head, below = top.rows[place], top.rows[place + 1 :]
    width = max(len(row.texts) for row in top.rows[place:])
    return [
        Column(
            at,
            _at(head, at),
            [text for row in below if (text := _at(row, at))][:SAMPLE_ROWS],
        )
        for at in range(width)
    ]


def shown_samples(kind: TargetKind, column: Column, heading: str) -> list[str]:
    """The samples as everybody may read them, by what the column is taken for."""
    mask = {PHONE: mask_phone, ADDRESS: mask_address}.get(heading)
    if kind == TargetKind.HOUSEHOLD and heading == NAME_OF[kind]:
        mask = mask_name
    if mask is None and heading:
        return list(column.samples)
    return [(mask or _mask_digits)(text) for text in column.samples]


def faults_of(kind: TargetKind, columns: Sequence[str]) -> tuple[list[str], list[int]]:
    """Required headings that no column is, and places of columns that are one a second time."""
    missing = [f.heading for f in FIELDS[kind] if not f.optional and f.heading not in columns]
    twice = [
        place for place, heading in enumerate(columns) if heading and heading in columns[:place]
    ]
    return missing, twice


def _mask_digits(text: str) -> str:
    """Of a column that nobody has named: telephones and the numbers of cards are hidden."""
    return mask_all(text) if _PRIVATE.search(text) else text


def _filled(row: HeadRow) -> int:
    return sum(bool(text) for text in row.texts)


def _at(row: HeadRow, place: int) -> str:
    return row.texts[place] if place < len(row.texts) else ""


def _short(raw: Raw) -> str:
    return without_identity(_text(raw))[:LONGEST_TEXT]


def _text(raw: Raw) -> str:
    if isinstance(raw, Formula):
        raw = raw.shown
    elif isinstance(raw, ErrorValue):
        raw = raw.text
    elif isinstance(raw, datetime | date):
        raw = raw.isoformat()[:10]
    elif isinstance(raw, float) and raw.is_integer():
        raw = int(raw)
    return "" if raw is None else clean_text(str(raw))
