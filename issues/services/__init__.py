"""Writes on problem items."""

from issues.services.items import (
    NO_POSTING,
    Stale,
    add_evidence,
    make_move,
    rewrite_issue,
    write_issue,
)
from issues.services.likeness import index_likeness
from issues.services.sign_off import draw_look_backs

__all__ = [
    "NO_POSTING",
    "Stale",
    "add_evidence",
    "draw_look_backs",
    "index_likeness",
    "make_move",
    "rewrite_issue",
    "write_issue",
]
