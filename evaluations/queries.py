"""Reads on rating rounds: the only door to codes and tallies, for pages and other apps."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from campaign.models import StageTask
from evaluations import scoring
from evaluations.choices import Dimension, RaterGroup, RoundState
from evaluations.models import Code, Round, RoundGroup, Tally
from evaluations.scoring import GroupCounts, RoundResult
from organisation.choices import Role
from organisation.models import Unit, User
from organisation.scope import scope_of

GROUP_ORDER = list(RaterGroup.values)


@dataclass(frozen=True)
class Turnout:
    """A group's codes: how many were printed, and roughly how many came back."""

    group: RoundGroup
    printed: int
    used_about: int


def results(rating: Round) -> RoundResult | None:
    """The round's result; None until it is closed, for whoever asks."""
    return results_by_round([rating]).get(rating.pk)


def results_by_round(ratings: Sequence[Round]) -> dict[int, RoundResult]:
    """Results of the closed ones among the rounds, by id; one query for all of them."""
    closed = {rating.pk: rating for rating in ratings if rating.state == RoundState.CLOSED}
    rows = Tally.objects.filter(round_group__round__in=closed).values_list(
        "round_group__round_id", "round_group__group", "round_group__weight",
        "dimension", "grade", "count",
    )  # fmt: skip
    found: dict[int, dict[tuple[str, int], dict[str, dict[int, int]]]] = {pk: {} for pk in closed}
    for pk, group, weight, dimension, grade, count in rows:
        counts = found[pk].setdefault((group, weight), {name: {} for name in Dimension.values})
        counts[dimension][grade] = count
    return {
        pk: scoring.results_of(_in_order(groups), minimum=closed[pk].minimum)
        for pk, groups in found.items()
    }


def _in_order(groups: dict[tuple[str, int], dict[str, dict[int, int]]]) -> list[GroupCounts]:
    found = [GroupCounts(group, weight, counts) for (group, weight), counts in groups.items()]
    return sorted(found, key=lambda group: GROUP_ORDER.index(group.group))


def turnout(rating: Round) -> list[Turnout]:
    """Per group, in steps of five, so that nobody sees one single ballot arrive; one query."""
    return turnout_by_round([rating])[rating.pk]


def turnout_by_round(ratings: Sequence[Round]) -> dict[int, list[Turnout]]:
    """The same of each round, by id; one query for all of them."""
    groups = RoundGroup.objects.filter(round__in=ratings).annotate(
        printed=Count("codes"), used=Count("codes", filter=Q(codes__used=True))
    )
    found: dict[int, list[Turnout]] = {rating.pk: [] for rating in ratings}
    for group in sorted(groups, key=lambda each: GROUP_ORDER.index(each.group)):
        row = Turnout(group, group.printed, scoring.about(group.used))
        found[group.round_id].append(row)
    return found


def code_by_hash(digest: str) -> Code | None:
    """The code with its group, round and unit; one look-up by primary key, found or not."""
    codes = Code.objects.select_related("round_group__round__unit")
    return codes.filter(pk=digest).first()


def ratable_units(user: User) -> QuerySet[Unit]:
    """The units in the scope of the person's office grants."""
    return Unit.objects.filter(scope_of(user).units((Role.OFFICE,), ""))


def units_rated(task: StageTask) -> set[int]:
    """Units of which a round of the campaign has closed."""
    closed = Round.objects.filter(campaign=task.stage.campaign, state=RoundState.CLOSED)
    return set(closed.values_list("unit", flat=True))
