"""The register as its keepers read it."""

from campaign.models import Campaign
from organisation.models import User
from organisation.scope import scope_of
from visits.models import Target, TargetQuerySet
from visits.rules import KEEPERS


def kept_by(user: User) -> TargetQuerySet:
    """The entries of the keeper's areas, those that were struck off too."""
    return Target.objects.filter(scope_of(user).areas(KEEPERS))


def entries_of(user: User, campaign: Campaign) -> TargetQuerySet:
    return kept_by(user).filter(campaign=campaign).select_related("area__parent")
