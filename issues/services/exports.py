"""Asking for the ledger as a file."""

from core import audit
from core.jobs import request_job, under_way
from core.models import Job
from core.sought import closed, opened_values
from issues.queries import Criteria
from organisation.models import User

LEDGER_KIND = "issues.export_ledger"
SOUGHT = ("words", "unit")  # sealed wherever they are kept


@audit.atomic
def request_ledger(*, actor: User, criteria: Criteria) -> Job:
    """Ask for the narrowed ledger; the same request under way returns the first."""
    for job in under_way(kind=LEDGER_KIND, owner=actor):
        if criteria_of(job) == criteria:
            return job
    asked = closed(criteria.written, *SOUGHT)
    return request_job(kind=LEDGER_KIND, title="问题台账", owner=actor, **asked)


def criteria_of(job: Job) -> Criteria:
    """What the file was asked to hold."""
    return Criteria.read(opened_values(job.arguments, *SOUGHT))
