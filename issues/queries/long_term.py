"""Reads on long-term items: the plan of the present text."""

from datetime import date

from django.db.models import QuerySet

from core.lights import bounds_on
from issues.choices import Kind, State
from issues.milestones import Plan, Step
from issues.models import Issue, LongTerm, Milestone


def long_term_of(issue: Issue) -> LongTerm | None:
    """With its milestones, what was reached at them, and the consent; None of other kinds."""
    if issue.kind != Kind.LONG_TERM:
        return None
    found = LongTerm.objects.filter(version__issue=issue, version__number=issue.version)
    with_all = found.select_related("consent__given_by").prefetch_related(
        "milestones__achievement__reported_by", "milestones__achievement__evidence"
    )
    plan = with_all.first()
    if plan is not None:
        _bring_files(plan, issue)
    return plan


def _bring_files(plan: LongTerm, issue: Issue) -> None:
    """Of each result the files, by one read however often they were exchanged; mostly by none."""
    rows = [getattr(row, "achievement", None) for row in plan.milestones.all()]
    reached = [row for row in rows if row is not None and row.evidence]
    if not any(row.evidence.dropped_at for row in reached):
        newer = {}
    else:
        newer = {row.replaces_id: row for row in issue.evidence.exclude(replaces=None)}
    for row in reached:
        row.files = [row.evidence]
        while following := newer.get(row.files[0].pk):
            row.files.insert(0, following)


def plan_of(issue: Issue) -> Plan | None:
    """What the form wrote; an empty plan when nothing of it was kept."""
    if issue.kind != Kind.LONG_TERM:
        return None
    kept = LongTerm.objects.filter(version__issue=issue, version__number=issue.version).first()
    if kept is None:
        return Plan()
    steps = (Step(row.number, row.due_on, row.shows) for row in kept.milestones.all())
    return Plan(kept.reason, tuple(steps))


def unreported(issue: Issue) -> QuerySet[Milestone]:
    """The milestones of the present text at which nothing was reported yet."""
    return Milestone.objects.filter(
        plan__version__issue=issue, plan__version__number=issue.version, achievement=None
    )


def misses_one(issue: Issue, plan: LongTerm | None, today: date) -> bool:
    """The same as ``is_behind``, of one item that is at hand."""
    if plan is None or issue.state != State.RECTIFYING:
        return False
    last = bounds_on(today).red_before
    return any(
        row.due_on and row.due_on < last and not hasattr(row, "achievement")
        for row in plan.milestones.all()
    )
