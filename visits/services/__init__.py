"""Writes on the register and visits."""

from visits.services.coverage import recount_coverage
from visits.services.register import add_targets
from visits.services.visit import AppealDraft, record_visit

__all__ = ["AppealDraft", "add_targets", "record_visit", "recount_coverage"]
