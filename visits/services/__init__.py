"""Writes on the register and visits."""

from visits.services.correction import Superseded, correct_visit
from visits.services.coverage import recount_coverage
from visits.services.deadlines import recompute_all
from visits.services.lease import TakenByOther, give_back_target, take_target
from visits.services.register import add_targets
from visits.services.reveal import TooOften, note_phone_search, reveal
from visits.services.team import Roll, Taken, change_team, create_team, dissolve_team
from visits.services.upload import (
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import AppealDraft, OtherContent, record_visit

__all__ = [
    "AppealDraft",
    "OtherContent",
    "Roll",
    "Superseded",
    "Taken",
    "TakenByOther",
    "TooOften",
    "add_targets",
    "change_team",
    "correct_visit",
    "create_team",
    "dissolve_team",
    "give_back_target",
    "note_phone_search",
    "recompute_all",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "request_apply",
    "reveal",
    "take_target",
    "upload_register",
]
