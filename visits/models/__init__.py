"""The register of targets, the teams, the visits and what people ask for."""

from visits.models.appeals import (
    UNIT_HANDLERS,
    Appeal,
    AppealEvent,
    AppealExtension,
    AppealPause,
    AppealQuerySet,
    CallBack,
    Voice,
)
from visits.models.coverage import CoverageCount
from visits.models.register import READERS, RegisterUpload, Target, TargetQuerySet
from visits.models.teams import Team, team_areas
from visits.models.visits import Visit, VisitQuerySet

__all__ = [
    "READERS",
    "UNIT_HANDLERS",
    "Appeal",
    "AppealEvent",
    "AppealExtension",
    "AppealPause",
    "AppealQuerySet",
    "CallBack",
    "CoverageCount",
    "RegisterUpload",
    "Target",
    "TargetQuerySet",
    "Team",
    "Visit",
    "VisitQuerySet",
    "Voice",
    "team_areas",
]
