"""What the small tags of every page say."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from core import calendars
from core.templatetags.bianfang import icon, light, share


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [
        (0, 4, "<b>0.0%</b> <small>0/4</small>"),
        (1, 3, "<b>33.3%</b> <small>1/3</small>"),
        (4, 4, "<b>100.0%</b> <small>4/4</small>"),
        (1999, 2000, "<b>99.9%</b> <small>1,999/2,000</small>"),
        (1_999_999, 2_000_000, "<b>99.9%</b> <small>1,999,999/2,000,000</small>"),
    ],
)
def test_a_rate_shows_its_parts_and_is_whole_only_when_all_are_in(
    part: int, whole: int, shown: str
) -> None:
    assert share(part, whole) == f'<span class="share">{shown}</span>'


def test_a_rate_of_nothing_is_no_rate() -> None:
    assert share(0, 0) == '<span class="share"><b>—</b></span>'


def in_working_days(number: int) -> date:
    """The day on which so many working days are left; negative: that many have passed."""
    day = timezone.localdate()
    step = 1 if number > 0 else -1
    while calendars.current().workdays_left(timezone.localdate(), day) != number:
        day += timedelta(days=step)
    return day


@pytest.mark.parametrize(
    ("number", "colour", "text"),
    [
        (4, "green", "剩 4 个工作日"),
        (3, "yellow", "剩 3 个工作日"),
        (1, "yellow", "剩 1 个工作日"),
        (-1, "red", "逾期 1 个工作日"),
        (-12, "red", "逾期 12 个工作日"),
    ],
)
def test_lights_count_working_days(number: int, colour: str, text: str) -> None:
    assert light(in_working_days(number)) == {"colour": colour, "text": text}


def test_the_day_itself_is_yellow() -> None:
    assert light(timezone.localdate()) == {"colour": "yellow", "text": "今天到期"}


def test_icon_escapes_its_name() -> None:
    assert '#a&quot;b"/>' in icon('a"b')
