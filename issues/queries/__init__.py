"""Reads on problem items."""

from issues.queries.items import content_hash, is_late, ledger, waiting_for
from issues.queries.like import Like, like_items

__all__ = ["Like", "content_hash", "is_late", "ledger", "like_items", "waiting_for"]
