"""What a visit said before its corrections."""

from dataclasses import dataclass

from visits.choices import Outcome, Way
from visits.models import Visit, VisitVersion


@dataclass(frozen=True)
class Former:
    """What a visit said before a correction, in words, and the correction."""

    version: VisitVersion
    text: dict[str, str]


def versions_of(visit: Visit) -> list[Former]:
    """What the visit said before, the last first; no query for one never corrected."""
    if visit.version == 1:
        return []
    rows = visit.versions.select_related("replaced_by").order_by("-number")
    return [Former(row, _in_words(row.text)) for row in rows]


def _in_words(text: dict[str, str]) -> dict[str, str]:
    return {
        "日期": text["visited_on"],
        **({"几点": text["began"][:5]} if text.get("began") else {}),
        "方式": dict(Way.choices).get(text["way"], text["way"]),
        "结果": dict(Outcome.choices).get(text["outcome"], text["outcome"]),
        "同行人": text["companions"],
        "了解到的情况": text["heard"],
        **({"补录原因": text["late_reason"]} if text.get("late_reason") else {}),
    }
