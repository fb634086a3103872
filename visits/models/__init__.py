"""The register of targets, the teams, the visits and what people ask for."""

from visits.models.appeals import (
    APPEAL_READERS,
    UNIT_HANDLERS,
    AnswerSeed,
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
from visits.models.hotline import HotlineUpload
from visits.models.links import CallBackLink
from visits.models.register import READERS, ColumnChoice, RegisterUpload, Target, TargetQuerySet
from visits.models.teams import TEAM_KEEPERS, Membership, Team, TeamQuerySet, team_areas
from visits.models.truth import TRUTH_READERS, TruthCheck, TruthDraw, TruthFlag, TruthLook
from visits.models.visits import Visit, VisitQuerySet, VisitUpload, VisitVersion

__all__ = [
    "APPEAL_READERS",
    "READERS",
    "REASON_LENGTH",
    "TEAM_KEEPERS",
    "TRUTH_READERS",
    "UNIT_HANDLERS",
    "AnswerSeed",
    "Appeal",
    "AppealEvent",
    "AppealExtension",
    "AppealPause",
    "AppealQuerySet",
    "CallBack",
    "CallBackLink",
    "ColumnChoice",
    "CoverageCount",
    "CoverageDay",
    "Freeze",
    "FrozenCount",
    "HotlineUpload",
    "Membership",
    "RegisterChange",
    "RegisterUpload",
    "Target",
    "TargetQuerySet",
    "Team",
    "TeamQuerySet",
    "TruthCheck",
    "TruthDraw",
    "TruthFlag",
    "TruthLook",
    "Visit",
    "VisitQuerySet",
    "VisitUpload",
    "VisitVersion",
    "Voice",
    "team_areas",
]
