"""Template tags of every page: icons, badges, percentages, people-friendly dates."""

from datetime import date

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core import calendars
from core.lights import Light, light_on
from core.models import Reminder
from core.notices.reminders import DEADLINE, day_word

register = template.Library()


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """An icon of the sprite; ``name`` stands in static/icons.txt."""
    return format_html(
        '<svg class="icon" width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"/></svg>',
        size,
        static("vendor/icons.svg"),
        name,
    )


@register.simple_tag
def share(part: int, whole: int) -> SafeString:
    """A percentage with its parts: no rate without n/d (promise P7).

    Cut, not rounded, as in the exports: 100.0% means all of them.
    """
    if not whole:
        return format_html('<span class="share"><b>{}</b></span>', "—")
    return format_html(
        '<span class="share"><b>{}%</b> <small>{}/{}</small></span>',
        f"{part * 1000 // whole / 10:.1f}",
        f"{part:,}",
        f"{whole:,}",
    )


@register.inclusion_tag("components/light.html")
def light(
    due_on: date, applied: bool = False, behind: bool = False, within: int | None = None
) -> dict[str, object]:
    """The lamp of a deadline that runs, or whose end is applied for, with its words.

    ``behind``: a milestone on the way was missed; ``within``: see ``core.lights.bounds_on``.
    """
    if applied:
        return {"colour": Light.BLUE, "text": "已申请销号"}
    today = timezone.localdate()
    left = calendars.current().workdays_left(today, due_on)
    colour, text = light_on(today, due_on, within), _days_left(left)
    if behind and colour != Light.RED:
        return {"colour": Light.YELLOW, "text": f"节点逾期 · {text}"}
    return {"colour": colour, "text": text}


@register.simple_tag
def reminder_day(line: Reminder, told_on: date) -> SafeString:
    """The day of one line of a digest in words, and whether a deadline had gone by then."""
    word = day_word(line.kind)
    is_late = word == DEADLINE and line.due_on < told_on
    day = f"{line.due_on.month}月{line.due_on.day}日{word}"
    late = ' <span class="light light-red">逾期</span>'
    return format_html("{}" + late, day) if is_late else format_html("{}", day)


def _days_left(left: int) -> str:
    if left < 0:
        return f"逾期 {-left} 个工作日"
    return f"剩 {left} 个工作日" if left else "今天到期"


@register.filter
def add_class(field: BoundField, css_class: str) -> SafeString:
    """A form field's control with a CSS class, for the few forms drawn by hand."""
    return field.as_widget(attrs={"class": css_class})
