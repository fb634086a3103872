"""What the visit form and its further appeals have in common."""

from collections.abc import Mapping
from typing import Any

from visits.choices import AT_ONCE, Handling
from visits.services import AppealDraft


def needs_answer(data: Mapping[str, Any]) -> bool:
    """Whether it was answered on the spot, and the words are missing."""
    return data.get("handling") in AT_ONCE and not data.get("answer")


def draft_of(data: Mapping[str, Any]) -> AppealDraft:
    """The appeal as it was written down; an answer only where it was given on the spot."""
    handling = Handling(data["handling"])
    answer = data["answer"] if handling in AT_ONCE else ""
    return AppealDraft(data["appeal"], handling, answer=answer)
