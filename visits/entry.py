"""What may be entered of a visit, and when it counts as late (threats X30); pure."""

import re
import unicodedata
from datetime import date, timedelta
from hashlib import sha256

LATE_AFTER_DAYS = 3  # an entry later than this needs a reason
LATE_WITHOUT_REASON = "已过 3 天，请写一句补录原因。"
AFTER_ENTRY = "走访日期不能晚于录入的那天（{:%Y-%m-%d}）。"
TELLING = 12  # letters: 「没有困难」 or 「一切正常」 is said in many houses, and tells nothing
_NOT_LETTERS = re.compile(r"[\W_]+")


def fault_of_day(day: date, *, today: date, starts_on: date, ends_on: date) -> str:
    """Why no visit can have been on that day; empty when it can."""
    if day > today:
        return "走访日期不能晚于今天。"
    if day < starts_on:
        return f"专项行动从 {starts_on:%Y-%m-%d} 开始，请检查日期。"
    if day > ends_on:
        return f"专项行动到 {ends_on:%Y-%m-%d} 结束，请检查日期。"
    return ""


def is_late(day: date, received_on: date) -> bool:
    return day < received_on - timedelta(days=LATE_AFTER_DAYS)


def fault_of_entry(
    day: date,
    late_reason: str,
    *,
    received_on: date,
    today: date,
    starts_on: date,
    ends_on: date,
) -> str:
    """Why a visit of that day cannot stand as it was entered on ``received_on``; or empty."""
    fault = fault_of_day(day, today=today, starts_on=starts_on, ends_on=ends_on)
    if fault:
        return fault
    if day > received_on:
        return AFTER_ENTRY.format(received_on)
    return "" if late_reason.strip() or not is_late(day, received_on) else LATE_WITHOUT_REASON


def letters_of(text: str) -> str:
    """What the words consist of, whatever their width, spaces and punctuation."""
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def text_key(text: str) -> int | None:
    """The same number for the same words, whatever their width, spaces and punctuation.

    None where there are fewer than ``TELLING`` letters.
    """
    letters = letters_of(text)
    if len(letters) < TELLING:
        return None
    return int.from_bytes(sha256(letters.encode()).digest()[:8], "big", signed=True)
