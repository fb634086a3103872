"""What may be entered of a visit, and when it counts as late (threats X30); pure."""

import re
import unicodedata
from datetime import date, timedelta
from hashlib import sha256

LATE_AFTER_DAYS = 3  # an entry later than this needs a reason
LATE_WITHOUT_REASON = "已过 3 天，请写一句补录原因。"
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


def text_key(text: str) -> int | None:
    """The same number for the same words, whatever their width, spaces and punctuation.

    None where there are fewer than ``TELLING`` letters.
    """
    letters = _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())
    if len(letters) < TELLING:
        return None
    return int.from_bytes(sha256(letters.encode()).digest()[:8], "big", signed=True)
