"""Giving rights and taking them back."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from core import audit
from organisation import rules
from organisation.choices import ADMINISTRATORS, UNIT_ROLES, Role
from organisation.models import Area, Grant, Unit, User
from organisation.services.refused import Refused
from organisation.services.sessions import end_sessions

EXCLUSION = "三类管理员之间、管理员与业务角色之间不能兼任。请先收回原有权限。"


@audit.atomic
def grant(
    *,
    user: User,
    role: Role,
    since: date,
    until: date | None = None,
    unit: Unit | None = None,
    area: Area | None = None,
    granted_by: User | None = None,
) -> Grant:
    """Give a role over a subtree of units or of areas, audited. Raises Refused.

    Without a giver nobody's scope is asked: the installation's own commands do so.
    """
    held = hold_person(user)
    role = Role(role)
    _check_place(role, unit, area)
    if granted_by is not None:
        _check_giver(granted_by, held, role, unit, area)
    return give(user=held, role=role, since=since, until=until, unit=unit, area=area, by=granted_by)


def give(
    *,
    user: User,
    role: Role,
    since: date,
    until: date | None = None,
    unit: Unit | None = None,
    area: Area | None = None,
    by: User | None,
) -> Grant:
    """Write the right of a person who is held, audited; for the services of this app."""
    _check_dates(since, until)
    _check_exclusion(user, role, since, until)
    places = {"user": user, "role": role, "unit": unit, "area": area}
    if _in_time(Grant.objects.filter(**places), since, until).exists():
        raise Refused(f"{user.name}已有{(unit or area)}的{role.label}权限，不用重复授权。")
    made = Grant.objects.create(**places, since=since, until=until, granted_by=by)
    audit.record(
        actor=by,
        act="organisation.grant",
        subject=made,
        to=user.pk,
        role=role,
        unit=unit.pk if unit else None,
        area=area.pk if area else None,
        since=str(since),
        until=str(until) if until else None,
    )
    return made


@audit.atomic
def revoke(*, grant: Grant, actor: User | None) -> Grant:
    """Take a right back: it ends at once, and so do the person's sessions; audited.

    Raises Refused.
    """
    held = hold_person(grant.user)
    now = Grant.objects.select_related("unit__area", "area").get(pk=grant.pk)
    if actor is not None and now.user_id == actor.pk:
        raise Refused("不能收回自己的权限，请由另一名安全管理员或作风办办理。")
    if actor is not None and not rules.can_revoke(actor, now):
        raise Refused(f"{now.unit or now.area}的{now.get_role_display()}权限不由您收回。")
    if now.revoked_at or (now.until and now.until < timezone.localdate()):
        raise Refused(f"{held.name}的这项{now.get_role_display()}权限已经结束，不用再收回。")
    take_back(Grant.objects.filter(pk=now.pk), by=actor)
    end_sessions(user=held, actor=actor)
    now.refresh_from_db()
    return now


def take_back(grants: QuerySet[Grant], *, by: User | None) -> int:
    """End those of the rights that have not ended yet, each audited; how many those were.

    For the services of this app: sessions are the caller's.
    """
    open_still = Q(until=None) | Q(until__gte=timezone.localdate())
    ending = list(grants.filter(open_still, revoked_at=None).order_by("pk"))
    Grant.objects.filter(pk__in=[each.pk for each in ending], revoked_at=None).update(
        revoked_at=timezone.now(), revoked_by=by
    )
    for each in ending:
        audit.record(
            actor=by, act="organisation.revoke", subject=each, to=each.user_id, role=each.role
        )
    return len(ending)


def hold_person(user: User) -> User:
    """The person as he stands now, kept from others until the act is done."""
    held = User.objects.select_for_update(no_key=True).filter(pk=user.pk).first()
    if held is None:
        raise Refused("没有这个人，可能已被更改。请刷新页面后再操作。")
    return held


def holds_administration(user: User, since: date, until: date | None = None) -> bool:
    """Whether the person is one of the three administrators at any time of that span."""
    roles = Grant.objects.filter(user=user, role__in=ADMINISTRATORS)
    return _in_time(roles, since, until).exists()


def _check_place(role: Role, unit: Unit | None, area: Area | None) -> None:
    if role in UNIT_ROLES and (unit is None or area is not None):
        raise Refused(f"{role.label}的权限要落在一个单位上，请选择单位，不选区划。")
    if role not in UNIT_ROLES and (area is None or unit is not None):
        raise Refused(f"{role.label}的权限要落在一个区划上，请选择区划，不选单位。")
    if unit is not None and unit.closed_on:
        raise Refused(f"{unit.name}已于 {unit.closed_on} 撤销，不能再授权。")


def _check_giver(giver: User, user: User, role: Role, unit: Unit | None, area: Area | None) -> None:
    if giver.pk == user.pk:
        raise Refused("不能给自己授权，请由另一名安全管理员或作风办办理。")
    if not rules.can_give_to(giver, user):
        raise Refused(f"{user.name}不在您负责的范围内，不能授权。")
    if not rules.can_grant(giver, role, unit=unit, area=area):
        raise Refused(f"您不能授予{unit or area}的{role.label}权限：超出您负责的范围或权限。")
    if not user.is_active:
        raise Refused(f"{user.name}的账号已停用，请先启用再授权。")


def _check_dates(since: date, until: date | None) -> None:
    if until and until < since:
        raise Refused(f"权限的截止日期 {until} 早于开始日期 {since}，请改正。")


def _check_exclusion(user: User, role: Role, since: date, until: date | None) -> None:
    """The sentence before the database's own refusal, which holds whatever this overlooks."""
    clashing = Grant.objects.filter(user=user).exclude(role=role)
    if role not in ADMINISTRATORS:
        clashing = clashing.filter(role__in=ADMINISTRATORS)
    other = _in_time(clashing, since, until).order_by("pk").first()
    if other:
        raise Refused(
            f"{user.name}已是{other.get_role_display()}（自 {other.since} 起），"
            f"不能再任{role.label}：{EXCLUSION}"
        )


def _in_time(grants: QuerySet[Grant], since: date, until: date | None) -> QuerySet[Grant]:
    """Those not taken back that hold on some day of the span."""
    found = grants.filter(Q(until=None) | Q(until__gte=since), revoked_at=None)
    return found.filter(since__lte=until) if until else found
