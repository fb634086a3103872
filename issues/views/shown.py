"""What pages of items show: its plan, its disclosure, who brought it in, and a refusal."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from issues.choices import State
from issues.forms.long_term import DISCLOSURE_HELP, MilestoneForm
from issues.models import Issue, Milestone
from issues.queries import long_term_of, misses_one
from issues.rules import can_disclose
from organisation.models import User


def shown_of_plan(
    user: User, issue: Issue, sent: Mapping[int, MilestoneForm] | None = None
) -> dict[str, Any]:
    """No query for items of other kinds. ``sent``: the form of a milestone that has faults."""
    plan = long_term_of(issue)
    rows = plan.milestones.all() if plan else ()
    forms = sent or {}
    return {
        "plan": plan,
        "is_behind": misses_one(issue, plan, timezone.localdate()),
        "milestones": [(each, forms.get(each.pk) or _form(each)) for each in rows],
        "can_disclose": can_disclose(user, issue) and not hasattr(issue, "disclosure"),
        "disclosure_help": DISCLOSURE_HELP,
    }


def brought_in_by(user: User, issue: Issue) -> User | None:
    """Who brought the draft in from a ledger, for its author, until he writes on it himself."""
    if issue.state != State.DRAFT or issue.version > 1 or user.pk != issue.author_id:
        return None
    first = issue.versions.select_related("author").first()
    return first.author if first and first.author_id != issue.author_id else None


def _form(row: Milestone) -> MilestoneForm:
    return MilestoneForm(milestone=row.pk)
