"""The steps of an appeal, the call-back, more time, merging."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.bootstrap import InlineRadios
from django import forms
from django.db.models import QuerySet
from django.utils.text import Truncator

from core.forms import AppForm, LineText, LongText, RowsField
from organisation.models import Unit
from visits.appeal_way import EXTENSION_WORKDAYS
from visits.choices import ASKED_BY_STAFF, DECIDED, CallResult, CallWay, Matter
from visits.forms.target import RevealForm
from visits.models import Appeal, Voice
from visits.queries.appeals import SHOWN_TO_MERGE
from visits.services import Given

SHOWN_SIGNS = 60  # of the words of an appeal in a choice
MATTERS = [("", "选择类别"), *Matter.choices]  # as a page draws them


class SeenField(forms.IntegerField):
    """How many steps the page showed."""

    def __init__(self) -> None:
        super().__init__(min_value=0, max_value=32767, widget=forms.HiddenInput)


class StepForm(forms.Form):
    """One step: its text, how many steps the page showed, and what a dispatch needs."""

    note = LongText(required=False, max_length=1000)
    internal = LongText(required=False, max_length=1000)
    unit = forms.ModelChoiceField(Unit.objects.none(), required=False, label="主办单位")
    assisting = RowsField(Unit.objects.none(), required=False, label="协办单位")
    category = forms.ChoiceField(choices=Matter, required=False, label="类别")
    number = LineText(required=False, max_length=40, label="12345 工单号")
    seen = SeenField()

    def __init__(self, *args: Any, units: QuerySet[Unit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("unit", "assisting"):
            self.fields[name].queryset = units  # type: ignore[attr-defined]

    def given(self) -> Given:
        """What ``services.take_appeal_step`` takes beside the step's name."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "seen"}
        return Given(**values | {"assisting": list(values["assisting"])})


class CallForm(AppForm):
    """What one person said."""

    submit_label = "保存回访"

    voice = forms.ModelChoiceField(Voice.objects.none(), widget=forms.HiddenInput)
    result = forms.ChoiceField(label="满意吗", choices=CallResult, widget=forms.RadioSelect)
    solved = forms.TypedChoiceField(
        label="解决了吗",
        choices=[("yes", "已解决"), ("no", "没有解决")],
        coerce=lambda value: value == "yes",
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    way = forms.ChoiceField(
        label="怎么回访的",
        choices=[(way, way.label) for way in ASKED_BY_STAFF],
        initial=CallWay.PHONE,
        widget=forms.RadioSelect,
    )
    said = LongText(2, label="群众说的话（不满意的必填）", required=False, max_length=500)
    seen = SeenField()

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["voice"].queryset = appeal.voices.all()  # type: ignore[attr-defined]

    def layout(self) -> list[object]:
        radios = [InlineRadios(name) for name in ("result", "solved", "way")]
        return [*radios, "said", "voice", "seen"]

    def call(self) -> dict[str, Any]:
        """The arguments of ``services.record_call_back``."""
        data = self.cleaned_data
        choices = {"result": CallResult(data["result"]), "way": CallWay(data["way"])}
        return data | choices


class ContactForm(RevealForm):
    """Whom the unit wants to reach, and why."""

    voice = forms.ModelChoiceField(Voice.objects.none(), widget=forms.HiddenInput)

    def __init__(self, *args: Any, appeal: Appeal, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voices = appeal.voices.select_related("visit__target__area")
        self.fields["voice"].queryset = voices  # type: ignore[attr-defined]


class DaysForm(AppForm):
    """How many working days more, and why."""

    submit_label = "申请延期"
    workdays = forms.IntegerField(
        label="延长几个工作日",
        min_value=1,
        max_value=EXTENSION_WORKDAYS,
        help_text=f"最多 {EXTENSION_WORKDAYS} 个工作日，一件诉求只能申请一次。",
        error_messages={"required": "请填写延长几个工作日。"},
    )
    reason = LineText(
        label="原因",
        max_length=200,
        help_text="卡在哪里、还差什么。",
        error_messages={"required": "请写明原因：卡在哪里、还差什么。"},
    )


class DecisionForm(forms.Form):
    """One of the two buttons, with an opinion."""

    decision = forms.ChoiceField(choices=[(each, each.label) for each in DECIDED])
    note = LineText(required=False, max_length=200)


def _named(appeal: Appeal) -> str:
    """Its number, place and words, as far as they fit into a line."""
    above = appeal.area.parent.name if appeal.area.parent else ""
    return f"{appeal} · {above}{appeal.area.name} · {Truncator(appeal.content).chars(SHOWN_SIGNS)}"


class WholeTexts(forms.Select):
    """A choice whose options carry the whole words of each appeal, for the confirmation."""

    texts: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if text := self.texts.get(str(value)):
            option["attrs"]["data-text"] = text
        return option


class MergeForm(AppForm):
    """Into which one, and why."""

    submit_label = "并入"
    into = forms.ModelChoiceField(
        Appeal.objects.none(),
        label="并入哪一件",
        help_text=f"同乡镇还没答复的诉求里内容最接近的 {SHOWN_TO_MERGE} 件，最像的在前。",
        widget=WholeTexts(attrs={"data-confirm-shows": ""}),
        error_messages={"required": "请选择并入哪一件诉求。"},
    )
    reason = LineText(
        label="并件理由",
        max_length=200,
        help_text="为什么是同一件事。",
        error_messages={"required": "请写明并件理由：为什么是同一件事。"},
    )
    seen = SeenField()

    def __init__(
        self, *args: Any, others: QuerySet[Appeal], alike: Sequence[Appeal] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        into = self.fields["into"]
        into.queryset = others  # type: ignore[attr-defined]
        lines = [(each.pk, _named(each)) for each in alike]
        into.choices = [("", "选择要并入的诉求"), *lines]  # type: ignore[attr-defined]
        into.widget.texts = {str(each.pk): f"{each}：{each.content}" for each in alike}


class UnmergeForm(AppForm):
    """Why it is no one matter after all."""

    submit_label = "撤销并入"
    reason = LineText(label="撤销理由", max_length=200, help_text="为什么不是同一件事。")
    seen = SeenField()
