"""What may be entered of a visit, and when it counts as late (threats X30); pure."""

from datetime import date, timedelta

LATE_AFTER_DAYS = 3  # an entry later than this needs a reason


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
