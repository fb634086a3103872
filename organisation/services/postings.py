"""Writes on postings: begun, moved, corrected; what was stays as history."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from core import audit
from organisation import rules
from organisation.choices import ADMINISTRATORS, LIGHT_ROLES, UNIT_ROLES, Role, Tier
from organisation.models import Grant, Posting, Unit, User
from organisation.services.grants import give, hold_person, holds_administration, take_back
from organisation.services.refused import Refused, some
from organisation.services.sessions import end_sessions

POWERS = ("approves", "enforces", "allocates")


@dataclass(frozen=True)
class Office:
    """What a posting says, whoever holds it."""

    unit: Unit
    position: str
    tier: str
    powers: frozenset[str]


@audit.atomic
def post(
    *,
    user: User,
    unit: Unit,
    position: str,
    since: date,
    tier: Tier = Tier.ORDINARY,
    powers: Collection[str] = (),
    actor: User | None = None,
) -> Posting:
    """Begin a posting, audited. ``powers``: of approves, enforces, allocates. Raises Refused."""
    held = hold_person(user)
    check_keeper(actor, held, unit)
    check_weight(actor, held, unit)
    check_day(since, "任职")
    clash = Posting.objects.filter(Q(until=None) | Q(until__gte=since), user=held)
    if other := clash.select_related("unit").order_by("since").first():
        raise Refused(f"{in_office(held, other)}，与 {since} 起的新任职重叠。")
    office = Office(unit, position, tier, frozenset(powers))
    return _begin(held, office, since, actor, keep_on=user)


@audit.atomic
def move_person(
    *,
    user: User,
    unit: Unit,
    position: str,
    tier: Tier,
    powers: Collection[str],
    on: date,
    actor: User | None,
) -> Posting:
    """Post the person to another unit from that day, audited. Raises Refused.

    The open posting ends the day before; one that began on that very day is corrected in
    place. Rights held over the old unit and below are taken back, a cadre's right over the
    new one is given (to nobody who administers), and the person's sessions end.
    """
    held, old = open_posting(user)
    check_not_oneself(actor, held, "调动")
    check_keeper(actor, held, old.unit)
    check_keeper(actor, held, unit)
    check_weight(actor, held, old.unit)
    if unit.pk == old.unit_id:
        raise Refused(f"{held.name}已在{unit.name}任职。只改职务的，请用「修改任职」。")
    office = Office(unit, position, tier, frozenset(powers))
    posting = _succeed(held, old, office, on, actor, keep_on=user)
    over_old = Q(unit__path__under=old.unit.path, role__in=UNIT_ROLES)
    take_back(Grant.objects.filter(over_old, user=held), by=actor)
    today = timezone.localdate()
    holds_new = Grant.objects.current(today).filter(user=held, unit=unit, role=Role.CADRE)
    if not holds_administration(held, today) and not holds_new.exists():
        give(user=held, role=Role.CADRE, since=today, unit=unit, by=actor)
    end_sessions(user=held, actor=actor)
    return posting


@audit.atomic
def change_posting(
    *,
    user: User,
    position: str,
    tier: Tier,
    powers: Collection[str],
    on: date,
    actor: User | None,
) -> Posting:
    """Another position, tier or powers in the same unit from that day, audited.

    What was before stays as a posting of its own; one that began on that very day is
    corrected in place. Raises Refused.
    """
    held, old = open_posting(user)
    check_not_oneself(actor, held, "修改任职")
    check_keeper(actor, held, old.unit)
    check_weight(actor, held, old.unit)
    office = Office(old.unit, position, tier, frozenset(powers))
    if office == _office_of(old):
        raise Refused(f"{held.name}的职务、人员类别和权力没有变动。")
    return _succeed(held, old, office, on, actor, keep_on=user)


def open_posting(user: User) -> tuple[User, Posting]:
    """The person, held, and the posting that the caller saw open."""
    held = hold_person(user)
    postings = Posting.objects.select_related("unit__area").filter(user=held, until=None)
    old = postings.first()
    if old is None:
        raise Refused(f"{held.name}现在没有任职，请先登记任职。")
    if user.unit_id != held.unit_id:
        raise Refused(f"{held.name}刚刚调到了{old.unit.name}。请刷新页面查看后再操作。")
    return held, old


def _office_of(posting: Posting) -> Office:
    powers = frozenset(name for name in POWERS if getattr(posting, name))
    return Office(posting.unit, posting.position, posting.tier, powers)


def _succeed(
    user: User, old: Posting, office: Office, on: date, actor: User | None, *, keep_on: User
) -> Posting:
    """Let one posting follow another; on the day it began, the old one is corrected."""
    check_day(on, "变动")
    if on < old.since:
        raise Refused(f"{in_office(user, old)}，变动日期 {on} 不能早于这一天。")
    if on > old.since:
        end(user, old, on - timedelta(days=1))
        return _begin(user, office, on, actor, keep_on=keep_on)
    _check_office(user, office)
    Posting.objects.filter(pk=old.pk).update(**_columns(office))
    _stand_in(user, office.unit, keep_on)
    before, after = _written(_office_of(old)), _written(office)
    changed = {key: [before[key], after[key]] for key in after if before[key] != after[key]}
    act = "organisation.correct_posting"
    audit.record(actor=actor, act=act, subject=old, to=user.pk, **changed)
    return Posting.objects.select_related("unit__area").get(pk=old.pk)


def _begin(
    user: User, office: Office, since: date, actor: User | None, *, keep_on: User
) -> Posting:
    _check_office(user, office)
    posting = Posting.objects.create(user=user, since=since, **_columns(office))
    _stand_in(user, office.unit, keep_on)
    detail = _written(office) | {"since": str(since)}
    audit.record(actor=actor, act="organisation.post", subject=posting, to=user.pk, **detail)
    return posting


def _columns(office: Office) -> dict[str, object]:
    powers = {name: name in office.powers for name in POWERS}
    return {"unit": office.unit, "position": office.position, "tier": office.tier} | powers


def _written(office: Office) -> dict[str, object]:
    """For the audit trail: JSON values only."""
    return {
        "unit": office.unit.pk,
        "position": office.position,
        "tier": str(office.tier),
        "powers": sorted(office.powers),
    }


def end(user: User, posting: Posting, on: date) -> None:
    """By a conditional write: whoever came first has ended it."""
    if Posting.objects.filter(pk=posting.pk, until=None).update(until=on) != 1:
        raise Refused(f"{user.name}的任职刚刚有变动。请刷新页面查看后再操作。")


def _stand_in(user: User, unit: Unit, keep_on: User) -> None:
    """Repeat the posting's unit on the person, and on the object that the caller holds."""
    User.objects.filter(pk=user.pk).update(unit=unit)
    user.unit = keep_on.unit = unit


def _check_office(user: User, office: Office) -> None:
    """Whether it can be held; its unit is held against closing until the act is done."""
    unit = Unit.objects.select_for_update(no_key=True).filter(pk=office.unit.pk).first()
    if unit is None:
        raise Refused("没有这个单位，可能已被更改。请刷新页面后再选。")
    if unit.closed_on:
        raise Refused(f"{unit.name}已于 {unit.closed_on} 撤销，不能再任职。请另选单位。")
    if unknown := office.powers - set(POWERS):
        raise Refused(f"不认识的权力：{some(sorted(unknown))}。")
    if office.powers and office.tier == Tier.ORDINARY:
        raise Refused(
            f"{user.name}有审批权、执法权或资金分配权，不能列为普通党员干部。请改为关键岗位干部。"
        )


def check_keeper(actor: User | None, user: User, unit: Unit | None) -> None:
    if actor is None:
        return
    if unit is None or not rules.keeps_people_of(actor, unit):
        where = unit.name if unit else "没有单位的人员"
        raise Refused(f"{where}不在您负责的范围内，不能办理{user.name}的变动。")


def check_not_administrator(actor: User | None, user: User) -> None:
    if actor is None:
        return
    if kept := rules.roles_given(user) & ADMINISTRATORS:
        roles = some(role.label for role in Role if role in kept)
        raise Refused(f"{user.name}是{roles}，请先请安全管理员收回这项权限，再来办理。")


def check_weight(actor: User | None, user: User, unit: Unit) -> None:
    """Who leads, reviews or rules is posted by the office of that unit alone."""
    check_not_administrator(actor, user)
    if actor is None or rules.keeps_unit(actor, unit):
        return
    if weighty := rules.roles_given(user) - LIGHT_ROLES:
        roles = some(role.label for role in Role if role in weighty)
        raise Refused(f"{user.name}是{roles}，任职、调动和离任由作风办办理，请联系作风办。")


def check_not_oneself(actor: User | None, user: User, act: str) -> None:
    if actor is not None and actor.pk == user.pk:
        raise Refused(f"不能给自己办理{act}，请其他联络员或作风办办理。")


def check_day(on: date, what: str) -> None:
    if on > timezone.localdate():
        raise Refused(f"{what}日期 {on} 还没有到，请填今天或以前的日期。")


def in_office(user: User, posting: Posting) -> str:
    until = f"至 {posting.until}" if posting.until else "至今"
    return f"{user.name}自 {posting.since} {until}任{posting.unit.name}{posting.position}"
