"""Forms beside the ledger: the name of a saved view, and one step for many items."""

from typing import Any

from django import forms

from core.forms import AppForm, LineText, LongText
from core.upload_forms import WorkbookForm
from issues.sheet.fields import MAX_ROWS

NO_REASON = "退回要写明理由。请写清缺什么、怎么改，再确定。"


class ViewForm(AppForm):
    """The name under which a filter is kept."""

    name = LineText(
        label="名称",
        max_length=20,
        error_messages={"required": "请给这个筛选起个名字。"},
        help_text="最多 20 个字，如「住建系统逾期」。",
    )


class BulkNote(forms.Form):
    """What is told to everybody whose item goes back."""

    back = forms.BooleanField(required=False)
    note = LongText(required=False, max_length=1000)

    def clean(self) -> dict[str, Any]:
        sent = super().clean() or {}
        if sent.get("back") and "note" in sent and not sent["note"].strip():
            self.add_error("note", NO_REASON)
        return sent


class LedgerForm(WorkbookForm):
    """A filled ledger."""

    max_rows = MAX_ROWS
