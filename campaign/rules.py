"""Who may do what with a campaign."""

from django.utils import timezone

from campaign.models import Campaign, StageTask
from organisation.choices import UNIT_LEADERS, Role
from organisation.models import Unit, User
from organisation.scope import scope_of

SPEAKERS = (Role.LIAISON, *sorted(UNIT_LEADERS))  # for their unit
TOP = 2  # slashes in the path of an area that has none above, such as "/1/"
OVERSEERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE, Role.LEADER)


def begins_campaigns(user: User) -> bool:
    """作风办"""
    return scope_of(user).has(Role.OFFICE)


def keeps_campaign(user: User, campaign: Campaign) -> bool:
    """Whether the person's office leads this campaign. Reads ``campaign.area``."""
    return scope_of(user).covers_area(campaign.area, Role.OFFICE)


def oversees(user: User) -> bool:
    """作风办、组织部、纪委监委、领导"""
    return scope_of(user).has(*OVERSEERS)


def speaks_for_a_unit(user: User) -> bool:
    """单位联络员、单位班子成员"""
    return scope_of(user).has(*SPEAKERS)


def sees_the_whole(user: User) -> bool:
    """Whether sums of others' tasks are shown: a cadre sees only the own ones."""
    return oversees(user) or speaks_for_a_unit(user)


def speaks_for(user: User, unit: Unit) -> bool:
    """Whether the person enters activities and finished tasks of this unit. Reads ``unit.area``."""
    return scope_of(user).covers_unit(unit, *SPEAKERS)


def can_tell(user: User, task: StageTask, unit: Unit | None, person: User | None) -> bool:
    """Whether the person may say that this task is done, of whomever it is.

    A person for himself, the speakers for their unit, the office for itself.
    """
    if person is not None:
        return person.pk == user.pk
    if unit is not None:
        return speaks_for(user, unit)
    return keeps_campaign(user, task.stage.campaign)


def keeps_calendar(user: User) -> bool:
    """全域的作风办（管到区划最上级，或管到正在进行的专项行动的全部范围）"""
    scope = scope_of(user)
    held = [grant.area_path for grant in scope.held if grant.role == Role.OFFICE]
    if any(path.count("/") == TOP for path in held):
        return True
    running = Campaign.objects.running(timezone.localdate()).select_related("area")
    areas = [campaign.area for campaign in running] if any(held) else []
    return bool(areas) and all(scope.covers_area(area, Role.OFFICE) for area in areas)
