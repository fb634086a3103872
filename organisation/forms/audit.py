"""The filter bar of the audit trail."""

from django import forms

from core import acts
from organisation.queries.audit import AuditCriteria


def _text(placeholder: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder})
    return forms.CharField(max_length=80, required=False, widget=widget)


def _day() -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(required=False, widget=widget)


class AuditFilter(forms.Form):
    """By act, person, days and words in the subject."""

    person = _text("姓名或登录名")
    act = forms.ChoiceField(choices=[("", "全部行为"), *acts.choices()], required=False)
    since = _day()
    until = _day()
    words = _text("对象，如 人员 12")

    @property
    def criteria(self) -> AuditCriteria:
        """What is right of it; a value that is no choice or no day narrows nothing."""
        self.is_valid()
        return AuditCriteria.read(self.cleaned_data)
