"""An appeal shows a problem of the unit: it becomes a draft in the unit's list, by hand."""

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied

from campaign.models import Category, Participant
from core import audit
from issues.choices import Level
from issues.models import AppealOrigin, Issue
from issues.rules import makes_items_of
from issues.services.items import Text, begin_item
from issues.services.lists import NO_PART
from issues.workflow import Refused
from organisation.models import User
from visits.models import Appeal

NOT_YOURS_TO_TAKE = "诉求由作风办，或承办单位的联络员和班子成员列入单位问题清单。"
OF_ONE_UNIT = "一起列入的诉求要由同一个单位承办。请刷新页面后重新选择。"


@audit.atomic
def write_item_of_appeals(
    *,
    appeals: Collection[Appeal],
    author: User,
    category: Category,
    text: Text,
    token: UUID | None = None,
) -> Issue:
    """Begin an item of the unit that has the appeals; a draft, which the unit hands in.

    Who wrote it holds no reviewing part in it, the office as little as anybody. The same token
    gives the same item. Raises PermissionDenied, Refused; audited.
    """
    if not appeals or not all(makes_items_of(author, each) for each in appeals):
        raise PermissionDenied(NOT_YOURS_TO_TAKE)
    (first, *others) = appeals
    assert first.unit is not None
    if any((each.unit, each.campaign_id) != (first.unit, first.campaign_id) for each in others):
        raise Refused(OF_ONE_UNIT)
    campaign, unit = first.campaign, first.unit
    if not Participant.objects.filter(campaign=campaign, unit=unit, left_on=None).exists():
        raise Refused(NO_PART)
    values = {"campaign": campaign, "unit": unit, "category": category, "level": Level.UNIT}
    item = begin_item(author, token, **values, **text)
    for appeal in appeals:
        _, is_new = AppealOrigin.objects.get_or_create(
            unit_item=item, appeal=appeal, defaults={"taken_by": author}
        )
        if is_new:
            audit.record(actor=author, act="issues.take_in_appeal", subject=item, item=appeal.pk)
    return item
