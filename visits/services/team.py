"""Writes on the 民情书记服务队."""

from collections.abc import Collection, Mapping

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError

from campaign.models import Campaign
from campaign.services import require_open
from core import audit
from organisation.models import Area, User
from visits.choices import TeamSource
from visits.models import Membership, Team
from visits.rules import keeps_team, keeps_teams_of
from visits.services.giving_back import release_uncovered

Roll = Mapping[TeamSource, Collection[User]]  # members by where they come from
NOT_YOURS = "服务队由作风办和组织部在各自的区域内编组。"
NAME_TAKEN = "已经有一支服务队叫这个名字，请换一个。"
MOVED_ON = "这支服务队刚才被别人改过。请看过现在的名单再改，您的改动没有保存。"


class Taken(Exception):
    """What stands against saving a team; the text says it in Chinese."""


@audit.atomic
def create_team(
    *,
    campaign: Campaign,
    name: str,
    areas: Collection[Area],
    members: Roll,
    leader: User | None = None,
    actor: User | None = None,
) -> Team:
    """Create a team with its areas and members; without an actor by the software itself.

    Raises PermissionDenied outside the actor's areas, Taken for a name of another team.
    """
    require_open(campaign.pk)
    _require_areas(actor, areas)
    try:
        with audit.atomic():
            team = Team.objects.create(campaign=campaign, name=name)
    except IntegrityError as error:
        raise Taken(NAME_TAKEN) from error
    team.areas.set(areas)
    _enlist(team, members, leader)
    audit.record(actor=actor, act="visits.create_team", subject=team)
    return team


@audit.atomic
def change_team(
    *,
    team: Team,
    seen_version: int,
    name: str,
    areas: Collection[Area],
    members: Roll,
    leader: User | None,
    actor: User,
) -> Team:
    """Put another name, areas and roll in their place; who leaves gives back what he was given.

    Raises PermissionDenied, Taken where the name is another team's or somebody was quicker.
    """
    require_open(team.campaign_id)
    if not keeps_team(actor, team):
        raise PermissionDenied(NOT_YOURS)
    _require_areas(actor, areas)
    as_seen = Team.objects.filter(pk=team.pk, version=seen_version)
    try:
        with audit.atomic():
            if not as_seen.update(name=name, version=seen_version + 1):
                raise Taken(MOVED_ON)
    except IntegrityError as error:
        raise Taken(NAME_TAKEN) from error
    before = _members(team)
    team.areas.set(areas)
    Membership.objects.filter(team=team).delete()
    _enlist(team, members, leader)
    release_uncovered(team.campaign, before)
    audit.record(actor=actor, act="visits.change_team", subject=team, number=seen_version + 1)
    team.refresh_from_db()
    return team


@audit.atomic
def dissolve_team(*, team: Team, actor: User) -> None:
    """The team ends; visits stay their authors', and targets wait for another team.

    Nothing happens where somebody has dissolved it just now.
    """
    require_open(team.campaign_id)
    if not keeps_team(actor, team):
        raise PermissionDenied(NOT_YOURS)
    if not list(Team.objects.select_for_update().filter(pk=team.pk).values_list("pk")):
        return
    audit.record(actor=actor, act="visits.dissolve_team", subject=team, name=team.name)
    before, campaign = _members(team), team.campaign
    team.delete()
    release_uncovered(campaign, before)


def _members(team: Team) -> list[int]:
    return list(Membership.objects.filter(team=team).values_list("user", flat=True))


def _enlist(team: Team, members: Roll, leader: User | None) -> None:
    rows = [
        Membership(team=team, user=person, source=source, is_leader=person == leader)
        for source, people in members.items()
        for person in people
    ]
    Membership.objects.bulk_create(rows)


def _require_areas(actor: User | None, areas: Collection[Area]) -> None:
    if actor is not None and not keeps_teams_of(actor, areas):
        raise PermissionDenied(NOT_YOURS)
