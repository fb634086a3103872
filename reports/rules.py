"""Who may read what spans the apps."""

from organisation.choices import Role
from organisation.models import User
from organisation.scope import scope_of

PROGRESS_READERS = (Role.LEADER, Role.OFFICE, Role.ORGANISATION, Role.DISCIPLINE)


def reads_status(user: User) -> bool:
    """系统管理员"""
    return scope_of(user).has(Role.SYSTEM_ADMIN)


def can_read_progress(user: User) -> bool:
    """领导、作风办、组织部、纪委监委（按区划授权）"""
    return scope_of(user).reaches_areas(PROGRESS_READERS)
