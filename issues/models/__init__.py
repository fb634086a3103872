"""Problem items and what belongs to them."""

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

__all__ = [
    "READERS",
    "TEXT_FIELDS",
    "Evidence",
    "Issue",
    "IssueEvent",
    "IssueQuerySet",
    "IssueVersion",
    "LikenessKeys",
    "hash_of",
]
