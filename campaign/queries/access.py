"""What of a campaign one person may open."""

from django.db.models import Q, QuerySet

from campaign.models import Campaign, TaskDone
from campaign.models.activities import READERS
from campaign.rules import SPEAKERS
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

LOOKERS = READERS - {Role.CADRE}  # a cadre sees only the own tasks


def latest_campaign(user: User) -> Campaign | None:
    """The campaign whose page comes first: the last that has begun or will, unless archived."""
    open_ones = Campaign.objects.visible_to(user).filter(archived_at=None)
    return open_ones.select_related("area").order_by("-starts_on", "-id").first()


def units_in(campaign: Campaign, user: User) -> QuerySet[Unit]:
    """The units of the campaign that a right of the person reaches."""
    present = Unit.objects.filter(participant__campaign=campaign, participant__left_on=None)
    found: QuerySet[Unit] = present.filter(scope_of(user).units(LOOKERS, field=""))
    return found.select_related("area").order_by("path")


def spoken_for(campaign: Campaign, user: User) -> QuerySet[Unit]:
    """The units of the campaign for which the person enters what they have done."""
    mine = scope_of(user).units(SPEAKERS, field="")
    return units_in(campaign, user).filter(mine)


def done_visible_to(user: User) -> QuerySet[TaskDone]:
    """What was told by the person, by units within reach, or by an office within reach."""
    scope = scope_of(user)
    of_units = Q(unit__isnull=False) & scope.units(READERS)
    of_office = Q(unit=None, person=None) & scope.areas(READERS, "task__stage__campaign__area")
    rows = TaskDone.objects.filter(of_units | of_office | Q(person=user))
    return rows.select_related("task__stage__campaign__area", "unit__area")
