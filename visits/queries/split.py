"""Who of a team goes where: what there is to share out, and how much each has left."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact

from campaign.models import Campaign
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.models import TEAM_KEEPERS, Membership, Target, TargetQuerySet, Team


def in_areas_of(team: Team) -> TargetQuerySet:
    """What is left in the areas of the team."""
    within = Q(pk__in=[])
    for path in team.areas.values_list("path", flat=True):
        within |= Q(area__path__under=path)
    return Target.objects.filter(within, campaign=team.campaign_id).left()


def to_split(team: Team, area: Area | None = None) -> TargetQuerySet:
    """What the team may share out: not what another team has given to somebody of its own."""
    found = in_areas_of(team)
    if area is not None:
        found = found.filter(area__path__under=area.path)
    return found.filter(Q(assignee=None) | Q(assignee__in=_members(team)))


@dataclass(frozen=True)
class Share:
    """A member, perhaps one who has left the service, and how much of the team's work is left."""

    member: Membership
    left: int


def shares_of(team: Team) -> list[Share]:
    """Of each member in the order of the roll; three queries."""
    given = in_areas_of(team).filter(assignee__in=_members(team)).order_by()
    numbers: dict[int, int] = dict(given.values_list("assignee").annotate(number=Count("pk")))
    members = team.memberships.select_related("user__unit")
    return [Share(each, numbers.get(each.user_id, 0)) for each in members]


def villages_of(team: Team) -> list[tuple[Area, int]]:
    """The places of the team where something may be shared out, with how much."""
    rows = to_split(team).order_by().values_list("area").annotate(number=Count("pk"))
    numbers: dict[int, int] = dict(rows)
    areas = Area.objects.filter(pk__in=to_split(team).order_by().values("area"))
    areas = areas.select_related("parent").order_by("path")
    return [(area, numbers.get(area.pk, 0)) for area in areas]


def teams_to_give_in(user: User, target: Target) -> QuerySet[Team]:
    """The teams covering the target within which the person says who goes there."""
    above = [int(key) for key in target.area.path.strip("/").split("/")]
    covering = Team.objects.filter(campaign=target.campaign_id, areas__in=above)
    scope = scope_of(user)
    led = Membership.objects.filter(user=user, is_leader=True).values("team")
    foreign = Team.areas.through.objects.exclude(scope.areas(TEAM_KEEPERS))
    kept = ~Q(pk__in=foreign.values("team"))
    found = covering.filter(kept | Q(pk__in=led)).distinct()
    return found if scope.takes_part else found.none()


def members_to_give_to(user: User, target: Target) -> QuerySet[User]:
    """The people to whom the person may give the target: nobody who has left the service."""
    teams = teams_to_give_in(user, target).values("pk")
    found = User.objects.filter(memberships__team__in=teams, is_active=True)
    return found.select_related("unit").order_by("name", "pk").distinct()


def given_but_uncovered(campaign: Campaign, people: Collection[int]) -> TargetQuerySet:
    """What these people were given and no team of theirs covers any more."""
    return _uncovered(Target.objects.filter(campaign=campaign, assignee__in=people), "assignee")


def taken_but_uncovered(campaign: Campaign, people: Collection[int]) -> TargetQuerySet:
    """What these people have taken and no team of theirs covers any more."""
    return _uncovered(Target.objects.filter(campaign=campaign, taken_by__in=people), "taken_by")


def _uncovered(targets: TargetQuerySet, whose: str) -> TargetQuerySet:
    pairs = Team.areas.through.objects.filter(
        team__campaign=OuterRef("campaign"), team__memberships__user=OuterRef(whose)
    )
    covering = pairs.filter(Exact(StrIndex(OuterRef("area__path"), F("area__path")), 1))
    return targets.filter(~Exists(covering))


def _members(team: Team) -> QuerySet[Membership, Any]:
    return Membership.objects.filter(team=team).values("user")
