"""How many targets stand where, kept by area."""

from django.db import models
from django.db.models import F, Q

from campaign.models import Campaign
from organisation.models import Area
from visits.choices import Locality, TargetKind


class CoverageCount(models.Model):
    """How many targets of one class stand in each state, in an area with all below it.

    A target counts in its own area and in every one above, so a page of any level reads the
    rows of the areas that it shows, however many targets there are. Kept right in the
    transaction of each visit and import; ``recount_coverage`` proves it.
    """

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="coverage_counts")
    kind = models.CharField(max_length=12, choices=TargetKind)
    above_scale = models.BooleanField(default=False)
    industrial = models.BooleanField(default=False)
    small = models.BooleanField(default=False)
    locality = models.CharField(max_length=6, choices=Locality, blank=True)
    pending = models.PositiveIntegerField(default=0)
    absent = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    empty = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    visited = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = "覆盖计数"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "campaign",
                    "area",
                    "kind",
                    "above_scale",
                    "industrial",
                    "small",
                    "locality",
                ],
                name="coverage_count_once",
            ),
        ]


class CoverageDay(models.Model):
    """How far one kind was covered in an area, with all below it, at the end of a day."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=TargetKind)
    day = models.DateField("日期")
    registered = models.PositiveIntegerField()
    covered = models.PositiveIntegerField()

    class Meta:
        verbose_name = "每日覆盖"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "area", "kind", "day"], name="coverage_day_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=TargetKind.values), name="coverage_day_kind"
            ),
            models.CheckConstraint(
                condition=Q(covered__lte=F("registered")), name="coverage_day_part_of_whole"
            ),
        ]
