"""Reads on look backs at what was signed off."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import QuerySet

from campaign.models import Campaign
from issues.choices import MILESTONE_DAYS, REDRESS_DAYS, SETTLED, Kind, State
from issues.models import Draw, Issue, LookBack, SignOff
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of


def look_backs(user: User) -> QuerySet[LookBack]:
    """Those of the discipline office's reach, with what a row shows."""
    mine = scope_of(user).units([Role.DISCIPLINE], field="issue__unit")
    return LookBack.objects.filter(mine).select_related(
        "issue__unit", "issue__author", "sign_off__signer"
    )


def sign_offs_of(issue: Issue) -> Collection[SignOff]:
    """Every signature that the item has had, the newest first."""
    if issue.state not in SETTLED and not issue.relapse_count:
        return ()
    return issue.sign_offs.select_related("signer", "responsible", "look_back")


def undrawn_look_backs(campaign: Campaign, user: User) -> QuerySet[LookBack]:
    """Those in reach that no draw has seen yet, of items still signed off."""
    return look_backs(user).filter(
        issue__campaign=campaign, issue__state=State.CLOSED, finding="", draw=None, is_drawn=False
    )


def last_due_of_relapse(issue: Issue, today: date) -> date:
    """Until when a relapse must be put right: within the campaign, or some time from now where it
    is found near its end or after it, as most look backs are.

    The milestones of a long-term item are behind it by then: it has as long as one of them.
    """
    if issue.kind == Kind.LONG_TERM:
        return today + timedelta(days=MILESTONE_DAYS)
    return max(issue.campaign.ends_on, today + timedelta(days=REDRESS_DAYS))


def due_look_backs(today: date) -> QuerySet[LookBack]:
    """The drawn ones whose day has come, of items still signed off; of every unit."""
    return LookBack.objects.filter(
        issue__state=State.CLOSED, finding="", is_drawn=True, due_on__lte=today
    )


def draws_visible_to(user: User) -> QuerySet[Draw]:
    """Those in which something of the person's reach stood, the newest first."""
    seen = look_backs(user).order_by().values("draw")
    return Draw.objects.filter(pk__in=seen).select_related("drawn_by")
