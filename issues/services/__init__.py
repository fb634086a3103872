"""Writes on problem items."""

from issues.services.extensions import (
    NOT_YOURS_TO_ASK,
    NOT_YOURS_TO_GRANT,
    ask_for_time,
    decide_on_time,
)
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
    "NOT_YOURS_TO_ASK",
    "NOT_YOURS_TO_GRANT",
    "NO_POSTING",
    "Stale",
    "add_evidence",
    "ask_for_time",
    "decide_on_time",
    "draw_look_backs",
    "index_likeness",
    "make_move",
    "rewrite_issue",
    "write_issue",
]
