"""What a form sends when it saves itself; nothing in it is checked."""

from django import forms

from issues.forms.items import IssueForm
from issues.milestones import FIELDS

LONGEST = 2000
LEFT_OUT = {"token", "seen_version"}


class AutosaveForm(forms.Form):
    """Of which item, from which form, and what it kept before."""

    issue = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    token = forms.UUIDField()
    number = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)

    def words(self) -> dict[str, str]:
        """What stands in each field, as it stands there."""
        names = [name for name in (*IssueForm.base_fields, *FIELDS) if name not in LEFT_OUT]
        return {name: str(self.data.get(name, ""))[:LONGEST] for name in names}
