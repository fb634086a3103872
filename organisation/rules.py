"""Who may do what with people, units and rights."""

from organisation.models import User
from organisation.scope import scope_of


def takes_part(user: User) -> bool:
    """参与专项行动的人（三类管理员除外）"""
    return scope_of(user).takes_part
