"""Asking for the roster as a file."""

from core.jobs import request_once
from core.models import Job
from organisation.models import User
from organisation.queries.people import Criteria

ROSTER_KIND = "organisation.export_roster"


def request_roster_export(*, actor: User, criteria: Criteria) -> Job:
    """Ask for the narrowed roster; the same request under way returns the first."""
    return request_once(kind=ROSTER_KIND, title="人员名册", owner=actor, **criteria.written)
