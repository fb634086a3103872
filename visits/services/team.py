"""Writes on the 民情书记服务队."""

from collections.abc import Iterable

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from organisation.models import Area, User
from visits.choices import TeamSource
from visits.models import Team


@audit.atomic
def create_team(
    *,
    campaign: Campaign,
    name: str,
    source: TeamSource,
    areas: Iterable[Area],
    members: Iterable[User],
    actor: User | None = None,
) -> Team:
    """Create a team with the areas it covers and its members, audited."""
    require_open(campaign.pk)
    team = Team.objects.create(campaign=campaign, name=name, source=source)
    team.areas.set(areas)
    team.members.set(members)
    audit.record(actor=actor, act="visits.create_team", subject=team)
    return team
