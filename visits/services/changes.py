"""What happens to entries of the register: each act with its reason, and the counters with it.

Every act takes the register first, then its entries, then the counters, in one transaction.
``seen`` is the number of the last change that the person knew of (``last_change``): who
decides on an entry that somebody else has changed meanwhile is told so (``Refused``).
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from campaign.models import Campaign
from campaign.services import Refused, require_open
from core import audit
from core.columns import Rejected
from core.phones import parse_phone
from core.workbook import clean_text
from organisation.models import Area, User
from visits.choices import (
    ChangeKind,
    EnterpriseStatus,
    Locality,
    Size,
    TargetKind,
    TargetState,
)
from visits.coverage import state_of
from visits.models import RegisterChange, Target, Visit
from visits.queries.denominator import last_change, visits_of
from visits.register.codes import check_household_code, holds_identity, resembles_identity
from visits.register.fields import MAX_MEMBERS
from visits.register.rows import NO_IDENTITY
from visits.rules import keeps
from visits.services.counters import Class, class_of, hold, shift_counts
from visits.services.register import add_targets, held_freeze, localities_by_area

MEANWHILE = "别人刚刚改动过这个对象。请看看新的情况，再决定要不要改。"
STRUCK = "这个对象已经移出登记册。要改动，请先恢复。"
NOT_STRUCK = "这个对象还在登记册里，不用恢复。"
MERGED = "这个对象已经并入另一个对象，请在那一个的页面上办理。"
NOT_YOURS = "只有作风办和组织部可以改动自己区域的登记册。"
NO_REASON = "请写明原因。"
_PLACE = ("phone", "address")
CORRECTABLE = {
    TargetKind.ENTERPRISE: (
        "name",
        *_PLACE,
        "status",
        "above_scale",
        "industrial",
        "size",
        "locality",
    ),
    TargetKind.VILLAGE: ("address", "locality"),  # its name is that of its area
    TargetKind.HOUSEHOLD: ("name", *_PLACE, "members", "locality"),
}
PERSONAL = frozenset({"name", *_PLACE, "members"})  # a change says only that they were wrong
LONGEST_NAME, LONGEST_ADDRESS = 80, 120


@dataclass(frozen=True)
class NewHousehold:
    """A household that comes of another: what its entry will say."""

    code: str
    name: str
    members: int | None = None
    phone: str = ""
    address: str = ""


@audit.atomic
def join_target(*, campaign: Campaign, target: Target, reason: str, actor: User) -> Target:
    """Register one more entry; after the freeze a change with its reason. Raises Refused."""
    require_open(campaign.pk)
    _require(actor, target.area)
    held_freeze(campaign)
    if Target.objects.filter(campaign=campaign, kind=target.kind, code=target.code).exists():
        raise Refused("登记册里已有这个编号。移出过的对象，请在它的页面上恢复。")
    target.campaign = campaign
    add_targets(campaign=campaign, targets=[target], actor=actor, reason=reason)
    return target


@audit.atomic
def strike_target(*, target: Target, reason: str, actor: User, seen: int) -> RegisterChange:
    """The entry leaves the denominator; its visits stay."""
    (now,) = _taken(actor, seen, target)
    change = _noted(now, ChangeKind.LEAVE, reason, actor, area_from=now.area)
    _strike(now)
    shift_counts(now.campaign, [(class_of(now), now.state, -1)])
    _record(change, "visits.strike")
    return change


@audit.atomic
def restore_target(*, target: Target, reason: str, actor: User, seen: int) -> RegisterChange:
    """The entry counts again, where its own visits have brought it; also one that was merged."""
    (now,) = _taken(actor, seen, target, struck=True)
    change = _noted(now, ChangeKind.RETURN, reason, actor, area_to=now.area)
    state = _state_by(visits_of(now))
    _written(now, {"struck_at": now.struck_at}, struck_at=None, merged_into=None, state=state)
    _latest_visit(now)
    shift_counts(now.campaign, [(class_of(now), state, 1), *_without(now)])
    _record(change, "visits.restore")
    return change


@audit.atomic
def split_household(
    *,
    target: Target,
    into: Sequence[NewHousehold],
    state_stays_with: str,
    reason: str,
    actor: User,
    seen: int,
) -> list[Target]:
    """A household became several: new entries of the same place, which wait for a visit.

    ``state_stays_with`` is the code of the one that the visits so far were to, the old entry
    or a new one: visits and state stay with it.
    """
    (now,) = _taken(actor, seen, target)
    if now.kind != TargetKind.HOUSEHOLD or not into:
        raise Refused("只有群众（户）可以分户，并且至少要分出一户。")
    if state_stays_with not in {now.code, *(each.code for each in into)}:
        raise Refused("请选择走访记录归哪一户。")
    for each in into:
        _require_sound(each)
    entries = [_split_off(now, each) for each in into]
    _require_new_codes(now, entries)
    Target.objects.bulk_create(entries)
    for entry in entries:
        change = _noted(entry, ChangeKind.SPLIT, reason, actor, area_to=now.area, other=now)
        _record(change, "visits.split")
    heir = next((entry for entry in entries if entry.code == state_stays_with), None)
    if heir:
        _hand_over(now, heir)
    place = class_of(now)  # of the same place and kind, so the new ones are of the same class
    shift_counts(now.campaign, [(place, TargetState.PENDING, len(entries))])
    return entries


@audit.atomic
def move_target(*, target: Target, to: Area, reason: str, actor: User, seen: int) -> RegisterChange:
    """The entry belongs to another area from now on, with its visits and its state.

    Whoever had it or had taken it there has it no more.
    """
    (now,) = _taken(actor, seen, target)
    _require(actor, to)
    if now.kind == TargetKind.VILLAGE:
        raise Refused("村居按区划登记，不能迁移。区划调整后请移出旧的、登记新的。")
    if to.pk == now.area_id:
        raise Refused("这个对象本来就登记在这里。")
    if not to.is_under(now.campaign.area.path):
        raise Refused("新的地方不在这次专项行动的区域内。")
    change = _noted(now, ChangeKind.MOVE, reason, actor, area_from=now.area, area_to=to)
    locality = localities_by_area()[to.pk]
    before = class_of(now)
    nobodys = {"assignee": None, "taken_by": None, "taken_until": None}
    _written(now, {"area": now.area}, area=to, locality=locality, **nobodys)
    after = before._replace(area_id=to.pk, locality=locality)
    _exchange(now, before, after)
    _record(change, "visits.move")
    return change


@audit.atomic
def merge_targets(
    *, target: Target, into: Target, reason: str, actor: User, seen: int
) -> RegisterChange:
    """Two entries are one: the first leaves the denominator, the other has the visits of both."""
    require_open(target.campaign_id)
    if target.pk == into.pk or target.kind != into.kind or target.campaign_id != into.campaign_id:
        raise Refused("只能合并同一册里的两个不同对象。")
    gone, stays = _taken(actor, seen, target, into)
    change = _noted(gone, ChangeKind.MERGE, reason, actor, area_from=gone.area, other=stays)
    _strike(gone, merged_into=stays)
    Target.objects.filter(merged_into=gone).update(merged_into=stays)
    _latest_visit(stays)
    shift_counts(gone.campaign, [(class_of(gone), gone.state, -1), *_restated(stays)])
    _record(change, "visits.merge")
    return change


@audit.atomic
def correct_target(
    *, target: Target, corrected: Mapping[str, object], reason: str, actor: User, seen: int
) -> RegisterChange:
    """What the register says of the entry was wrong; ``corrected`` by the columns' names.

    Of what is personal neither the change nor the audit trail holds a value.
    """
    (now,) = _taken(actor, seen, target)
    _require_correctable(now, corrected)
    sound = {name: _sound(name, value) for name, value in corrected.items()}
    was = {name: _plain(now, name) for name in sound}
    wrong = {name: value for name, value in sound.items() if was[name] != value}
    if not wrong:
        raise Refused("没有要更正的内容：填的和登记册里一样。")
    kept = {name: [] if name in PERSONAL else [was[name], wrong[name]] for name in wrong}
    change = _noted(now, ChangeKind.CORRECTION, reason, actor, corrected=kept)
    before = class_of(now)
    # What is encrypted cannot be asked for; the row is held.
    _written(now, {name: was[name] for name in wrong if name not in _PLACE}, **wrong)
    for name, value in wrong.items():
        setattr(now, name, value)
    _exchange(now, before, class_of(now))
    _record(change, "visits.correct", changed=list(wrong))
    return change


def _taken(actor: User, seen: int, *targets: Target, struck: bool = False) -> list[Target]:
    """The entries as they are now, held; in the order in which they were given.

    Raises PermissionDenied for entries of others, Refused for what was changed since ``seen``.
    """
    campaign = targets[0].campaign
    require_open(campaign.pk)
    held_freeze(campaign)
    now = {each.pk: each for each in hold(*(target.pk for target in targets))}
    found = [now[target.pk] for target in targets]
    for each in found:
        each.campaign = campaign
        _require(actor, each.area)
    if last_change(found[0]) != seen:
        raise Refused(MEANWHILE)
    for each in found:
        if bool(each.struck_at) != struck:
            raise Refused(NOT_STRUCK if struck else MERGED if each.merged_into_id else STRUCK)
    return found


def _require(actor: User, area: Area) -> None:
    if not keeps(actor, area):
        raise PermissionDenied(NOT_YOURS)


def _noted(  # type: ignore[no-untyped-def]
    target: Target, kind: ChangeKind, reason: str, actor: User, **more
) -> RegisterChange:
    if not reason.strip():
        raise Refused(NO_REASON)
    return RegisterChange.objects.create(
        campaign=target.campaign,
        freeze=held_freeze(target.campaign),
        kind=kind,
        target=target,
        target_kind=target.kind,
        reason=reason.strip(),
        actor=actor,
        at=timezone.now(),
        **more,
    )


def _record(change: RegisterChange, act: str, **detail: object) -> None:
    audit.record(actor=change.actor, act=act, subject=change, target=change.target_id, **detail)


def _written(target: Target, was: Mapping[str, object], **values: object) -> None:
    """Conditional on what the entry was, whoever may hold it. Raises Refused."""
    same = Target.objects.filter(pk=target.pk, **was)
    if same.update(**values) != 1:
        raise Refused(MEANWHILE)


def _strike(target: Target, **more: object) -> None:
    _written(target, {"struck_at": None}, struck_at=timezone.now(), **more)


def _state_by(visits: Collection[Visit]) -> TargetState:
    return state_of(visit.outcome for visit in visits)


def _restated(target: Target) -> list[tuple[Class, str, int]]:
    """Write the state that all visits to the entry give it; what that shifts."""
    state = _state_by(visits_of(target))
    _written(target, {"state": target.state}, state=state)
    place = class_of(target)
    return [(place, target.state, -1), (place, state, 1)]


def _without(restored: Target) -> list[tuple[Class, str, int]]:
    """What shifts with the entry that has lost the visits of the restored one again."""
    if restored.merged_into_id is None:
        return []
    (stays,) = hold(restored.merged_into_id)
    _latest_visit(stays)
    shifts = _restated(stays)
    return [] if stays.struck_at else shifts


def _latest_visit(target: Target) -> None:
    days = visits_of(target).order_by("-visited_on").values_list("visited_on", flat=True)
    Target.objects.filter(pk=target.pk).update(last_visited_on=days.first())


def _exchange(target: Target, before: Class, after: Class) -> None:
    shift_counts(target.campaign, [(before, target.state, -1), (after, target.state, 1)])


def _split_off(household: Target, new: NewHousehold) -> Target:
    return Target(
        campaign=household.campaign,
        kind=household.kind,
        code=new.code,
        name=new.name,
        area=household.area,
        address=new.address,
        phone=sound_phone(new.phone),
        members=new.members,
        locality=household.locality,
    )


def _require_sound(new: NewHousehold) -> None:
    """Code and name as an import takes them: of the right form, and nobody's identity card."""
    try:
        check_household_code(new.code)
    except Rejected as why:
        raise Refused(f"新户编号{why}。") from why
    if holds_identity(new.code) or any(map(resembles_identity, (new.name, new.address))):
        raise Refused(f"新户的编号、户主或地址{NO_IDENTITY}。")


def _require_new_codes(household: Target, entries: Sequence[Target]) -> None:
    codes = [entry.code for entry in entries]
    same = Target.objects.filter(campaign=household.campaign, kind=household.kind, code__in=codes)
    if len(set(codes)) < len(codes) or same.exists():
        raise Refused("分出的户编号重复，或登记册里已有。请换一个编号。")


def _hand_over(household: Target, heir: Target) -> None:
    """The visits so far were to the heir; the old entry waits for its first."""
    Visit.objects.filter(target=household).update(target=heir)
    Target.objects.filter(merged_into=household).update(merged_into=heir)
    _written(heir, {}, state=household.state, last_visited_on=household.last_visited_on)
    _written(
        household,
        {"state": household.state},
        state=TargetState.PENDING,
        last_visited_on=None,
    )


def _require_correctable(target: Target, corrected: Mapping[str, object]) -> None:
    if not set(corrected) <= set(CORRECTABLE[TargetKind(target.kind)]):
        raise Refused("这一类对象没有这些属性，不能更正。")
    known = {name: ["", *each.values] for name, each in _CHOSEN.items()}
    if any(corrected[name] not in known[name] for name in known.keys() & corrected):
        raise Refused("请从列出的选项中选择。")


_CHOSEN = {"size": Size, "status": EnterpriseStatus, "locality": Locality}


def _plain(target: Target, name: str) -> object:
    value = getattr(target, name)
    return value.open() if name in _PLACE else value


def _sound(name: str, value: object) -> object:
    """The value as an import would take it. Raises Refused."""
    if name == "phone":
        return sound_phone(str(value))
    if name in {"name", "address"}:
        return _sound_text(name, clean_text(str(value)))
    if name == "members" and not (value is None or value in range(MAX_MEMBERS + 1)):
        raise Refused(f"常住人口应为 0 至 {MAX_MEMBERS} 的整数。")
    return value


def _sound_text(name: str, text: str) -> str:
    longest = LONGEST_NAME if name == "name" else LONGEST_ADDRESS
    if name == "name" and not text:
        raise Refused("名称不能为空。")
    if len(text) > longest:
        raise Refused(f"{'名称' if name == 'name' else '地址'}最多 {longest} 个字。")
    if resembles_identity(text):
        raise Refused(f"名称或地址{NO_IDENTITY}。")
    return text


def sound_phone(text: str) -> str:
    """The number as it is kept, empty for none; Refused without quoting it."""
    try:
        return parse_phone(text) if text.strip() else ""
    except ValueError as why:
        raise Refused(f"联系电话{why}。") from why
