"""Writes on problem items."""

from issues.services.appeals import NOT_YOURS_TO_TAKE, write_item_of_appeals
from issues.services.autosave import Outwritten, drop_words, forget_old_words, keep_words
from issues.services.book import BOOK_KIND, request_book
from issues.services.bulk import AT_MOST, Done, Look, Step, look_at, take_steps
from issues.services.evidence import add_evidence, replace_evidence, take_back_evidence
from issues.services.examples import (
    NOT_YOURS_TO_CHOOSE,
    NOT_YOURS_TO_TAKE_DOWN,
    choose_example,
    take_down_example,
)
from issues.services.exports import LEDGER_KIND, criteria_of, request_ledger
from issues.services.extensions import (
    NOT_YOURS_TO_ASK,
    NOT_YOURS_TO_GRANT,
    ask_for_time,
    decide_on_time,
    no_more_time,
)
from issues.services.hand_overs import NOT_YOURS_TO_HAND_OVER, hand_over
from issues.services.imports import LEDGER_IN, LedgerFlow, request_import, upload_ledger
from issues.services.items import (
    NO_POSTING,
    NOT_YOURS_TO_EDIT,
    STUCK,
    Stale,
    is_stuck,
    make_move,
    rewrite_issue,
    write_issue,
)
from issues.services.likeness import index_likeness
from issues.services.lists import (
    NOT_YOURS_TO_CLAIM,
    NOT_YOURS_TO_CONFIRM,
    NOT_YOURS_TO_KEEP,
    claim_item,
    confirm_list,
    freeze_list,
    return_list,
    take_in,
    take_out,
    write_unit_item,
)
from issues.services.milestones import NOT_YOURS_TO_REPORT, report_milestone
from issues.services.sign_off import draw_look_backs
from issues.services.slip_deadlines import recompute_slips
from issues.services.slip_files import SLIP_KIND, request_slip_file
from issues.services.slip_steps import take_slip_step
from issues.services.slips import (
    NOT_YOURS_TO_RAISE,
    NOT_YOURS_TO_RAISE_ON_APPEAL,
    raise_appeal_slip,
    raise_due_slips,
    raise_slip,
)
from issues.services.views import asked_of, drop_view, keep_view, rename_view

__all__ = [
    "AT_MOST",
    "BOOK_KIND",
    "LEDGER_IN",
    "LEDGER_KIND",
    "NOT_YOURS_TO_ASK",
    "NOT_YOURS_TO_CHOOSE",
    "NOT_YOURS_TO_CLAIM",
    "NOT_YOURS_TO_CONFIRM",
    "NOT_YOURS_TO_EDIT",
    "NOT_YOURS_TO_GRANT",
    "NOT_YOURS_TO_HAND_OVER",
    "NOT_YOURS_TO_KEEP",
    "NOT_YOURS_TO_RAISE",
    "NOT_YOURS_TO_RAISE_ON_APPEAL",
    "NOT_YOURS_TO_REPORT",
    "NOT_YOURS_TO_TAKE",
    "NOT_YOURS_TO_TAKE_DOWN",
    "NO_POSTING",
    "SLIP_KIND",
    "STUCK",
    "Done",
    "LedgerFlow",
    "Look",
    "Outwritten",
    "Stale",
    "Step",
    "add_evidence",
    "ask_for_time",
    "asked_of",
    "choose_example",
    "claim_item",
    "confirm_list",
    "criteria_of",
    "decide_on_time",
    "draw_look_backs",
    "drop_view",
    "drop_words",
    "forget_old_words",
    "freeze_list",
    "hand_over",
    "index_likeness",
    "is_stuck",
    "keep_view",
    "keep_words",
    "look_at",
    "make_move",
    "no_more_time",
    "raise_appeal_slip",
    "raise_due_slips",
    "raise_slip",
    "recompute_slips",
    "rename_view",
    "replace_evidence",
    "report_milestone",
    "request_book",
    "request_import",
    "request_ledger",
    "request_slip_file",
    "return_list",
    "rewrite_issue",
    "take_back_evidence",
    "take_down_example",
    "take_in",
    "take_out",
    "take_slip_step",
    "take_steps",
    "upload_ledger",
    "write_issue",
    "write_item_of_appeals",
    "write_unit_item",
]
