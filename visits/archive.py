"""What stays of the visits when a campaign is archived, and what goes.

The counters of areas (``CoverageCount``, ``CoverageDay``) name nobody, and stay as they are.
"""

from collections.abc import Iterator

from django.db.models import BigIntegerField, Count, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from campaign.archive import named, summed
from campaign.archiving import Drop, Figure, Measure, Part
from campaign.models import Campaign
from core.models import Job
from organisation.choices import Role
from visits.choices import AppealState, Outcome, TargetKind
from visits.models import (
    Appeal,
    Freeze,
    FrozenCount,
    RegisterChange,
    RegisterUpload,
    Target,
    Team,
    Visit,
)
from visits.queries import whole_coverage
from visits.services.upload import APPLY, CHECK

READERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE, Role.LEADER)
MEASURES = (
    Measure("visits/coverage", "走访覆盖", READERS, is_rate=True),
    Measure("visits/visits", "走访", READERS, table=True),
    Measure("visits/appeals", "诉求答复", READERS, table=True, is_rate=True),
    Measure("visits/appeal_states", "诉求", READERS),
    Measure("visits/teams", "服务队", READERS),
    Measure("visits/members", "服务队队员", READERS),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """Coverage of the whole register; visits by the unit of who made them."""
    whole = whole_coverage(campaign)
    yield Figure("visits/coverage", whole.total.covered, whole.total.registered)
    for kind, each in whole.by_kind.items():
        part = TargetKind(kind).label
        yield Figure("visits/coverage", each.covered, each.registered, part=part)
    yield from _visits(campaign)
    yield from _appeals(campaign)
    teams = Team.objects.filter(campaign=campaign)
    yield Figure("visits/teams", teams.count())
    yield Figure("visits/members", teams.aggregate(n=Count("members", distinct=True))["n"])


def drops(campaign: Campaign) -> Iterator[Drop]:
    """Everything that names a visitor or a visited person, and the register itself."""
    visits = Visit.objects.filter(target__campaign=campaign)
    teams = Team.objects.filter(campaign=campaign)
    uploads = RegisterUpload.objects.filter(campaign=campaign)
    yield Drop("登记册变更", RegisterChange.objects.filter(campaign=campaign))
    yield Drop("", FrozenCount.objects.filter(freeze__campaign=campaign))
    yield Drop("分母核定记录", Freeze.objects.filter(campaign=campaign))
    yield Drop("诉求", Appeal.objects.filter(visit__target__campaign=campaign))
    yield Drop("走访记录", visits)
    yield Drop(
        "走访对象，含户主姓名、电话、住址",
        Target.objects.filter(campaign=campaign),
    )
    yield Drop("", Team.members.through.objects.filter(team__in=teams))
    yield Drop("", Team.areas.through.objects.filter(team__in=teams))
    yield Drop("服务队和队员名单", teams)
    yield Drop("", _jobs_of(uploads), files="file")
    yield Drop("登记册的上传和检查结果", uploads, files="file")


PART = Part(MEASURES, figures, drops)


def _visits(campaign: Campaign) -> Iterator[Figure]:
    rows = Visit.objects.filter(target__campaign=campaign).order_by()
    found = rows.values_list("author__unit", "outcome").annotate(number=Count("pk"))
    yield from summed("visits/visits", named(found, Outcome))


def _appeals(campaign: Campaign) -> Iterator[Figure]:
    rows = Appeal.objects.filter(visit__target__campaign=campaign).order_by()
    found = list(rows.values_list("unit", "state").annotate(number=Count("pk")))
    states = list(summed("visits/appeal_states", named(found, AppealState)))
    yield from states
    answered = [(unit, "", n) for unit, state, n in found if state == AppealState.ANSWERED]
    done = {each.unit: each.n for each in summed("visits/appeals", answered)}
    for each in states:
        if not each.part:
            yield Figure("visits/appeals", done.get(each.unit, 0), each.n, each.unit)


def _jobs_of(uploads: QuerySet[RegisterUpload]) -> QuerySet[Job]:
    """The checks and imports of these uploads: they hold the names of those who asked."""
    jobs = Job.objects.filter(kind__in=[CHECK, APPLY])
    of_upload = jobs.annotate(upload=Cast(KT("arguments__upload_id"), BigIntegerField()))
    return of_upload.filter(upload__in=uploads.values("pk"))
