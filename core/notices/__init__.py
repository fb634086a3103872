"""What people are told: the box at once, deadlines in one digest a day."""

from core.notices.box import Message, mark_all_read, mark_read, send, settle, unread_count

__all__ = ["Message", "mark_all_read", "mark_read", "send", "settle", "unread_count"]
