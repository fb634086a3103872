"""A list as a file: what it says, and what it would change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import TextChoices

from campaign.models import Taxonomy
from campaign.services.lists import Row, in_groups, is_used
from core.columns import Field, RowError, RowReader, in_order
from core.csv_files import as_workbook
from core.workbook import Row as Line
from core.workbook import WorkbookError, read_rows

# As long as the fields of a category.
ASPECT = Field(
    "方面",
    "同一方面写同样的字，可以合并单元格；不分方面的，整列空着或删去。",
    "形式主义方面",
    optional=True,
    width=24,
    longest=40,
)
NAME = Field(
    "表现",
    "一行一种，写问题时从中选一种。",
    "以会议落实会议、以文件落实文件",
    width=44,
    longest=80,
)
GLOSS = Field(
    "说明",
    "一句话说清什么算这一种，可以不填。",
    "层层转发，没有自己的具体措施。",
    optional=True,
    width=44,
    longest=120,
)
FIELDS = (ASPECT, NAME, GLOSS)
MAX_ROWS = 100  # the longest list known has 33
FORMULA = ("=", "+", "@")


class Fault(TextChoices):
    """What may be wrong with a file."""

    MISSING = "missing", "必填项没有填"
    FORMAT = "format", "填写不合要求"
    UNREADABLE = "unreadable", "单元格读不出"
    TWICE = "twice", "重复"


class ListReader(RowReader):
    faults = Fault

    def read(self, aspect: str) -> Row:
        """The row; a blank aspect is the one above, as in cells that were joined."""
        return Row(None, self._words(NAME), self._words(GLOSS), self._words(ASPECT) or aspect)

    def _words(self, field: Field) -> str:
        text = self.text(field)
        start = text.lstrip("'")[:1]
        return self._misfit(field, f"不能以「{start}」开头") if start in FORMULA else text


@dataclass(frozen=True)
class Reading:
    """What a file says; ``rows`` is the whole list when there are no ``faults``."""

    rows: tuple[Row, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What a list would be, and what of it is new, or goes."""

    rows: tuple[Row, ...]
    added: int
    removed: tuple[str, ...]

    @property
    def groups(self) -> list[tuple[str, list[Row]]]:
        """The rows under their aspects."""
        return [(name, list(rows)) for name, rows in groupby(self.rows, lambda row: row.aspect)]


def read_list(*, name: str, content: bytes) -> Reading:
    """All rows of a file, or all its faults, each with its row and column."""
    try:
        if name.lower().endswith(".csv"):
            content = as_workbook(content, too_much=f"一份清单最多 {MAX_ROWS} 行")
        return _read(_lines(content))
    except WorkbookError as problem:
        return Reading(faults=(str(problem),))


def _lines(content: bytes) -> list[Line]:
    """The rows of a file with all columns, or with the one that is needed."""
    try:
        headings = [field.heading for field in FIELDS]
        optional = [field.heading for field in FIELDS if field.optional]
        return read_rows(content, headings=headings, optional=optional, max_rows=MAX_ROWS)
    except WorkbookError as problem:
        try:
            return read_rows(content, headings=[NAME.heading], max_rows=MAX_ROWS)
        except WorkbookError:
            raise problem from None


def _read(lines: Sequence[Line]) -> Reading:
    places: dict[str, int] = {}
    rows: list[Row] = []
    errors: list[RowError] = []
    for line in lines:
        reader = ListReader(line)
        row = reader.read(rows[-1].aspect if rows else "")
        errors += reader.errors
        rows.append(row)
        if row.name in places:
            text = f"「{row.name}」在第 {places[row.name]} 行已经有了"
            errors.append(RowError(line.number, NAME.heading, Fault.TWICE, text))
        elif row.name:
            places[row.name] = line.number
    faults = [f"第 {e.row} 行「{e.column}」：{e.text}。" for e in in_order(errors, FIELDS)]
    return Reading(() if faults else tuple(rows), tuple(faults))


def compared(taxonomy: Taxonomy | None, rows: Iterable[Row]) -> Change:
    """The rows with the keys of those that have their name already, beside what goes."""
    present = {row.name: row for row in taxonomy.categories.all()} if taxonomy else {}
    wanted = in_groups(
        row._replace(pk=present[row.name].pk if row.name in present else None) for row in rows
    )
    names = {row.name for row in wanted}
    removed = tuple(name for name in present if name not in names)
    return Change(tuple(wanted), sum(row.pk is None for row in wanted), removed)


def held(taxonomy: Taxonomy | None, change: Change) -> list[str]:
    """Why rows that the file leaves out cannot go."""
    if taxonomy is None:
        return []
    missing = taxonomy.categories.filter(name__in=change.removed)
    return [
        f"文件里没有「{row.name}」，但已有问题使用它，不能去掉：请在文件里补上这一行，或先在网页上给它改名。"
        for row in missing
        if is_used(row)
    ]
