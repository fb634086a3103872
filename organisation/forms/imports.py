"""The forms that take in a roster and a list of units."""

from typing import Any

from core.upload_forms import WorkbookForm
from organisation.services.imports.units import MAX_UNITS


class RosterForm(WorkbookForm):
    """A roster of people."""


class UnitListForm(WorkbookForm):
    """A list of units, which is shorter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].help_text = (
            f"按模板填写，一次最多 {MAX_UNITS:,} 行。上传后先检查，不会直接写入。"
        )
