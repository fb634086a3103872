"""What is with 12345 as Excel, or goes there, with columns for what 12345 says to it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO

from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook
from organisation.models import User
from visits.appeal_way import CLOCKS
from visits.choices import AppealState
from visits.models import Appeal
from visits.queries.hotline import to_hand_over, with_hotline
from visits.services.deadlines import reckoned
from visits.sheet.hotline import FIELDS, MAX_ROWS

DAYS = {"转交日期", "答复期限"}
COLUMNS = [
    Column(each.heading, Kind.DATE if each.heading in DAYS else Kind.TEXT, each.width)
    for each in FIELDS
]
AT_ONCE = 500
WORKDAYS = CLOCKS[AppealState.HANDLING]  # what a unit of ours would have


def write_hotline(campaign: Campaign, target: IO[bytes], *, reader: User, at: datetime) -> None:
    """What is there, for its results; the oldest first."""
    _write("12345转办诉求", with_hotline(reader, campaign), target, reader, at)


def write_to_hand_over(
    campaign: Campaign, target: IO[bytes], *, reader: User, at: datetime
) -> None:
    """What waits to be assigned, for its number there; the oldest first."""
    _write("待转12345诉求", to_hand_over(reader, campaign), target, reader, at)


def _write(
    title: str, found: QuerySet[Appeal], target: IO[bytes], reader: User, at: datetime
) -> None:
    """A file holds no more rows than one import reads, and says so."""
    number = found.count()
    more = f"共 {number:,} 件，这里是最早的 {MAX_ROWS:,} 件；填好传回这些后再导出其余的。"
    table = Table(title, COLUMNS, _rows(_read(found)), more if number > MAX_ROWS else "")
    stamp = f"系统生成，注意保密。{reader.name} {at:%Y年%-m月%-d日 %H:%M} 导出"
    write_workbook([table], target, footnote=stamp)


def _rows(appeals: Iterable[Appeal]) -> Iterator[list[object]]:
    for each in appeals:
        at = getattr(each, "handed_at", None)  # none where it has yet to go
        handed = timezone.localdate(at) if at else None
        yield [
            str(each.number),
            each.hotline_number if handed else "",
            each.get_category_display(),
            _said(each),
            "".join(each.area.in_parts),
            handed,
            reckoned(handed, WORKDAYS) if handed else None,
            "",
            "",
        ]


def _read(found: QuerySet[Appeal]) -> Iterator[Appeal]:
    """With what everybody said, some hundred at a time: SQLite takes 999 parameters."""
    return found[:MAX_ROWS].prefetch_related("voices").iterator(chunk_size=AT_ONCE)


def _said(appeal: Appeal) -> str:
    """The words of everybody who raised it, each once; of whom they are does not go out."""
    others = [voice.content for voice in appeal.voices.all()]
    return "\n".join(dict.fromkeys([appeal.content, *others]))
