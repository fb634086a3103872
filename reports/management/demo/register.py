"""The demo's register, teams and visits."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from random import Random
from typing import Any
from uuid import UUID

from django.utils import timezone

from campaign.models import Campaign
from organisation.choices import AreaLevel
from organisation.models import Area, User
from reports.management.demo import names, words
from reports.management.demo.people import Cast
from visits.choices import (
    AT_ONCE,
    OUTCOMES_OF,
    EnterpriseStatus,
    Handling,
    Matter,
    Outcome,
    Size,
    TargetKind,
    TeamSource,
    Way,
)
from visits.models import Target
from visits.services import AppealDraft, add_targets, create_team, record_visit

APPEALS = (
    ("村东头排水沟淤堵，雨天积水进院，盼望清理。", Handling.OWN_UNIT, Matter.SANITATION),
    ("低保申请交了材料，不知道办到哪一步。", Handling.DISPATCH, Matter.WELFARE),
    ("门口路灯坏了一个月，晚上出行不方便。", Handling.OWN_UNIT, Matter.ROADS),
    ("想申请农机购置补贴，不清楚要哪些材料。", Handling.ANSWERED, Matter.POLICY),
    ("自来水水压低，早晚用水高峰上不来水。", Handling.HOTLINE, Matter.UTILITIES),
    ("企业用工缺口 20 人，希望帮助发布招工信息。", Handling.DISPATCH, Matter.LABOUR),
)
MATTERS = {content: matter for content, _, matter in APPEALS}
ON_THE_SPOT = "当场讲清了要带身份证、购机发票和银行卡，到镇便民服务中心三号窗口办。"
COPIED = 3  # doors of which one of the visitors wrote the same: what a hint is for
OFTEN = [Outcome.EFFECTIVE] * 16 + [Outcome.ABSENT] * 2


def build_register(
    campaign: Campaign, cast: Cast, random: Random, households: int, enterprises: int
) -> None:
    """Every village of the city, and households and enterprises, half of them in one county."""
    villages = list(
        Area.objects.filter(level=AreaLevel.VILLAGE).select_related("parent").order_by("code")
    )
    inside = [village for village in villages if village.is_under(cast.county.path)]
    outside = [village for village in villages if not village.is_under(cast.county.path)]
    targets = [
        Target(
            campaign=campaign,
            kind=TargetKind.VILLAGE,
            code=village.code,
            name=village.name,
            area=village,
        )
        for village in villages
    ]
    targets += _households(campaign, _spread(inside, outside, households), random)
    targets += _enterprises(campaign, _spread(inside, outside, enterprises), random)
    add_targets(campaign=campaign, targets=targets, actor=cast.office)


def _spread(inside: list[Area], outside: list[Area], number: int) -> Iterator[Area]:
    """``number`` villages: half from the county in turn, half thinly over the others."""
    half = number // 2
    yield from islice(cycle(inside), number - half)
    step = max(1, len(outside) // half) if half else 1
    yield from islice(cycle(outside[::step]), half)


def _households(campaign: Campaign, places: Iterator[Area], random: Random) -> Iterator[Target]:
    numbers: dict[int, int] = {}
    for village in places:
        number = numbers[village.pk] = numbers.get(village.pk, 0) + 1
        yield Target(
            campaign=campaign,
            kind=TargetKind.HOUSEHOLD,
            code=f"{village.code}{number:04d}",
            name=names.person(random),
            area=village,
            address=f"{random.randint(1, 9)}组{random.randint(1, 120)}号",
            phone=f"200{random.randint(0, 9999):04d}",  # without its area it reaches nobody
            members=random.randint(1, 6),
        )


def _enterprises(campaign: Campaign, places: Iterator[Area], random: Random) -> Iterator[Target]:
    codes: set[str] = set()
    for village in places:
        name, industrial = names.company(random, village.parent.name if village.parent else "")
        large = random.random() < 0.15
        code = names.credit_code(random, village.code[:6])
        if code in codes:
            continue
        codes.add(code)
        yield Target(
            campaign=campaign,
            kind=TargetKind.ENTERPRISE,
            code=code,
            name=name,
            area=village,
            address=f"{village.name}工业路{random.randint(1, 200)}号",
            above_scale=large,
            industrial=industrial,
            size=random.choice([Size.MEDIUM, Size.LARGE] if large else [Size.SMALL, Size.MICRO]),
            status=EnterpriseStatus.NORMAL,
        )


def build_teams(campaign: Campaign, cast: Cast) -> list[User]:
    """One team a cadre: the first covers two villages, the others a share of the townships."""
    townships = list(
        Area.objects.filter(level=AreaLevel.TOWNSHIP).under(cast.county).order_by("code")
    )
    first_villages = list(townships[0].children.order_by("code")[:2])
    visitors = [cadre for cadres in cast.cadres.values() for cadre in cadres]
    sources = cycle([TeamSource.DEPARTMENT, TeamSource.POSTED, TeamSource.GRID])
    for number, (visitor, source) in enumerate(zip(visitors, sources, strict=False)):
        areas = first_villages if number == 0 else townships[1:][number - 1 :: len(visitors) - 1]
        if areas:
            create_team(
                campaign=campaign,
                name=f"民情书记服务{number + 1}队",
                areas=areas,
                members={source: [visitor]},
            )
    return visitors


def build_visits(campaign: Campaign, visitors: list[User], random: Random, today: date) -> int:
    """Visit about six in ten of what each team has to do; returns how many visits.

    They are recorded in the order of their days, as they would have been. The last visitor wrote
    the same at some doors; of all others no two were told the same.
    """
    told: set[str] = set()
    planned = [
        _plan(target, visitor, random, today, told)
        for visitor in visitors
        for target in Target.objects.assigned_to(visitor).select_related("area").order_by("id")
        if random.random() < 0.6
    ]
    if planned:
        _copy([visit for visit in planned if visit["author"] == planned[-1]["author"]])
    for visit in sorted(planned, key=lambda visit: visit["received_at"]):
        record_visit(**visit)
    return len(planned)


def _copy(visits: list[dict[str, Any]]) -> None:
    """One home's words stand for some of the next."""
    homes = [each for each in visits if each["heard"] and _is_home(each)]
    for each in homes[1:COPIED]:
        each["heard"] = homes[0]["heard"]


def _is_home(visit: dict[str, Any]) -> bool:
    """Of a household, and not at a meeting, where several may be told the same."""
    return visit["target"].kind == TargetKind.HOUSEHOLD and visit["way"] != Way.MEETING


def _plan(
    target: Target, visitor: User, random: Random, today: date, told: set[str]
) -> dict[str, Any]:
    """One visit as ``record_visit`` takes it; ``told`` is what others were told before."""
    day = today - timedelta(days=random.randint(1, 30))
    outcome = random.choice([*OFTEN, *OUTCOMES_OF[TargetKind(target.kind)][2:]])
    met = outcome == Outcome.EFFECTIVE
    content, handling, _ = random.choice(APPEALS)
    answer = ON_THE_SPOT if handling in AT_ONCE else ""
    draft = AppealDraft(content, handling, answer=answer)
    token = UUID(int=random.getrandbits(128), version=4)
    return {
        "token": token,
        "target": target,
        "author": visitor,
        "visited_on": day,
        "way": random.choice(list(Way)),
        "outcome": outcome,
        "heard": _heard(target, random.randrange(words.THEMES), token, told) if met else "",
        "appeals": [draft] if met and random.random() < 0.12 else [],
        "received_at": timezone.make_aware(datetime.combine(day, time(17, random.randint(0, 59)))),
    }


def _heard(target: Target, theme: int, token: UUID, told: set[str]) -> str:
    own = Random(token.int)  # noqa: S311 -- a demo, not a secret
    return words.heard(TargetKind(target.kind), theme, own, told)
