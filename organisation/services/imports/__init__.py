"""Rosters and lists of units from workbooks, on the way of ``core.uploads``."""

from organisation.services.imports.roster import (
    ROSTER,
    DrawSlips,
    RosterFlow,
    Slip,
    upload_roster,
)
from organisation.services.imports.units import UNITS, upload_units

__all__ = [
    "ROSTER",
    "UNITS",
    "DrawSlips",
    "RosterFlow",
    "Slip",
    "upload_roster",
    "upload_units",
]
