"""The forms that take in a roster and a list of units."""

from core.upload_forms import WorkbookForm
from organisation.roster.fields import MAX_ROWS
from organisation.services.imports.units import MAX_UNITS


class RosterForm(WorkbookForm):
    """A roster of people."""

    max_rows = MAX_ROWS


class UnitListForm(WorkbookForm):
    """A list of units."""

    max_rows = MAX_UNITS
