"""Celery doors of the organisation."""

from celery import shared_task

from core import jobs
from organisation.exports.audit import export_audit as build_audit
from organisation.exports.roster import export_roster as build_roster
from organisation.exports.slips import draw_slips
from organisation.services.imports import ROSTER, UNITS, RosterFlow
from organisation.services.sessions import forget_old


@shared_task(name="organisation.forget_old_sign_ins")
def forget_old_sign_ins() -> None:
    """Delete sign-ins and counted failures whose time is over."""
    forget_old()


@shared_task(name="organisation.export_roster")
def export_roster(*, job_id: str) -> None:
    """Build the roster as Excel."""
    jobs.run(job_id, build_roster)


@shared_task(name="organisation.export_audit")
def export_audit(*, job_id: str) -> None:
    """Build the audit trail as Excel."""
    jobs.run(job_id, build_audit)


@shared_task(name="organisation.check_roster")
def check_roster(*, job_id: str) -> None:
    """Examine an uploaded roster; nothing is written."""
    jobs.run(job_id, ROSTER.check)


@shared_task(name="organisation.apply_roster")
def apply_roster(*, job_id: str) -> None:
    """Write the people of a checked roster, all or none, and their slips."""
    jobs.run(job_id, RosterFlow(draw=draw_slips).apply)


@shared_task(name="organisation.check_units")
def check_units(*, job_id: str) -> None:
    """Examine an uploaded list of units; nothing is written."""
    jobs.run(job_id, UNITS.check)


@shared_task(name="organisation.apply_units")
def apply_units(*, job_id: str) -> None:
    """Write the units of a checked list, all or none."""
    jobs.run(job_id, UNITS.apply)
