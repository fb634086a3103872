"""What stays of the visits when a campaign is archived, and what goes.

The counters of areas (``CoverageCount``, ``CoverageDay``) name nobody, and stay as they are.
What is kept is read by outsiders too: what is withheld from them is kept for nobody.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.db.models import BigIntegerField, CharField, Count, F, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse

from campaign.archive import named, summed
from campaign.archiving import Drop, Figure, Measure, Part
from campaign.models import Campaign
from core.models import Job, Notice, Reminder
from organisation.choices import Role
from visits.appeal_rates import rates_of
from visits.choices import NOT_RATED, TO_ANSWER, AppealState, Outcome, TargetKind
from visits.coverage import TOTAL, fewest, withheld
from visits.models import (
    AnswerSeed,
    Appeal,
    AppealEvent,
    AppealExtension,
    AppealPause,
    CallBack,
    CallBackLink,
    ColumnChoice,
    Freeze,
    FrozenCount,
    HotlineUpload,
    Membership,
    RegisterChange,
    RegisterUpload,
    Target,
    Team,
    TruthCheck,
    TruthDraw,
    TruthFlag,
    TruthLook,
    Visit,
    VisitUpload,
    VisitVersion,
    Voice,
)
from visits.queries.appeals import counts_of
from visits.queries.picture import whole_for_all
from visits.services.hotline import APPLY_HOTLINE, CHECK_HOTLINE
from visits.services.paper import APPLY_PAPER, CHECK_PAPER
from visits.services.upload import APPLY, CHECK

READERS = (Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE, Role.LEADER)
MEASURES = (
    Measure("visits/coverage", "走访覆盖", READERS, is_rate=True),
    Measure("visits/visits", "走访", READERS, table=True),
    Measure("visits/appeals", "诉求答复", READERS, table=True, is_rate=True),
    Measure("visits/appeal_states", "诉求", READERS),
    Measure("visits/settled", "当场答复中已抽查回访", READERS, is_rate=True),
    Measure("visits/appeal_rates", "诉求办理情况", READERS, is_rate=True),
    Measure("visits/teams", "服务队", READERS),
    Measure("visits/members", "服务队队员", READERS),
)


def figures(campaign: Campaign) -> Iterator[Figure]:
    """Coverage of the whole register; visits by the unit of who made them."""
    cells = whole_for_all(campaign).cells
    for key, part in {TOTAL: "", **dict(TargetKind.choices)}.items():
        if each := cells[key]:
            yield Figure("visits/coverage", each.covered, each.registered, part=str(part))
    yield from _visits(campaign)
    yield from _appeals(campaign)
    teams = Team.objects.filter(campaign=campaign)
    yield Figure("visits/teams", teams.count())
    yield Figure("visits/members", teams.aggregate(n=Count("members", distinct=True))["n"])


def drops(campaign: Campaign) -> Iterator[Drop]:
    """Everything that names a visitor or a visited person, and the register itself."""
    yield Drop("登记册变更", RegisterChange.objects.filter(campaign=campaign))
    yield Drop("", FrozenCount.objects.filter(freeze__campaign=campaign))
    yield Drop("分母核定记录", Freeze.objects.filter(campaign=campaign))
    yield from _dropped_appeals(campaign)
    yield from _dropped_visits(campaign)
    yield Drop(
        "走访对象，含户主姓名、电话、住址",
        Target.objects.filter(campaign=campaign),
    )
    teams = Team.objects.filter(campaign=campaign)
    yield Drop("", Membership.objects.filter(team__in=teams))
    yield Drop("", Team.areas.through.objects.filter(team__in=teams))
    yield Drop("服务队和队员名单", teams)
    for model, name, kinds in _UPLOADS:
        uploads = model.objects.filter(campaign=campaign)
        yield Drop("", _jobs_of(uploads, *kinds), files="file")
        yield Drop(f"{name}的上传和检查结果", uploads, files="file")
    yield Drop("记住的列对应", ColumnChoice.objects.filter(campaign=campaign))


def _dropped_appeals(campaign: Campaign) -> Iterator[Drop]:
    appeals = Appeal.objects.filter(campaign=campaign)
    before, after = reverse("visits:appeal-detail", args=[0]).split("0")
    parts = Value(before), Cast(F("pk"), CharField()), Value(after)
    addresses = appeals.annotate(address=Concat(*parts)).values("address")
    yield Drop("诉求的消息", Notice.objects.filter(url__in=addresses))
    yield Drop("诉求的到期提醒", Reminder.objects.filter(url__in=addresses))
    yield Drop("", CallBackLink.objects.filter(voice__appeal__in=appeals))
    for model in (CallBack, Voice, AppealEvent, AppealPause, AppealExtension):
        yield Drop(_NAMES.get(model, ""), model.objects.filter(appeal__in=appeals))
    yield Drop("", Appeal.assisting.through.objects.filter(appeal__in=appeals))
    yield Drop("诉求", appeals)
    yield Drop("", AnswerSeed.objects.filter(campaign=campaign))


def _dropped_visits(campaign: Campaign) -> Iterator[Drop]:
    """With the hints about them and what was drawn of them."""
    visits = Visit.objects.filter(target__campaign=campaign)
    flags = TruthFlag.objects.filter(campaign=campaign)
    draws = TruthDraw.objects.filter(campaign=campaign)
    yield Drop("", TruthFlag.visits.through.objects.filter(truthflag__in=flags))
    yield Drop("走访的真实性提示", flags)
    yield Drop("", TruthLook.objects.filter(campaign=campaign))
    yield Drop("走访核实结果", TruthCheck.objects.filter(draw__in=draws))
    yield Drop("走访核实的抽取", draws)
    yield Drop("", VisitVersion.objects.filter(visit__in=visits))
    yield Drop("走访记录", visits)


_UPLOADS: tuple[
    tuple[type[VisitUpload | RegisterUpload | HotlineUpload], str, tuple[str, str]], ...
] = (
    (VisitUpload, "走访补录", (CHECK_PAPER, APPLY_PAPER)),
    (RegisterUpload, "登记册", (CHECK, APPLY)),
    (HotlineUpload, "12345往来", (CHECK_HOTLINE, APPLY_HOTLINE)),
)
_NAMES = {CallBack: "回访记录", AppealEvent: "诉求办理经过"}
PART = Part(MEASURES, figures, drops)


def _visits(campaign: Campaign) -> Iterator[Figure]:
    rows = Visit.objects.filter(target__campaign=campaign).order_by()
    found = rows.values_list("author__unit", "outcome").annotate(number=Count("pk"))
    yield from told_apart(list(summed("visits/visits", named(found, Outcome))))


def told_apart(figures: list[Figure]) -> Iterator[Figure]:
    """Each unit's sum, and its parts where no part is small nor follows from the others.

    How many visits a unit made tells of no household; what came of the only one does.
    """
    parts = defaultdict[int | None, list[int]](list)
    for each in figures:
        if each.part:
            parts[each.unit].append(each.n)
    cells = {unit: {"outcomes": fewest(numbers)} for unit, numbers in parts.items()}
    (above,) = withheld([cells.pop(None, {})])
    below = withheld(list(cells.values()), above)
    hidden = {None: above, **dict(zip(cells, below, strict=True))}
    yield from (each for each in figures if not each.part or not hidden[each.unit])


def _appeals(campaign: Campaign) -> Iterator[Figure]:
    """By the unit that has or had it; what nobody has yet by that of whoever heard it."""
    rows = Appeal.objects.filter(campaign=campaign).order_by()
    owned = rows.values_list(Coalesce("unit", "visit__author__unit"), "state")
    found = list(owned.annotate(number=Count("pk")))
    yield from summed("visits/appeal_states", named(found, AppealState))
    kept = [(unit, state, n) for unit, state, n in found if state not in NOT_RATED]
    whole = summed("visits/appeals", [(unit, "", n) for unit, _, n in kept])
    done = [(unit, "", n) for unit, state, n in kept if state not in TO_ANSWER]
    answered = {each.unit: each.n for each in summed("visits/appeals", done)}
    for each in whole:
        yield Figure("visits/appeals", answered.get(each.unit, 0), each.n, each.unit)
    counts = counts_of(rows)
    yield Figure("visits/settled", counts.settled_asked, counts.settled)
    for rate in rates_of(counts):
        yield Figure("visits/appeal_rates", rate.n, rate.d, part=rate.name)


def _jobs_of(uploads: QuerySet[Any], *kinds: str) -> QuerySet[Job]:
    """The checks and imports of these uploads: they hold the names of those who asked."""
    jobs = Job.objects.filter(kind__in=kinds)
    of_upload = jobs.annotate(upload=Cast(KT("arguments__upload_id"), BigIntegerField()))
    return of_upload.filter(upload__in=uploads.values("pk"))
