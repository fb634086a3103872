"""Reads on problem items."""

from issues.queries.items import content_hash, is_late, ledger, waiting_for

__all__ = ["content_hash", "is_late", "ledger", "waiting_for"]
