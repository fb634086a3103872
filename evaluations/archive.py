"""What stays of the ratings when a campaign is archived, and what goes.

Rounds and their counters name nobody, and stay; the codes go. The totals say nothing that
``evaluations.queries`` does not show: turnout in steps, no rate of a round with a group
withheld, and none over several rounds, from which a withheld one could be worked out.
"""

from collections.abc import Iterator

from django.db.models import BigIntegerField, Count, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from campaign.archiving import Drop, Figure, Measure, Part
from campaign.models import Campaign
from core.models import Job
from evaluations.choices import RoundState
from evaluations.models import READERS, Code, Round
from evaluations.queries import results_by_round, turnout_by_round
from evaluations.services import PRINT_JOB

MEASURES = (
    Measure("evaluations/rounds", "结束的评议", READERS, table=True, is_rate=True),
    Measure("evaluations/turnout", "评议参与（约数）", READERS, is_rate=True),
    Measure("evaluations/satisfied", "满意率", READERS, is_rate=True),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """Rounds of all and of each unit; turnout and satisfaction of each round."""
    rounds = Round.objects.filter(campaign=campaign)
    yield from _numbers(rounds)
    ratings = list(rounds.filter(state=RoundState.CLOSED))
    results, turnouts = results_by_round(ratings), turnout_by_round(ratings)
    for rating in ratings:
        rows = turnouts[rating.pk]
        about, printed = sum(row.used_about for row in rows), sum(row.printed for row in rows)
        unit, title = rating.unit_id, rating.title
        yield Figure("evaluations/turnout", about, printed, unit, title)
        result = results.get(rating.pk)
        if result and (rate := result.satisfied):
            yield Figure("evaluations/satisfied", rate.part, rate.whole, unit, title)


def drops(campaign: Campaign) -> Iterator[Drop]:
    rounds = Round.objects.filter(campaign=campaign)
    codes = Code.objects.filter(round_group__round__in=rounds)
    yield Drop("评议码", codes)
    yield Drop("", _jobs_of(rounds), files="file")


def obstacles(campaign: Campaign) -> Iterator[str]:
    running = Round.objects.filter(campaign=campaign, state=RoundState.OPEN).count()
    if running:
        yield f"还有 {running} 轮评议正在进行，请先结束评议。"


PART = Part(MEASURES, figures, drops, obstacles)


def _numbers(rounds: QuerySet[Round]) -> Iterator[Figure]:
    closed = Count("pk", filter=Q(state=RoundState.CLOSED))
    yield Figure("evaluations/rounds", **rounds.aggregate(n=closed, d=Count("pk")))
    by_unit = rounds.order_by().values_list("unit").annotate(n=closed, d=Count("pk"))
    for unit, n, d in by_unit:
        yield Figure("evaluations/rounds", n, d, unit)


def _jobs_of(rounds: QuerySet[Round]) -> QuerySet[Job]:
    """The printing of these rounds' codes: it names who asked for them."""
    jobs = Job.objects.filter(kind=PRINT_JOB)
    of_round = jobs.annotate(round=Cast(KT("arguments__round"), BigIntegerField()))
    return of_round.filter(round__in=rounds.values("pk"))
