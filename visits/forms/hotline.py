"""The workbook that comes back from 12345."""

from core.upload_forms import WorkbookForm
from visits.sheet.hotline import MAX_ROWS


class HotlineForm(WorkbookForm):
    """Results and returns."""

    max_rows = MAX_ROWS
