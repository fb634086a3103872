"""Who of a team goes where."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from core.forms import AppForm, RowsField
from core.paging import LARGEST_ID
from organisation.models import Area, User
from visits.models import Target, Team
from visits.queries.split import Share


class PeopleField(RowsField):
    """People by name and unit."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name} {obj.unit.name}" if obj.unit else str(obj.name)


class SplitForm(AppForm):
    """Where, and among whom."""

    submit_label = "平均分"

    area = forms.ChoiceField(label="分哪里的", required=False)
    members = PeopleField(
        User.objects.none(),
        label="分给谁",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一名队员。"},
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=LARGEST_ID)

    def __init__(
        self,
        *args: Any,
        team: Team,
        villages: Sequence[tuple[Area, int]],
        shares: Sequence[Share],
        **kwargs: Any,
    ) -> None:
        kwargs["initial"] = {
            "seen": team.splits,
            "members": [each.member.user_id for each in shares if each.member.user.is_active],
        }
        super().__init__(*args, **kwargs)
        self.villages = {area.code: area for area, _ in villages}
        whole = sum(number for _, number in villages)
        places = [(area.code, f"{area.in_full}（{number}）") for area, number in villages]
        choices = [("", f"全部包联区域（{whole}）"), *places]
        self.fields["area"].choices = choices  # type: ignore[attr-defined]
        people = User.objects.filter(memberships__team=team, is_active=True)
        self.fields["members"].queryset = people.select_related("unit").order_by(  # type: ignore[attr-defined]
            "-memberships__is_leader", "memberships__id"
        )

    def split(self) -> dict[str, Any]:
        """The arguments of ``services.split_targets``."""
        data = self.cleaned_data
        return {
            "area": self.villages.get(data["area"]),
            "members": list(data["members"]),
            "seen": data["seen"],
        }


class GiveForm(forms.Form):
    """To whom one target is given; nobody: it is taken back."""

    person = forms.ModelChoiceField(User.objects.none(), required=False)
    seen = forms.IntegerField(min_value=0, max_value=LARGEST_ID)

    def __init__(self, *args: Any, people: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]


def seen_of(target: Target) -> int:
    """Who has it, as a form says it."""
    return target.assignee_id or 0
