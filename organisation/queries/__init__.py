"""Reads on people, their units and their rights."""

from organisation.queries.posts import holders_of, posting_of, unit_of

__all__ = ["holders_of", "posting_of", "unit_of"]
