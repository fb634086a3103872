"""The template of a register to fill in, and the list of its errors."""

from collections.abc import Sequence
from typing import IO

from core.exports.table import Column, Kind, Table
from core.exports.template import FormColumn, write_template
from core.exports.xlsx import write_workbook
from visits.choices import TargetKind
from visits.register.fields import FIELDS, MAX_ROWS
from visits.register.rows import RowError

ERROR_COLUMNS = (
    Column("行", Kind.NUMBER, width=8),
    Column("列", width=18),
    Column("问题", width=18),
    Column("说明", width=70),
)
LISTED_ERRORS = 5_000  # one wrong column makes 20,000 errors, and nobody reads them all


def write_register_template(kind: TargetKind, target: IO[bytes]) -> None:
    """An empty register with headings, a line of hints and an example that is not imported."""
    columns = [
        FormColumn(field.heading, field.hint, field.example, field.width, field.options)
        for field in FIELDS[kind]
    ]
    write_template(f"{kind.label}登记册", columns, target, rows=MAX_ROWS)


def write_errors(errors: Sequence[RowError], target: IO[bytes]) -> None:
    """The errors of an upload in row order; beyond LISTED_ERRORS the note tells how many more."""
    listed = errors[:LISTED_ERRORS]
    rows = [(error.row, error.column, error.kind.label, error.text) for error in listed]
    note = f"共 {len(errors):,} 处错误。"
    if len(listed) < len(errors):
        note += f"这里列出前 {LISTED_ERRORS:,} 处，改好后重新上传，会接着检查其余的。"
    write_workbook([Table("登记册错误清单", ERROR_COLUMNS, rows, note=note)], target)
