"""Problem items and what belongs to them."""

from issues.models.appeals import AppealOrigin
from issues.models.autosave import Autosave
from issues.models.disclosure import Disclosure
from issues.models.evidence import Evidence, EvidenceWish
from issues.models.examples import EXAMPLE_TEXT, GoodExample
from issues.models.extensions import Extension
from issues.models.hand_overs import HandOver
from issues.models.items import (
    LIST_KEEPERS,
    LIST_READERS,
    READERS,
    TEXT_FIELDS,
    Issue,
    IssueEvent,
    IssueQuerySet,
    IssueVersion,
    hash_of,
    is_behind,
    is_returned,
    with_missed_milestones,
)
from issues.models.likeness import LikenessKeys
from issues.models.lists import Claim, ListEntry, ListVersion, Origin
from issues.models.long_term import Achievement, Consent, LongTerm, Milestone
from issues.models.sign_off import Draw, LookBack, SignOff
from issues.models.slips import SlipEvent, SupervisionSlip
from issues.models.uploads import LedgerUpload
from issues.models.views import MOST_VIEWS, SavedView

__all__ = [
    "EXAMPLE_TEXT",
    "LIST_KEEPERS",
    "LIST_READERS",
    "MOST_VIEWS",
    "READERS",
    "TEXT_FIELDS",
    "Achievement",
    "AppealOrigin",
    "Autosave",
    "Claim",
    "Consent",
    "Disclosure",
    "Draw",
    "Evidence",
    "EvidenceWish",
    "Extension",
    "GoodExample",
    "HandOver",
    "Issue",
    "IssueEvent",
    "IssueQuerySet",
    "IssueVersion",
    "LedgerUpload",
    "LikenessKeys",
    "ListEntry",
    "ListVersion",
    "LongTerm",
    "LookBack",
    "Milestone",
    "Origin",
    "SavedView",
    "SignOff",
    "SlipEvent",
    "SupervisionSlip",
    "hash_of",
    "is_behind",
    "is_returned",
    "with_missed_milestones",
]
