"""Writes on the register and visits."""

from visits.services.appeal_days import (
    NOT_YOURS_TO_ASK,
    NOT_YOURS_TO_GRANT,
    ask_for_days,
    decide_on_days,
)
from visits.services.appeal_steps import NOT_YOURS, Given, Stale, take_appeal_step
from visits.services.appeals import AppealDraft
from visits.services.call_backs import NOT_YOURS_TO_CALL, record_call_back
from visits.services.coverage import recount_coverage
from visits.services.deadlines import recompute_all
from visits.services.merging import merge_appeal
from visits.services.register import add_targets
from visits.services.reveal import TooOften, note_phone_search, reveal
from visits.services.team import create_team
from visits.services.upload import (
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import record_visit

__all__ = [
    "NOT_YOURS",
    "NOT_YOURS_TO_ASK",
    "NOT_YOURS_TO_CALL",
    "NOT_YOURS_TO_GRANT",
    "AppealDraft",
    "Given",
    "Stale",
    "TooOften",
    "add_targets",
    "ask_for_days",
    "create_team",
    "decide_on_days",
    "merge_appeal",
    "note_phone_search",
    "recompute_all",
    "record_call_back",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "request_apply",
    "reveal",
    "take_appeal_step",
    "upload_register",
]
