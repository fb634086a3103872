"""What people who left a team had been given waits for others again."""

from collections.abc import Collection

from campaign.models import Campaign
from visits.queries.split import given_but_uncovered

KEYS_AT_ONCE = 900  # SQLite takes 999 parameters


def release_uncovered(campaign: Campaign, people: Collection[int]) -> int:
    """Of these people what no team of theirs covers any more; part of the act that changed it."""
    keys, number = sorted(people), 0
    for start in range(0, len(keys), KEYS_AT_ONCE):
        rows = given_but_uncovered(campaign, keys[start : start + KEYS_AT_ONCE])
        held = rows.order_by("pk").select_for_update(of=("self",), no_key=True)
        some = list(held.values_list("pk", flat=True))  # in the order everybody takes targets
        number += rows.update(assignee=None) if some else 0
    return number
