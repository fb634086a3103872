"""The four stages of a campaign for tests that only need it to run."""

from datetime import date

from campaign.choices import StageKind
from campaign.schedule import windows_from


def four_stages(start: date, end: date) -> dict[StageKind, tuple[date, date, str]]:
    """Stages from the first to the last day, the last of them the longest."""
    days = dict.fromkeys(StageKind, 1)
    days[StageKind.SUMMARY] = (end - start).days - 2
    windows = windows_from(start, days)
    return {kind: (each.start, each.end, "目标") for kind, each in windows.items()}
