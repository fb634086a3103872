"""Who may do what with campaigns."""

from django.utils import timezone

from campaign.models import Campaign
from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of


def keeps_calendar(user: User) -> bool:
    """全域的作风办（管到区划最上级，或管到正在进行的专项行动的全部范围）"""
    scope = scope_of(user)
    held = [grant.area_path for grant in scope.held if grant.role == Role.OFFICE]
    if any(path.count("/") == TOP for path in held):
        return True
    running = Campaign.objects.running(timezone.localdate()).select_related("area")
    areas = [campaign.area for campaign in running] if any(held) else []
    return bool(areas) and all(scope.covers_area(area, Role.OFFICE) for area in areas)


TOP = 2  # slashes in the path of an area that has none above, such as "/1/"
