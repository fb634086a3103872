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
from visits.models.changes import REASON_LENGTH, Freeze, FrozenCount, RegisterChange
from visits.models.coverage import CoverageCount, CoverageDay
from visits.models.register import READERS, ColumnChoice, RegisterUpload, Target, TargetQuerySet
from visits.models.teams import Membership, Team, TeamQuerySet, team_areas
from visits.models.visits import Visit, VisitQuerySet, VisitVersion

__all__ = [
    "READERS",
    "REASON_LENGTH",
    "UNIT_HANDLERS",
    "Appeal",
    "AppealEvent",
    "AppealExtension",
    "AppealPause",
    "AppealQuerySet",
    "CallBack",
    "ColumnChoice",
    "CoverageCount",
    "CoverageDay",
    "Freeze",
    "FrozenCount",
    "Membership",
    "RegisterChange",
    "RegisterUpload",
    "Target",
    "TargetQuerySet",
    "Team",
    "TeamQuerySet",
    "Visit",
    "VisitQuerySet",
    "VisitVersion",
    "Voice",
    "team_areas",
]
