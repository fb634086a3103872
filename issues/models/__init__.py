"""Problem items and what belongs to them."""

from issues.models.disclosure import Disclosure
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
    is_behind,
)
from issues.models.likeness import LikenessKeys
from issues.models.long_term import Achievement, Consent, LongTerm, Milestone
from issues.models.sign_off import Draw, LookBack, SignOff
from issues.models.slips import SlipEvent, SupervisionSlip
from issues.models.views import MOST_VIEWS, SavedView

__all__ = [
    "MOST_VIEWS",
    "READERS",
    "TEXT_FIELDS",
    "Achievement",
    "Consent",
    "Disclosure",
    "Draw",
    "Evidence",
    "Extension",
    "Issue",
    "IssueEvent",
    "IssueQuerySet",
    "IssueVersion",
    "LikenessKeys",
    "LongTerm",
    "LookBack",
    "Milestone",
    "SavedView",
    "SignOff",
    "SlipEvent",
    "SupervisionSlip",
    "hash_of",
    "is_behind",
]
