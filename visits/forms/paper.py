"""The form that takes in visits from paper."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from core.upload_forms import WorkbookForm
from organisation.models import User
from visits.sheet.fields import MAX_ROWS


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} {obj.unit.name}" if obj.unit else str(obj.name)


class PaperForm(WorkbookForm):
    """Whose visits, and the filled table."""

    max_rows = MAX_ROWS

    author = _Person(
        User.objects.none(),
        label="谁的走访",
        empty_label="选择队员",
        error_messages={"required": "请选择这是谁的走访。"},
        help_text="走访算这名队员的；谁代录的会同时记下来。",
    )

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].queryset = people  # type: ignore[attr-defined]

    def layout(self) -> list[object]:
        return ["author", "file"]
