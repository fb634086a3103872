"""Who may do what with people, units and rights."""

from django.utils import timezone

from organisation.choices import (
    ADMINISTRATORS,
    LIGHT_ROLES,
    ROSTER_KEEPERS,
    ROSTER_READERS,
    SECOND_FACTOR_ROLES,
    UNIT_ROLES,
    Role,
)
from organisation.models import Area, Grant, Unit, User
from organisation.scope import scope_of


def takes_part(user: User) -> bool:
    """参与专项行动的人（三类管理员除外）"""
    return scope_of(user).takes_part


### The roster and the units


def reads_roster(user: User) -> bool:
    """作风办、组织部、单位联络员、单位班子成员、系统管理员、安全管理员"""
    return scope_of(user).has(*ROSTER_READERS)


def keeps_roster(user: User) -> bool:
    """作风办、单位联络员"""
    return scope_of(user).has(*ROSTER_KEEPERS)


def keeps_units(user: User) -> bool:
    """作风办"""
    return scope_of(user).has(Role.OFFICE)


def keeps_people_of(user: User, unit: Unit) -> bool:
    """Whether the person keeps the roster of this unit. Reads ``unit.area``."""
    return scope_of(user).covers_unit(unit, *ROSTER_KEEPERS)


def keeps_person(user: User, person: User) -> bool:
    """Whether the person keeps the roster that the other stands in. Reads ``person.unit.area``."""
    return person.unit is not None and keeps_people_of(user, person.unit)


def can_correct(user: User, person: User) -> bool:
    """Besides keeping the other's roster: nobody corrects an administrator."""
    return keeps_person(user, person) and ADMINISTRATORS.isdisjoint(roles_given(person))


def can_post(user: User, person: User) -> bool:
    """Whether the keeper may move, change and retire the other.

    Who leads, reviews or rules, now or to come, only the office; an administrator nobody,
    before that right is taken back.
    """
    if person.pk == user.pk or person.unit is None:
        return False
    given = roles_given(person)
    if not ADMINISTRATORS.isdisjoint(given):
        return False
    keepers = ROSTER_KEEPERS if given <= LIGHT_ROLES else {Role.OFFICE}
    return scope_of(user).covers_unit(person.unit, *keepers)


def can_reinstate(user: User, person: User) -> bool:
    """Whether the keeper may take back the other, who holds no more than a cadre's right.

    A new password comes with it: nobody gets at an account of more weight that way.
    """
    if person.pk == user.pk or not keeps_person(user, person):
        return False
    return roles_given(person) <= {Role.CADRE}


def keeps_area(user: User, area: Area) -> bool:
    """Whether the person keeps the units of this area."""
    return scope_of(user).covers_area(area, Role.OFFICE)


def keeps_unit(user: User, unit: Unit) -> bool:
    """Whether the person may rename, move and close this unit. Reads ``unit.area``."""
    return keeps_area(user, unit.area)


def sees_business(user: User) -> bool:
    """作风办、组织部、单位联络员、单位班子成员"""
    return scope_of(user).has(*(ROSTER_READERS - ADMINISTRATORS))


### Accounts


def keeps_accounts(user: User) -> bool:
    """系统管理员、安全管理员、作风办、单位联络员"""
    return scope_of(user).has(Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, *ROSTER_KEEPERS)


def can_manage_account(user: User, person: User) -> bool:
    """The system administrator of the person's unit; nobody for himself."""
    return _reaches(user, person, Role.SYSTEM_ADMIN)


def can_reset_password(user: User, person: User) -> bool:
    """Besides, the keeper of the roster for people who are nothing but cadres."""
    if can_manage_account(user, person):
        return True
    only_cadre = roles_given(person) <= {Role.CADRE}
    return only_cadre and _reaches(user, person, *ROSTER_KEEPERS)


def can_reset_second_factor(user: User, person: User) -> bool:
    """The security administrator for those whose acts weigh most, else the system administrator.

    Who resets their password is somebody else, so that nobody takes such an account over alone.
    """
    weighs_most = not SECOND_FACTOR_ROLES.isdisjoint(roles_given(person))
    return _reaches(user, person, Role.SECURITY_ADMIN if weighs_most else Role.SYSTEM_ADMIN)


def roles_given(person: User) -> set[str]:
    """Roles of today and of days to come, whether the account is switched on or not."""
    given = Grant.objects.filter(user=person, revoked_at=None)
    return set(given.exclude(until__lt=timezone.localdate()).values_list("role", flat=True))


def _reaches(user: User, person: User, *roles: str) -> bool:
    """Whether the other is somebody else, posted under such a grant."""
    if person.pk == user.pk or person.unit is None:
        return False
    return scope_of(user).covers_unit(person.unit, *roles)


def keeps_policy(user: User) -> bool:
    """安全管理员"""
    return scope_of(user).has(Role.SECURITY_ADMIN)


def reads_audit(user: User) -> bool:
    """审计管理员"""
    return scope_of(user).has(Role.AUDIT_ADMIN)


def still_reads_audit(user: User, job: object) -> bool:
    """Whether the person may still fetch an export of the trail."""
    return reads_audit(user)


### Rights


def gives_rights(user: User) -> bool:
    """安全管理员、作风办"""
    return scope_of(user).has(Role.SECURITY_ADMIN, Role.OFFICE)


def can_grant(user: User, role: str, *, unit: Unit | None = None, area: Area | None = None) -> bool:
    """Whether the person may give or take back this role over this unit or area.

    The security administrator every role, the office those held over a unit; both only
    inside their own scope. Reads ``unit.area``.
    """
    givers = (Role.SECURITY_ADMIN, *([Role.OFFICE] if role in UNIT_ROLES else []))
    scope = scope_of(user)
    if unit is not None:
        return scope.covers_unit(unit, *givers)
    return area is not None and scope.covers_area(area, *givers)


def can_give_to(user: User, person: User) -> bool:
    """Whether the other stands in the giver's scope and is somebody else."""
    return _reaches(user, person, Role.SECURITY_ADMIN, Role.OFFICE)


def finds_a_role_for(user: User, person: User) -> bool:
    """Whether a role is left that the giver may give: the office has none for administrators."""
    if not can_give_to(user, person):
        return False
    return _reaches(user, person, Role.SECURITY_ADMIN) or ADMINISTRATORS.isdisjoint(
        roles_given(person)
    )


def can_revoke(user: User, grant: Grant) -> bool:
    """Whether the person may take this right back: whoever may give it, from another."""
    own = grant.user_id == user.pk
    return not own and can_grant(user, grant.role, unit=grant.unit, area=grant.area)
