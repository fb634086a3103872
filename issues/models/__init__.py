"""Problem items and what belongs to them."""

from issues.models.extensions import Extension
from issues.models.items import (
    READERS,
    TEXT_FIELDS,
    Evidence,
    Issue,
    IssueEvent,
    IssueQuerySet,
    IssueVersion,
    hash_of,
)
from issues.models.likeness import LikenessKeys
from issues.models.sign_off import Draw, LookBack, SignOff
from issues.models.slips import SlipEvent, SupervisionSlip
from issues.models.views import MOST_VIEWS, SavedView

__all__ = [
    "MOST_VIEWS",
    "READERS",
    "TEXT_FIELDS",
    "Draw",
    "Evidence",
    "Extension",
    "Issue",
    "IssueEvent",
    "IssueQuerySet",
    "IssueVersion",
    "LikenessKeys",
    "LookBack",
    "SavedView",
    "SignOff",
    "SlipEvent",
    "SupervisionSlip",
    "hash_of",
]
