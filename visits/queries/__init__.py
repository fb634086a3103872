"""Reads on the register, the teams and the visits."""

from visits.queries.coverage import (
    AreaCoverage,
    coverage_of,
    covered,
    team_coverage,
)
from visits.queries.register import (
    gazetteer_for,
    own_uploads,
    registered_entries,
    villages_to_register,
)
from visits.queries.shown import Shown, shown_to
from visits.queries.teams import areas_to_cover, people_to_enlist, team_rows, teams_to_show
from visits.queries.to_visit import (
    WayAround,
    as_last_time,
    team_targets,
    villages_given,
    villages_left,
    way_around,
)
from visits.queries.versions import versions_of

__all__ = [
    "AreaCoverage",
    "Shown",
    "WayAround",
    "areas_to_cover",
    "as_last_time",
    "coverage_of",
    "covered",
    "gazetteer_for",
    "own_uploads",
    "people_to_enlist",
    "registered_entries",
    "shown_to",
    "team_coverage",
    "team_rows",
    "team_targets",
    "teams_to_show",
    "versions_of",
    "villages_given",
    "villages_left",
    "villages_to_register",
    "way_around",
]
