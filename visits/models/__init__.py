"""The register of targets, the teams, the visits and what people ask for."""

from visits.models.appeals import Appeal
from visits.models.changes import REASON_LENGTH, Freeze, FrozenCount, RegisterChange
from visits.models.coverage import CoverageCount, CoverageDay
from visits.models.register import READERS, RegisterUpload, Target, TargetQuerySet
from visits.models.teams import Team, team_areas
from visits.models.visits import Visit, VisitQuerySet

__all__ = [
    "READERS",
    "REASON_LENGTH",
    "Appeal",
    "CoverageCount",
    "CoverageDay",
    "Freeze",
    "FrozenCount",
    "RegisterChange",
    "RegisterUpload",
    "Target",
    "TargetQuerySet",
    "Team",
    "Visit",
    "VisitQuerySet",
    "team_areas",
]
