"""Fixtures of campaigns."""

from tests.threads import shared_database

__all__ = ["shared_database"]
