"""Writes on people: enrolled, corrected, retired, taken back."""

from collections.abc import Collection
from datetime import date

from django.db.models import Value
from django.db.models.functions import Lower
from django.utils import timezone

from core import audit
from organisation import rules
from organisation.choices import Role, Tier
from organisation.models import Grant, Unit, User
from organisation.services.accounts import enable_account, reset_password
from organisation.services.grants import give, hold_person, take_back
from organisation.services.postings import (
    check_day,
    check_keeper,
    check_not_administrator,
    check_not_oneself,
    check_weight,
    end,
    in_office,
    open_posting,
    post,
)
from organisation.services.refused import Refused, some
from organisation.services.sessions import end_sessions


@audit.atomic
def create_user(
    *,
    username: str,
    name: str,
    password: str = "",
    password_hash: str = "",
    initial: bool = False,
    phone: str = "",
    actor: User | None = None,
) -> User:
    """Create a person who can sign in, with a password or a hash made before; audited.

    ``initial``: the password has to be changed at the first sign-in. Raises Refused.
    """
    if User.objects.alias(small=Lower("username")).filter(small=Lower(Value(username))).exists():
        raise Refused(f"登录名「{username}」已有人使用（不分大小写），请换一个。")
    user = User(username=username, name=name, password=password_hash)
    user.phone, user.password_is_initial = phone, initial
    if password:
        user.set_password(password)
    user.password_set_at = timezone.now() if user.password else None
    user.save()
    audit.record(actor=actor, act="organisation.create_user", subject=user, username=username)
    return user


@audit.atomic
def enrol(
    *,
    username: str,
    name: str,
    unit: Unit,
    position: str,
    since: date,
    tier: Tier = Tier.ORDINARY,
    powers: Collection[str] = (),
    password: str = "",
    password_hash: str = "",
    phone: str = "",
    actor: User | None,
) -> User:
    """A new person of a unit: the account with an initial password, the posting, the cadre's right.

    Raises Refused.
    """
    user = create_user(
        username=username,
        name=name,
        password=password,
        password_hash=password_hash,
        initial=True,
        phone=phone,
        actor=actor,
    )
    post(
        user=user,
        unit=unit,
        position=position,
        since=since,
        tier=tier,
        powers=powers,
        actor=actor,
    )
    give(user=user, role=Role.CADRE, since=timezone.localdate(), unit=unit, by=actor)
    return user


@audit.atomic
def reinstate(
    *,
    user: User,
    unit: Unit,
    position: str,
    tier: Tier,
    powers: Collection[str],
    on: date,
    actor: User | None,
) -> str:
    """Take back somebody who has left: posting, cadre's right, account; audited.

    Returns the new initial password, this once. Earlier rights stay taken back. Who still
    holds more than a cadre's right is refused, since his account would come with the
    password. Raises Refused.
    """
    held = hold_person(user)
    check_not_oneself(actor, held, "返岗")
    check_keeper(actor, held, held.unit)
    if weighty := rules.roles_given(held) - {Role.CADRE}:
        roles = some(role.label for role in Role if role in weighty)
        raise Refused(f"{held.name}还有{roles}的权限，请先请安全管理员收回，再办返岗。")
    post(
        user=user,
        unit=unit,
        position=position,
        since=on,
        tier=tier,
        powers=powers,
        actor=actor,
    )
    today = timezone.localdate()
    rights = Grant.objects.current(today).filter(user=held, unit=unit, role=Role.CADRE)
    if not rights.exists():
        give(user=held, role=Role.CADRE, since=today, unit=unit, by=actor)
    enable_account(user=user, actor=actor)
    password = reset_password(user=user, actor=actor)
    audit.record(actor=actor, act="organisation.reinstate", subject=held, on=str(on))
    return password


@audit.atomic
def correct_person(*, user: User, name: str, actor: User | None, phone: str | None = None) -> User:
    """Write the person's own data, audited with what was before. Raises Refused."""
    held = hold_person(user)
    check_keeper(actor, held, held.unit)
    check_not_administrator(actor, held)
    if not name.strip():
        raise Refused("请填写姓名。")
    changed: dict[str, object] = {}
    if held.name != name:
        changed["name"] = [held.name, name]
        held.name = name
    if phone is not None and held.phone.open() != phone:
        changed["phone"] = True  # that it changed, never the number itself
        held.phone = phone
    if changed:
        held.save(update_fields=sorted(changed))
        audit.record(actor=actor, act="organisation.correct_person", subject=held, **changed)
    return held


@audit.atomic
def retire(*, user: User, on: date, actor: User | None) -> User:
    """End the posting on that day, every right and every session at once; audited.

    The account is disabled; what the person did stays. Raises Refused.
    """
    held, old = open_posting(user)
    check_not_oneself(actor, held, "离任")
    check_keeper(actor, held, old.unit)
    check_weight(actor, held, old.unit)
    check_day(on, "离任")
    if on < old.since:
        raise Refused(f"{in_office(held, old)}，离任日期 {on} 不能早于这一天。")
    end(held, old, on)
    take_back(Grant.objects.filter(user=held), by=actor)
    User.objects.filter(pk=held.pk).update(is_active=False)
    user.is_active = held.is_active = False
    end_sessions(user=held, actor=actor)
    audit.record(actor=actor, act="organisation.retire", subject=held, on=str(on), posting=old.pk)
    return held
