"""The list of what is wrong with an uploaded workbook, as a workbook."""

from collections.abc import Sequence
from typing import IO

from core.columns import RowError
from core.exports.table import Column, Kind, Table
from core.exports.xlsx import write_workbook

ERROR_COLUMNS = (
    Column("行", Kind.NUMBER, width=8),
    Column("列", width=18),
    Column("问题", width=18),
    Column("说明", width=70),
)
LISTED_ERRORS = 5_000  # one wrong column makes 20,000 errors, and nobody reads them all


def write_errors(title: str, errors: Sequence[RowError], target: IO[bytes]) -> None:
    """The errors of an upload in row order; beyond LISTED_ERRORS the note tells how many more."""
    listed = errors[:LISTED_ERRORS]
    rows = [(error.row, error.column, error.kind.label, error.text) for error in listed]
    note = f"共 {len(errors):,} 处错误。"
    if len(listed) < len(errors):
        note += f"这里列出前 {LISTED_ERRORS:,} 处，改好后重新上传，会接着检查其余的。"
    write_workbook([Table(title, ERROR_COLUMNS, rows, note=note)], target)
