"""The 民情书记服务队."""

from django.db import models
from django.db.models import Q

from campaign.models import Campaign
from organisation.models import Area, User
from visits.choices import TeamSource


class Team(models.Model):
    """A 民情书记服务队: people who visit all targets of their areas."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="teams")
    name = models.CharField("名称", max_length=60)
    source = models.CharField("来源", max_length=12, choices=TeamSource)
    areas = models.ManyToManyField(Area, related_name="+", verbose_name="包联区域")
    members = models.ManyToManyField(User, related_name="teams", verbose_name="队员")

    class Meta:
        verbose_name = "服务队"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "name"], name="team_once_per_campaign"),
            models.CheckConstraint(condition=Q(source__in=TeamSource.values), name="team_source"),
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
