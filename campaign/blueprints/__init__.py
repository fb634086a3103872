"""What a campaign can be made from: the two drives of the seeds, and an empty one.

Plain data in the words of the seeds (domain §1); a campaign copies it and may change all of it.
"""

from campaign.blueprints.empty import EMPTY
from campaign.blueprints.plan import Entry, Plan, StagePlan, TaskPlan, TermList, problem_list
from campaign.blueprints.three_visits import TEN_ILLS, THREE_VISITS
from campaign.blueprints.yamen import YAMEN
from campaign.choices import Blueprint

__all__ = [
    "PLANS",
    "TEN_ILLS",
    "Entry",
    "Plan",
    "StagePlan",
    "TaskPlan",
    "TermList",
    "problem_list",
]

PLANS: dict[str, Plan] = {
    Blueprint.THREE_VISITS: THREE_VISITS,
    Blueprint.YAMEN: YAMEN,
    Blueprint.EMPTY: EMPTY,
}
