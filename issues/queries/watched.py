"""What the tasks of a stage watch: whose problem lists are there (docs/decisions/013)."""

from campaign.choices import Audience
from campaign.models import StageTask
from campaign.queries.people import crew_of
from issues.choices import Level
from issues.models import Issue
from issues.queries.lists import authors_with_a_list, listed_by_unit


def people_with_a_list(task: StageTask) -> set[int]:
    """Who has handed in at least one problem of their own."""
    return authors_with_a_list(task.stage.campaign)


def units_of_listed_people(task: StageTask) -> set[int]:
    """Units of whose people the asked share has a list; one without people has none to show."""
    crew = crew_of(task.stage.campaign)
    having = listed_by_unit(task.stage.campaign, crew)
    return {
        unit
        for unit, count in having.items()
        if count * 100 >= crew.expected(Audience.CADRES, unit) * task.threshold
    }


def units_with_a_filed_list(task: StageTask) -> set[int]:
    """Units with a problem of the unit itself that the office has filed."""
    filed = Issue.objects.filter(campaign=task.stage.campaign, level=Level.UNIT).filed()
    return set(filed.values_list("unit", flat=True))
