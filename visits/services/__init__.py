"""Writes on the register and visits."""

from visits.services.appeal_days import (
    NOT_YOURS_TO_ASK,
    NOT_YOURS_TO_GRANT,
    against_granting,
    ask_for_days,
    decide_on_days,
)
from visits.services.appeal_steps import (
    NO_CATEGORY,
    NOT_YOURS,
    Given,
    Stale,
    nobody_calls,
    take_appeal_step,
)
from visits.services.appeals import AppealDraft
from visits.services.call_backs import NOT_YOURS_TO_CALL, record_call_back
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
from visits.services.columns import choose_columns
from visits.services.correction import Superseded, correct_visit
from visits.services.coverage import check_coverage, recount_coverage, report_faults
from visits.services.days import keep_days, request_coverage_export
from visits.services.deadlines import recompute_all
from visits.services.freeze import freeze_register, request_freeze
from visits.services.handing_over import AT_MOST, Handed, NotHanded, hand_over
from visits.services.hotline import request_hotline, upload_hotline
from visits.services.joining import Alike, Doubtful, NotAccepted, join_by_hand
from visits.services.lease import TakenByOther, give_back_target, take_target
from visits.services.left import request_left_export
from visits.services.links import LINK_DAYS, VOID, Void, answer_by_link, make_link
from visits.services.merging import merge_appeal, unmerge_appeal
from visits.services.paper import cancel_paper, request_paper_import, upload_paper
from visits.services.register import add_targets
from visits.services.reveal import (
    NOT_YOURS_TO_REACH,
    TooOften,
    note_phone_search,
    reveal,
    reveal_contact,
)
from visits.services.split import give_target, split_targets, take_back_targets
from visits.services.team import Roll, Taken, change_team, create_team, dissolve_team
from visits.services.truth import look_at_visits
from visits.services.truth_draws import draw_visits, record_check
from visits.services.upload import (
    cancel_upload,
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import OtherContent, record_visit

__all__ = [
    "AT_MOST",
    "LINK_DAYS",
    "NOT_YOURS",
    "NOT_YOURS_TO_ASK",
    "NOT_YOURS_TO_CALL",
    "NOT_YOURS_TO_GRANT",
    "NOT_YOURS_TO_REACH",
    "NO_CATEGORY",
    "VOID",
    "Alike",
    "AppealDraft",
    "Doubtful",
    "Given",
    "Handed",
    "NewHousehold",
    "NotAccepted",
    "NotHanded",
    "OtherContent",
    "Roll",
    "Stale",
    "Superseded",
    "Taken",
    "TakenByOther",
    "TooOften",
    "Void",
    "add_targets",
    "against_granting",
    "answer_by_link",
    "ask_for_days",
    "cancel_paper",
    "cancel_upload",
    "change_team",
    "check_coverage",
    "choose_columns",
    "correct_target",
    "correct_visit",
    "create_team",
    "decide_on_days",
    "dissolve_team",
    "draw_visits",
    "freeze_register",
    "give_back_target",
    "give_target",
    "hand_over",
    "join_by_hand",
    "join_target",
    "keep_days",
    "look_at_visits",
    "make_link",
    "merge_appeal",
    "merge_targets",
    "move_target",
    "nobody_calls",
    "note_phone_search",
    "recompute_all",
    "record_call_back",
    "record_check",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "report_faults",
    "request_apply",
    "request_coverage_export",
    "request_freeze",
    "request_hotline",
    "request_left_export",
    "request_paper_import",
    "restore_target",
    "reveal",
    "reveal_contact",
    "split_household",
    "split_targets",
    "strike_target",
    "take_appeal_step",
    "take_back_targets",
    "take_target",
    "unmerge_appeal",
    "upload_hotline",
    "upload_paper",
    "upload_register",
]
