"""Writes on the register and visits."""

from visits.services.coverage import recount_coverage
from visits.services.deadlines import recompute_all
from visits.services.register import add_targets
from visits.services.reveal import TooOften, note_phone_search, reveal
from visits.services.team import create_team
from visits.services.upload import (
    cancel_upload,
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import AppealDraft, record_visit

__all__ = [
    "AppealDraft",
    "TooOften",
    "add_targets",
    "cancel_upload",
    "create_team",
    "note_phone_search",
    "recompute_all",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "request_apply",
    "reveal",
    "upload_register",
]
