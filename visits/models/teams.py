"""The 民情书记服务队."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from organisation.choices import Role
from organisation.models import Area, User
from organisation.scope import scope_of
from visits.choices import TeamSource

TEAM_KEEPERS = (Role.OFFICE, Role.ORGANISATION)


class TeamQuerySet(models.QuerySet["Team"]):
    def visible_to(self, user: User) -> "TeamQuerySet":
        """One's own teams, and those with an area of which one keeps the teams."""
        scope = scope_of(user)
        if not scope.takes_part:
            return self.none()
        kept = Team.areas.through.objects.filter(scope.areas(TEAM_KEEPERS)).values("team")
        own = Membership.objects.filter(user=user).values("team")
        return self.filter(Q(pk__in=kept) | Q(pk__in=own))


class Team(models.Model):
    """A 民情书记服务队: people who visit all targets of their areas.

    ``version`` counts its changes, so that of two windows the second does not undo the first;
    ``splits`` counts how often its work was shared out, for the same reason.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams")
    name = models.CharField("名称", max_length=60)
    areas = models.ManyToManyField(Area, related_name="+", verbose_name="包联区域")
    members = models.ManyToManyField(
        User, through="Membership", related_name="teams", verbose_name="队员"
    )
    version = models.PositiveIntegerField("版本", default=1)
    splits = models.PositiveIntegerField("分工次数", default=0)

    objects = TeamQuerySet.as_manager()

    class Meta:
        verbose_name = "服务队"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="team_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """One person in a team, where the person comes from, and whether the person leads it."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    source = models.CharField(
        "来源", max_length=12, choices=TeamSource, default=TeamSource.DEPARTMENT
    )
    is_leader = models.BooleanField("队长", default=False)

    class Meta:
        verbose_name = "队员"
        ordering = ["-is_leader", "id"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once"),
            models.UniqueConstraint(
                fields=["team"], condition=Q(is_leader=True), name="membership_one_leader"
            ),
            models.CheckConstraint(
                condition=Q(source__in=TeamSource.values), name="membership_source"
            ),
        ]


def team_areas(user: User) -> models.QuerySet:
    """The pairs of team and area of the person's teams, in all campaigns."""
    return Team.areas.through.objects.filter(team__members=user)


def in_team_areas(user: User) -> Q:
    """Rows of a campaign whose area lies under an area of the person's teams in it; one query."""
    found = Q(pk__in=[])
    for campaign, path in team_areas(user).values_list("team__campaign_id", "area__path"):
        found |= Q(campaign_id=campaign, area__path__under=path)
    return found
