"""Writes on problem items."""

from issues.services.items import (
    NO_POSTING,
    Stale,
    add_evidence,
    make_move,
    rewrite_issue,
    write_issue,
)

__all__ = [
    "NO_POSTING",
    "Stale",
    "add_evidence",
    "make_move",
    "rewrite_issue",
    "write_issue",
]
