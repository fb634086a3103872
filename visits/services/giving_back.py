"""What people who left a team had been given or had taken waits for others again."""

from collections.abc import Collection

from campaign.models import Campaign
from visits.models import Target, TargetQuerySet
from visits.queries.split import given_but_uncovered, taken_but_uncovered

KEYS_AT_ONCE = 900  # SQLite takes 999 parameters


def release_uncovered(campaign: Campaign, people: Collection[int]) -> None:
    """Of these people what no team of theirs covers any more; part of the act that changed it."""
    keys = sorted(people)
    for start in range(0, len(keys), KEYS_AT_ONCE):
        some = keys[start : start + KEYS_AT_ONCE]
        given, taken = given_but_uncovered(campaign, some), taken_but_uncovered(campaign, some)
        if _held(given, taken):
            given.update(assignee=None)
            taken.update(taken_by=None, taken_until=None)


def _held(*found: TargetQuerySet) -> list[int]:
    """Their keys, held in the order in which everybody takes targets."""
    keys = sorted({key for rows in found for key in rows.order_by().values_list("pk", flat=True)})
    for start in range(0, len(keys), KEYS_AT_ONCE):
        rows = Target.objects.filter(pk__in=keys[start : start + KEYS_AT_ONCE]).order_by("pk")
        list(rows.select_for_update(no_key=True).values_list("pk"))
    return keys
