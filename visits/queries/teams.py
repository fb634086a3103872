"""The teams as their list shows them, and who and where a team may be made of."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from campaign.models import Campaign
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.coverage import Coverage
from visits.models import Membership, Team
from visits.queries.coverage import coverage_each, inside_another
from visits.rules import KEEPERS


@dataclass(frozen=True)
class TeamRow:
    """A team as a list shows it: how many belong to it, and how far its areas are."""

    team: Team
    areas: list[Area]
    members: int
    coverage: Coverage


def team_rows(teams: Sequence[Team]) -> list[TeamRow]:
    """The teams with what their rows show; three queries, whatever their number."""
    through = Team.areas.through.objects.filter(team__in=teams).select_related("area")
    pairs = [(pair.team_id, pair.area) for pair in through.order_by("area__code")]
    members: dict[int, int] = dict(
        Membership.objects.filter(team__in=teams)
        .order_by()
        .values_list("team")
        .annotate(number=Count("pk"))
    )
    areas = list({area.pk: area for _, area in pairs}.values())
    campaigns = {team.campaign for team in teams}
    found = {
        (campaign.pk, each.area.pk): each.total
        for campaign in campaigns
        for each in coverage_each(campaign, areas)
    }
    rows = []
    for team in teams:
        own = [area for key, area in pairs if key == team.pk]
        outer = [area for area in own if not inside_another(area, own)]
        total = sum((found[team.campaign_id, area.pk] for area in outer), Coverage())
        rows.append(TeamRow(team, own, members.get(team.pk, 0), total))
    return rows


def teams_to_show(user: User, campaign: Campaign, words: str) -> QuerySet[Team]:
    """The teams the person may see; with words those of that name, area or member."""
    found = Team.objects.visible_to(user).filter(campaign=campaign).select_related("campaign")
    if not words:
        return found
    of_area = Team.areas.through.objects.filter(area__name__icontains=words).values("team")
    of_member = Membership.objects.filter(user__name__icontains=words).values("team")
    return found.filter(Q(name__icontains=words) | Q(pk__in=of_area) | Q(pk__in=of_member))


def people_to_enlist(keeper: User, names: Collection[str], team: Team | None = None) -> list[User]:
    """Those of the keeper's areas who have one of the names or log in with it; one query.

    With a team its members too, wherever they belong, and also who has left the service:
    whoever changes it has them on the roll and must be told of each.
    """
    within = Q(scope_of(keeper).units(KEEPERS), is_active=True)
    if team is not None:
        within |= Q(pk__in=Membership.objects.filter(team=team).values("user"))
    called = Q(name__in=names) | Q(username__in=names)
    return list(User.objects.filter(within, called).select_related("unit__area"))


def areas_to_cover(keeper: User, campaign: Campaign, names: Collection[str]) -> list[Area]:
    """Those of the keeper's areas in the campaign with one of the names or codes; one query."""
    within = scope_of(keeper).areas(KEEPERS, field="")
    called = Q(name__in=names) | Q(code__in=[name for name in names if name.isdecimal()])
    found = Area.objects.under(campaign.area).filter(within, called)
    return list(found.select_related("parent"))
