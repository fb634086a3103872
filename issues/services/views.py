"""Filters of the ledger kept under a name."""

import json

from django.db import IntegrityError

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from issues.models import MOST_VIEWS, SavedView
from issues.queries import Criteria
from issues.workflow import Refused
from organisation.models import User

FULL = f"最多存 {MOST_VIEWS} 个常用筛选。请先删去不用的，再存新的。"
TAKEN = "已经有一个叫这个名字的常用筛选了，请换个名字。"
NOTHING = "还没有筛选条件。请先筛选，再存为常用。"
OUTRUN = "刚才在另一个页面存过，请刷新页面后再试。"


@audit.atomic
def keep_view(*, campaign: Campaign, owner: User, name: str, criteria: Criteria) -> SavedView:
    """Keep what is asked under a name. The same once more returns the first; raises Refused."""
    require_open(campaign.pk)
    if not criteria.written:
        raise Refused(NOTHING)
    views = list(SavedView.objects.visible_to(owner))
    if same := next((each for each in views if each.name == name), None):
        if asked_of(same) == criteria:
            return same
        raise Refused(TAKEN)
    free = sorted(set(range(1, MOST_VIEWS + 1)) - {each.place for each in views})
    if not free:
        raise Refused(FULL)
    asked = json.dumps(criteria.written, ensure_ascii=False)
    try:
        with audit.atomic():
            view = SavedView.objects.create(
                campaign=campaign, owner=owner, place=free[0], name=name, asked=asked
            )
    except IntegrityError as error:  # another window was faster
        raise Refused(OUTRUN) from error
    audit.record(actor=owner, act="issues.keep_view", subject=view)
    return view


@audit.atomic
def rename_view(*, view: SavedView, name: str, actor: User) -> SavedView:
    """Another name for it; raises Refused when an own one has that name."""
    require_open(view.campaign_id)
    own = SavedView.objects.visible_to(actor)
    try:
        with audit.atomic():
            changed = own.filter(pk=view.pk).exclude(name=name).update(name=name)
    except IntegrityError as error:
        raise Refused(TAKEN) from error
    if changed:
        view.refresh_from_db()
        audit.record(actor=actor, act="issues.rename_view", subject=view)
    return view


@audit.atomic
def drop_view(*, view: SavedView, actor: User) -> None:
    """Delete it; what was asked is of no use to anybody else."""
    require_open(view.campaign_id)
    if SavedView.objects.visible_to(actor).filter(pk=view.pk).delete()[0]:
        audit.record(actor=actor, act="issues.drop_view", subject=view)


def asked_of(view: SavedView) -> Criteria:
    """What the view asks for; nothing, when it is of a form that is no longer known."""
    try:
        return Criteria.read(json.loads(view.asked.open()))
    except (ValueError, AttributeError):
        return Criteria()
