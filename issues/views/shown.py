"""What pages of items show: its plan, its disclosure, who brought it in, who handed it on."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from issues.choices import State
from issues.forms.hand_overs import HandOverForm
from issues.forms.long_term import DISCLOSURE_HELP, MilestoneForm
from issues.models import Issue, Milestone
from issues.queries import long_term_of, misses_one
from issues.rules import can_disclose, hands_over
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


def shown_of_hand_over(user: User, issue: Issue) -> dict[str, Any]:
    """Who had it before; and to whoever may hand it to another, the form."""
    handed = list(issue.hand_overs.select_related("from_person", "to_person", "by"))
    if not hands_over(user, issue):
        return {"hand_overs": handed, "hand_over_form": None}
    form = HandOverForm(issue=issue, initial={"seen": len(handed)})
    return {"hand_overs": handed, "hand_over_form": form}


def brought_in_by(user: User, issue: Issue) -> User | None:
    """Who brought the draft in from a ledger, for its author, until he writes on it himself."""
    if issue.state != State.DRAFT or issue.version > 1 or user.pk != issue.author_id:
        return None
    first = issue.versions.select_related("author").first()
    return first.author if first and first.author_id != issue.author_id else None


def _form(row: Milestone) -> MilestoneForm:
    return MilestoneForm(milestone=row.pk)
