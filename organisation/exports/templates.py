"""The workbooks that an import reads: empty to fill in, and with what there is."""

from collections.abc import Sequence
from typing import IO

from core.columns import Field
from core.exports.table import Column, Kind, Table
from core.exports.template import write_template
from core.exports.xlsx import write_workbook
from organisation.models import User
from organisation.queries.roster import roster_rows, unit_rows
from organisation.roster.fields import MAX_ROWS, ROSTER_FIELDS, SINCE, UNIT_FIELDS

ROSTER_NOTE = "改好后可以直接导入。没有改动的行会自动跳过；联系电话不导出，留空不会改动。"
UNITS_NOTE = "改好后可以直接导入。没有改动的行会自动跳过；上级没有编号的，上级一栏留空不会改动。"


def write_roster_template(target: IO[bytes]) -> None:
    """An empty roster with headings, a line of hints and an example that is not imported."""
    write_template("花名册", ROSTER_FIELDS, target, rows=MAX_ROWS)


def write_units_template(target: IO[bytes]) -> None:
    write_template("单位清单", UNIT_FIELDS, target, rows=MAX_ROWS)


def write_roster(keeper: User, target: IO[bytes]) -> None:
    """The keeper's roster in the columns of the import."""
    rows = roster_rows(keeper)
    write_workbook([Table("花名册", _columns(ROSTER_FIELDS), rows)], target)


def write_units(keeper: User, target: IO[bytes]) -> None:
    """The keeper's units in the columns of the import."""
    write_workbook([Table("单位清单", _columns(UNIT_FIELDS), unit_rows(keeper))], target)


def _columns(fields: Sequence[Field]) -> list[Column]:
    return [
        Column(field.heading, Kind.DATE if field is SINCE else Kind.TEXT, width=field.width)
        for field in fields
    ]
