"""Reads on people, their units and their rights."""

from organisation.queries.posts import (
    Holders,
    holders_of,
    holders_today,
    paths_above,
    posting_of,
    unit_of,
)

__all__ = ["Holders", "holders_of", "holders_today", "paths_above", "posting_of", "unit_of"]
