"""The demo's rating rounds: one finished, one under way."""

from random import Random
from uuid import UUID

from campaign.models import Campaign
from evaluations.choices import Dimension, Grade, RaterGroup
from evaluations.services import (
    add_codes,
    cast_ballot,
    close_round,
    create_round,
    new_codes,
    open_round,
)
from organisation.models import Unit
from reports.management.demo.people import Cast

BALLOTS = {RaterGroup.SUPERIOR: 7, RaterGroup.PEER: 12, RaterGroup.SERVED: 46}
MOODS = ([Grade.VERY_GOOD] * 6 + [Grade.GOOD] * 9 + [Grade.FAIR] * 4 + [Grade.POOR] * 2) + [
    Grade.VERY_POOR,
    Grade.UNKNOWN,
]


def build_ratings(campaign: Campaign, cast: Cast, random: Random) -> None:
    """A finished round on the first unit, an open one on the second."""
    _rate(campaign, cast, cast.departments[0], random, closed=True)
    _rate(campaign, cast, cast.departments[1], random, closed=False)


def _rate(campaign: Campaign, cast: Cast, unit: Unit, random: Random, *, closed: bool) -> None:
    rating = create_round(campaign=campaign, unit=unit, title="第一轮评议", actor=cast.office)
    codes = {}
    for group in rating.groups.all():
        batch = UUID(int=random.getrandbits(128), version=4)
        codes[group.group] = new_codes(BALLOTS[RaterGroup(group.group)])
        add_codes(group=group, batch=batch, codes=codes[group.group])
    open_round(rating=rating, actor=cast.office)
    for name, number in BALLOTS.items():
        cast_number = number if closed else number // 2
        for code in codes[name][:cast_number]:
            grades = {dimension: random.choice(MOODS) for dimension in Dimension}
            cast_ballot(typed=code, grades=grades)
    if closed:
        close_round(rating=rating, actor=cast.office)
