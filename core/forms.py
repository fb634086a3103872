"""The base of every form: one layout, one save button, a cancel link beside it."""

import re
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout, Submit
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from core.paging import is_key

# Read out at once, and seen at the top of a phone's screen.
ERROR_SUMMARY = (
    '{% if form.marked %}<div class="alert alert-danger" role="alert" data-error-summary>'
    "没有保存：有 {{ form.marked }} 处要改，已在下面标出。</div>{% endif %}"
)

NOT_WHOLE = "提交的内容不完整，请刷新页面后再试。"  # of a form that was not made here


class AppForm(forms.Form):
    """A crispy form. Subclasses set ``submit_label``, ``hints``, and may override ``layout``."""

    submit_label = "保存"
    hints_title = "办理须知"
    hints: ClassVar[tuple[str, ...]] = ()  # what stands beside it, where its page has an aside
    cancel_url = ""
    error_css_class = "is-invalid"

    def __init__(self, *args: Any, cancel_url: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.cancel_url = cancel_url or self.cancel_url

    @property
    def marked(self) -> int:
        """How many fields are marked; a fault of the whole form stands above them in words."""
        return len(set(self.errors) - {NON_FIELD_ERRORS})

    def layout(self) -> list[object]:
        """The fields in order; override to group them."""
        return list(self.fields)

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.error_text_inline = True
        buttons = Div(*self._buttons(), css_class="form-buttons")
        helper.layout = Layout(HTML(ERROR_SUMMARY), *self.layout(), buttons)
        return helper

    def _buttons(self) -> list[object]:
        buttons: list[object] = [Submit("save", self.submit_label, css_class="btn-primary")]
        if self.cancel_url:
            buttons.append(HTML('<a class="btn btn-link" href="{{ form.cancel_url }}">取消</a>'))
        return buttons


TOO_LONG = "写了 %(show_value)d 个字，最多 %(limit_value)d 个字。内容还在框里，请删短后再保存。"
_BREAKS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")  # also Word's, and old systems'
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")


def cleaned(text: str) -> str:
    """Pasted text without control characters; a tab is a space, every break a line break."""
    return _CONTROLS.sub("", _BREAKS.sub("\n", text).replace("\t", " "))


class RowsField(forms.ModelMultipleChoiceField):
    """Rows by their keys; a key that no row can have is refused like any that none has."""

    def _check_values(self, value: Any) -> Any:
        if not all(is_key(str(key)) for key in value):
            raise ValidationError(self.error_messages["invalid_choice"], params={"value": "…"})
        return super()._check_values(value)  # type: ignore[misc]


class WrittenText(forms.CharField):
    """Text that people paste. Too much of it is refused with its length, and never cut:
    the browser's own limit would drop the end of a pasted text without a word.
    """

    def __init__(self, **kwargs: Any) -> None:
        messages = {"max_length": TOO_LONG} | kwargs.pop("error_messages", {})
        super().__init__(error_messages=messages, **kwargs)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        attrs = super().widget_attrs(widget)
        attrs.pop("maxlength", None)
        return attrs


class LineText(WrittenText):
    """Text of one line."""

    def to_python(self, value: Any) -> Any:
        return (super().to_python(cleaned(str(value or "")).replace("\n", " ")) or "").strip()


class LongText(WrittenText):
    """Text of several lines. A line break counts once, as the browser counts it, not twice."""

    def __init__(self, rows: int = 3, **kwargs: Any) -> None:
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **kwargs)

    def to_python(self, value: Any) -> Any:
        return super().to_python(cleaned(str(value or ""))) or ""


class DateInput(forms.DateInput):
    """The phone's own date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class TimeInput(forms.TimeInput):
    """The phone's own clock; hours and minutes."""

    input_type = "time"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%H:%M", **kwargs)
