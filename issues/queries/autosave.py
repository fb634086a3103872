"""What a form has saved by itself."""

import json

from campaign.models import Campaign
from issues.models import Autosave, Issue
from organisation.models import User


def words_left(person: User, campaign: Campaign, issue: Issue | None) -> Autosave | None:
    """The newest that the person has left unsaved: of this item, or of a new one."""
    found = Autosave.objects.filter(person=person, campaign=campaign, issue=issue)
    return found.order_by("-saved_at", "-pk").first()


def words_of(autosave: Autosave) -> dict[str, str]:
    """Field by field; nothing when it cannot be read."""
    try:
        words = json.loads(autosave.words.open())
    except ValueError:
        return {}
    return words if isinstance(words, dict) else {}
