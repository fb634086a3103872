"""What the tasks of a stage watch: whose problem lists are there (docs/decisions/013)."""

from collections import Counter

from campaign.choices import Audience
from campaign.models import StageTask
from campaign.queries.people import crew_of, present_people
from issues.choices import NOT_HANDED_IN, Level
from issues.models import Issue


def people_with_a_list(task: StageTask) -> set[int]:
    """Who has handed in at least one problem of their own."""
    handed_in = Issue.objects.filter(campaign=task.stage.campaign, level=Level.PERSONAL)
    return set(handed_in.exclude(state__in=NOT_HANDED_IN).values_list("author", flat=True))


def units_of_listed_people(task: StageTask) -> set[int]:
    """Units of whose people the asked share has a list; one without people has none to show."""
    crew = crew_of(task.stage.campaign)
    listed = people_with_a_list(task)
    having: Counter[int] = Counter()
    posted = present_people().filter(unit__area__path__under=task.stage.campaign.area.path)
    for user, path in posted.values_list("user", "unit__path").iterator():
        unit = crew.unit_of(path)
        if unit and user in listed:
            having[unit] += 1
    return {
        unit
        for unit, count in having.items()
        if count * 100 >= crew.expected(Audience.CADRES, unit) * task.threshold
    }


def units_with_a_filed_list(task: StageTask) -> set[int]:
    """Units with a problem of the unit itself that the office has filed."""
    filed = Issue.objects.filter(campaign=task.stage.campaign, level=Level.UNIT).filed()
    return set(filed.values_list("unit", flat=True))
