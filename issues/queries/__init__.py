"""Reads on problem items."""

from issues.queries.book import (
    Leaf,
    Lessons,
    book_of,
    campaigns_of_book,
    is_photo,
    leaves,
    lessons,
)
from issues.queries.criteria import Criteria, ledger
from issues.queries.examples import draft_of, example_of, names_around, still_named
from issues.queries.items import (
    content_hash,
    count_waiting,
    evidence_of,
    findings_of,
    first_waiting,
    is_late,
    own_twin,
    page_of_item,
    returned_of,
    waiting_for,
    waiting_lists,
    wish_of,
)
from issues.queries.like import Like, like_items
from issues.queries.lists import lists_waiting_for
from issues.queries.long_term import long_term_of, misses_one, plan_of, unreported
from issues.queries.look_backs import (
    draws_visible_to,
    due_look_backs,
    look_backs,
    sign_offs_of,
    undrawn_look_backs,
)
from issues.queries.slips import (
    is_slip_late,
    page_of_slip,
    slips,
    slips_of,
    slips_waiting_for,
    steps_taken,
    without_slip,
)

__all__ = [
    "Criteria",
    "Leaf",
    "Lessons",
    "Like",
    "book_of",
    "campaigns_of_book",
    "content_hash",
    "count_waiting",
    "draft_of",
    "draws_visible_to",
    "due_look_backs",
    "evidence_of",
    "example_of",
    "findings_of",
    "first_waiting",
    "is_late",
    "is_photo",
    "is_slip_late",
    "leaves",
    "ledger",
    "lessons",
    "like_items",
    "lists_waiting_for",
    "long_term_of",
    "look_backs",
    "misses_one",
    "names_around",
    "own_twin",
    "page_of_item",
    "page_of_slip",
    "plan_of",
    "returned_of",
    "sign_offs_of",
    "slips",
    "slips_of",
    "slips_waiting_for",
    "steps_taken",
    "still_named",
    "undrawn_look_backs",
    "unreported",
    "waiting_for",
    "waiting_lists",
    "wish_of",
    "without_slip",
]
