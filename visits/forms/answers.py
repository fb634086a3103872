"""What a person answers on a call-back link; and for whom such a link is made."""

from typing import Any

from django import forms

from core.forms import LongText
from visits.choices import CONTENT, CallResult
from visits.models import Appeal, Voice

GRADES = [
    (each, each.label) for each in CallResult if each in CONTENT or each == CallResult.DISSATISFIED
]


class AnswerForm(forms.Form):
    """Two questions, and a sentence for who has one to say."""

    solved = forms.TypedChoiceField(
        label="问题解决了没有？",
        choices=[("yes", "解决了"), ("no", "没有解决")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项：解决了，还是没有解决。"},
    )
    result = forms.ChoiceField(
        label="您满意吗？",
        choices=GRADES,
        widget=forms.RadioSelect,
        error_messages={"required": "请选一项：满意、基本满意，还是不满意。"},
    )
    said = LongText(3, label="还想说一句（可以不填）", required=False, max_length=300)

    def answer(self) -> dict[str, Any]:
        """The arguments of ``services.answer_by_link`` beside the code."""
        return self.cleaned_data | {"result": CallResult(self.cleaned_data["result"])}


class LinkForm(forms.Form):
    """For whom of those who raised it."""

    voice = forms.ModelChoiceField(Voice.objects.none())
    seen = forms.RegexField(r"^[0-9a-f]{12}$", required=False)

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voice"].queryset = appeal.voices.all()  # type: ignore[attr-defined]
