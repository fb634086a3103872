"""Reads on problem items."""

from issues.queries.items import (
    content_hash,
    findings_of,
    is_late,
    ledger,
    page_of_item,
    waiting_for,
)
from issues.queries.like import Like, like_items
from issues.queries.look_backs import (
    draws_visible_to,
    due_look_backs,
    look_backs,
    sign_offs_of,
    undrawn_look_backs,
)

__all__ = [
    "Like",
    "content_hash",
    "draws_visible_to",
    "due_look_backs",
    "findings_of",
    "is_late",
    "ledger",
    "like_items",
    "look_backs",
    "page_of_item",
    "sign_offs_of",
    "undrawn_look_backs",
    "waiting_for",
]
