"""Reads on campaigns."""

from campaign.queries.access import done_visible_to, latest_campaign, spoken_for, units_in
from campaign.queries.archived import (
    Line,
    Loss,
    jobs_under_way,
    lines_by_group,
    losses_of,
    obstacles_to_archiving,
    table_measures,
    totals_of_units,
    totals_visible_to,
    units_with_totals,
)
from campaign.queries.campaigns import (
    decisions_on,
    decisions_on_units,
    running_campaigns,
    stage_on,
    stages_of,
)
from campaign.queries.gate import Gate, gate_of
from campaign.queries.people import Crew, crew_of, units_with_a_head
from campaign.queries.progress import (
    Overview,
    TaskLine,
    UnitLine,
    overview_of,
    own_lines,
)
from campaign.queries.waiting import TaskToDo, tasks_waiting_for

__all__ = [
    "Crew",
    "Gate",
    "Line",
    "Loss",
    "Overview",
    "TaskLine",
    "TaskToDo",
    "UnitLine",
    "crew_of",
    "decisions_on",
    "decisions_on_units",
    "done_visible_to",
    "gate_of",
    "jobs_under_way",
    "latest_campaign",
    "lines_by_group",
    "losses_of",
    "obstacles_to_archiving",
    "overview_of",
    "own_lines",
    "running_campaigns",
    "spoken_for",
    "stage_on",
    "stages_of",
    "table_measures",
    "tasks_waiting_for",
    "totals_of_units",
    "totals_visible_to",
    "units_in",
    "units_with_a_head",
    "units_with_totals",
]
