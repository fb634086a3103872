"""Writes on the register and visits."""

from visits.services.coverage import recount_coverage
from visits.services.register import add_targets
from visits.services.team import create_team
from visits.services.upload import (
    apply_upload,
    check_upload,
    discard_file,
    register_villages,
    request_apply,
    upload_register,
)
from visits.services.visit import AppealDraft, record_visit

__all__ = [
    "AppealDraft",
    "add_targets",
    "apply_upload",
    "check_upload",
    "create_team",
    "discard_file",
    "record_visit",
    "recount_coverage",
    "register_villages",
    "request_apply",
    "upload_register",
]
