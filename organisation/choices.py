"""Choices of the organisation."""

from django.db.models import TextChoices


class AreaLevel(TextChoices):
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"
    TOWNSHIP = "township", "乡镇（街道）"
    VILLAGE = "village", "村（社区）"
    GRID = "grid", "网格"


class UnitKind(TextChoices):
    COMMITTEE = "committee", "党委政府"
    DEPARTMENT = "department", "部门单位"
    TOWNSHIP = "township", "乡镇（街道）"


class Role(TextChoices):
    """Who may do what; every right is a grant of one of these (design §4)."""

    CADRE = "cadre", "干部"
    LIAISON = "liaison", "联络员"
    UNIT_HEAD = "unit_head", "单位主要负责人"
    DEPUTY = "deputy", "班子成员"
    OFFICE = "office", "作风办"
    ORGANISATION = "organisation", "组织部"
    DISCIPLINE = "discipline", "纪委监委"
    LEADER = "leader", "领导"
    SYSTEM_ADMIN = "system_admin", "系统管理员"
    SECURITY_ADMIN = "security_admin", "安全管理员"
    AUDIT_ADMIN = "audit_admin", "审计管理员"


ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
UNIT_LEADERS = frozenset({Role.UNIT_HEAD, Role.DEPUTY})
