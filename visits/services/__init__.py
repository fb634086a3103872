"""Writes on the register and visits."""

from visits.services.changes import (
    NewHousehold,
    correct_target,
    join_target,
    merge_targets,
    move_target,
    restore_target,
    split_household,
    strike_target,
)
from visits.services.coverage import check_coverage, recount_coverage, report_faults
from visits.services.days import keep_days, request_coverage_export
from visits.services.deadlines import recompute_all
from visits.services.freeze import freeze_register, request_freeze
from visits.services.register import add_targets
from visits.services.reveal import TooOften, note_phone_search, reveal
from visits.services.team import create_team
from visits.services.upload import (
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import AppealDraft, record_visit

__all__ = [
    "AppealDraft",
    "NewHousehold",
    "TooOften",
    "add_targets",
    "check_coverage",
    "correct_target",
    "create_team",
    "freeze_register",
    "join_target",
    "keep_days",
    "merge_targets",
    "move_target",
    "note_phone_search",
    "recompute_all",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "report_faults",
    "request_apply",
    "request_coverage_export",
    "request_freeze",
    "restore_target",
    "reveal",
    "split_household",
    "strike_target",
    "upload_register",
]
