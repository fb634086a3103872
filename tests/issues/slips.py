"""Supervision slips on their way, for the tests of them."""

import uuid
from datetime import timedelta

from issues.choices import Pace, SlipState
from issues.models import Issue, SupervisionSlip
from issues.services import raise_slip, take_slip_step
from organisation.models import User
from tests.issues.conftest import NOTE, brought_to
from tests.personas import World

WAY = {"receive": "liaison", "answer": "cadre", "sign": "head", "close": "discipline"}
STATES = dict(zip(["", *WAY], SlipState, strict=False))  # where each step leads to


def overdue(world: World, days: int = 20, issue: Issue | None = None) -> Issue:
    """An item being put right whose deadline passed so many days ago."""
    issue = issue or brought_to(world, "file")
    Issue.objects.filter(pk=issue.pk).update(due_on=world.today - timedelta(days=days))
    issue.refresh_from_db()
    return issue


def raised(world: World, issue: Issue | None = None, pace: Pace = Pace.URGENT) -> SupervisionSlip:
    return fresh(
        raise_slip(
            issue=issue or brought_to(world, "file"),
            actor=world.discipline,
            request="查清原因，三天内当面答复群众。",
            pace=pace,
            token=uuid.uuid4(),
        )
    )


def fresh(slip: SupervisionSlip) -> SupervisionSlip:
    """As a page reads it."""
    found = SupervisionSlip.objects.select_related("unit__area", "issue", "answered_by")
    return found.get(pk=slip.pk)


def step(slip: SupervisionSlip, name: str, actor: User, note: str = NOTE) -> SupervisionSlip:
    return take_slip_step(slip=slip, name=name, actor=actor, note=note, seen=slip.step_count)


def slip_at(world: World, until: str, slip: SupervisionSlip | None = None) -> SupervisionSlip:
    """Taken along the usual way up to and with one step."""
    slip = slip or raised(world)
    for name, who in WAY.items():
        if not until:
            break
        step(slip, name, getattr(world, who))
        if name == until:
            break
    return fresh(slip)
