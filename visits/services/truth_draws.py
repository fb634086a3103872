"""Draws of visits for call-backs, and what the visited people say. Neither counts anywhere."""

import secrets
from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import require_open
from core import audit, sampling
from organisation.models import Area, User
from visits.appeal_way import Refused
from visits.choices import CheckResult
from visits.models import TruthCheck, TruthDraw, TruthFlag, TruthLook, Visit
from visits.rules import checks_visit, draws_visits_of

FLAGGED_TIMES = 5  # a flagged or late visit is so many times as likely to be drawn, at most surely
POPULATION_AT_MOST = 20_000  # the keys are kept with the draw, so that anybody can repeat it
DRAWN_AT_MOST = 1_000  # calls; more than an office makes in a campaign
CHECKS_AT_ONCE = 90
NOT_YOURS_TO_DRAW = "走访核实由组织部在自己的区域内抽取。"
NOT_YOURS_TO_CHECK = "走访由别的组织部人员核实：走访人本人、代录人和同一支服务队的人不能核实。"
NOBODY = "这个范围里没有还没核实过的走访。请换个区域或日期。"
TOO_WIDE = f"这个范围超过 {POPULATION_AT_MOST:,} 次走访，请缩小区域或日期。"
TOO_MANY = f"会抽中超过 {DRAWN_AT_MOST:,} 次，请降低比例或缩小范围。"
CHECKED_MEANWHILE = "这次走访刚刚已经有了核实结果，您的没有保存。请看过再定。"
SAY_WHY = "不符的，请写明哪里不符、群众怎么说的。"


@audit.atomic
def draw_visits(
    *,
    campaign: Campaign,
    area: Area,
    first_day: date,
    last_day: date,
    percent: int,
    token: UUID,
    actor: User,
) -> TruthDraw:
    """Draw from the visits of the area in these days that no draw has taken yet.

    Flagged ones and late ones have ``FLAGGED_TIMES`` the share. The seed is made here and kept,
    so nobody chooses it and anybody can repeat the draw. A token that was used is that draw.
    Raises PermissionDenied, Refused; audited.
    """
    drawn = TruthDraw.objects.filter(token=token).first()
    if drawn:
        return _own_repeat(drawn, actor)
    if not draws_visits_of(actor, area):
        raise PermissionDenied(NOT_YOURS_TO_DRAW)
    _hold_draws(campaign)
    drawn = TruthDraw.objects.filter(token=token).first()
    if drawn:
        return _own_repeat(drawn, actor)
    visits = _to_draw(campaign, area, first_day, last_day)
    every = set(visits.values_list("pk", flat=True)[: POPULATION_AT_MOST + 1])
    if not 0 < len(every) <= POPULATION_AT_MOST:
        raise Refused(TOO_WIDE if every else NOBODY)
    flagged = sorted(_flagged(visits))
    keys = sorted(every - set(flagged))
    seed, more = secrets.token_hex(16), min(100, percent * FLAGGED_TIMES)
    chosen = drawn_again(seed, keys, percent, flagged, more)
    if len(chosen) > DRAWN_AT_MOST:
        raise Refused(TOO_MANY)
    made = TruthDraw.objects.create(
        token=token,
        campaign=campaign,
        area=area,
        first_day=first_day,
        last_day=last_day,
        drawn_by=actor,
        seed=seed,
        percent=percent,
        flagged_percent=more,
        population=keys,
        flagged=flagged,
        drawn=chosen,
    )
    _open_checks(made)
    audit.record(
        actor=actor,
        act="visits.draw_visits",
        subject=made,
        seed=seed,
        percent=percent,
        of=len(keys) + len(flagged),
        drawn=len(chosen),
    )
    return made


def drawn_again(
    seed: str, population: list[int], percent: int, flagged: list[int], more: int
) -> list[int]:
    """What the seed draws: of the flagged the larger share, of the others the smaller."""
    chosen = sampling.draw(seed, population, percent) if population else []
    return sorted([*chosen, *(sampling.draw(seed, flagged, more) if flagged else [])])


@audit.atomic
def record_check(
    *, check: TruthCheck, actor: User, result: CheckResult, note: str, seen: int
) -> TruthCheck:
    """Keep what the visited person says; whoever was not reached may be asked again.

    Never by the author, by who entered the visit, or by somebody of a team of theirs. ``seen`` is
    how often somebody had asked; the same sent twice is kept once.
    Raises PermissionDenied, Refused.
    """
    require_open(check.draw.campaign_id)
    if not checks_visit(actor, check):
        raise PermissionDenied(NOT_YOURS_TO_CHECK)
    if result == CheckResult.FALSE and not note.strip():
        raise Refused(SAY_WHY)
    said = {"result": result, "note": note.strip(), "recorded_by": actor}
    open_one = TruthCheck.objects.filter(
        pk=check.pk, tries=seen, result__in=["", CheckResult.UNREACHABLE]
    )
    if open_one.update(recorded_at=timezone.now(), tries=seen + 1, **said):
        audit.record(actor=actor, act="visits.record_check", subject=check, number=seen + 1)
    check.refresh_from_db()
    if check.tries != seen + 1 or any(
        getattr(check, name) != value for name, value in said.items()
    ):
        raise Refused(CHECKED_MEANWHILE)
    return check


def _hold_draws(campaign: Campaign) -> None:
    """One draw of a campaign at a time, or two would draw the same visits; no visit waits.

    Raises PermissionDenied for an archived campaign.
    """
    require_open(campaign.pk)
    TruthLook.objects.get_or_create(campaign=campaign)
    TruthLook.objects.select_for_update(no_key=True).get(campaign=campaign)


def _own_repeat(drawn: TruthDraw, actor: User) -> TruthDraw:
    if drawn.drawn_by_id != actor.pk:
        raise PermissionDenied(NOT_YOURS_TO_DRAW)
    return drawn


def _to_draw(campaign: Campaign, area: Area, first: date, last: date) -> QuerySet[Visit]:
    visits = Visit.objects.filter(
        target__campaign=campaign,
        target__area__path__under=area.path,
        visited_on__range=(first, last),
    )
    return visits.exclude(pk__in=TruthCheck.objects.values("visit"))


def _flagged(visits: QuerySet[Visit]) -> set[int]:
    """The keys of those with a hint, and of those entered late, which all say why."""
    links = TruthFlag.visits.through.objects.filter(visit__in=visits.order_by().values("pk"))
    late = visits.order_by().exclude(late_reason="")
    return {*links.values_list("visit", flat=True), *late.values_list("pk", flat=True)}


def _open_checks(made: TruthDraw) -> None:
    flagged = set(made.flagged)
    authors: dict[int, int] = {}
    for start in range(0, len(made.drawn), CHECKS_AT_ONCE):
        some = made.drawn[start : start + CHECKS_AT_ONCE]
        authors |= dict(Visit.objects.filter(pk__in=some).values_list("pk", "author"))
    checks = [
        TruthCheck(draw=made, visit_id=key, author_id=authors[key], is_flagged=key in flagged)
        for key in made.drawn
    ]
    TruthCheck.objects.bulk_create(checks, batch_size=CHECKS_AT_ONCE)
