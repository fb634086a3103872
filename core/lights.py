"""The lamps of a deadline: asked for by its date, never stored (domain §2.4).

Green, yellow within ``LIGHT_YELLOW_DAYS`` working days, red from the first working day
after; blue once its end was applied for, grey when it is closed.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Case, CharField, Q, TextChoices, Value, When

from core import calendars


class Light(TextChoices):
    GREEN = "green", "绿灯 · 正常"
    YELLOW = "yellow", "黄灯 · 临近"
    RED = "red", "红灯 · 逾期"
    BLUE = "blue", "蓝灯 · 已申请销号"
    GREY = "grey", "灰灯 · 已办结"


@dataclass(frozen=True)
class Bounds:
    """Deadlines before ``red_before`` are late; later ones up to ``yellow_until`` are near."""

    red_before: date
    yellow_until: date


def bounds_on(today: date, within: int | None = None) -> Bounds:
    """In days of the calendar, so that a database can compare.

    ``within``: yellow from so many working days before, where the matter has its own number.
    """
    calendar = calendars.current()
    days = settings.LIGHT_YELLOW_DAYS if within is None else within
    beyond = calendar.due(today, days + 1)
    return Bounds(calendar.latest(today), beyond - timedelta(days=1))


def light_on(today: date, due_on: date, within: int | None = None) -> Light:
    """The lamp of one running deadline."""
    bounds = bounds_on(today, within)
    if due_on < bounds.red_before:
        return Light.RED
    return Light.YELLOW if due_on <= bounds.yellow_until else Light.GREEN


NOBODY = Q(pk__in=[])


def lights_on(today: date, *, running: Q, applied: Q, closed: Q, behind: Q = NOBODY) -> Case:
    """The same for a query; empty for rows that are none of the three. Reads ``due_on``.

    Those ``behind`` have missed something on the way: yellow, however far the deadline.
    """
    bounds = bounds_on(today)
    return Case(
        When(closed, then=Value(Light.GREY)),
        When(applied, then=Value(Light.BLUE)),
        When(running & Q(due_on__lt=bounds.red_before), then=Value(Light.RED)),
        When(running & (Q(due_on__lte=bounds.yellow_until) | behind), then=Value(Light.YELLOW)),
        When(running & Q(due_on__isnull=False), then=Value(Light.GREEN)),
        default=Value(""),
        output_field=CharField(),
    )
